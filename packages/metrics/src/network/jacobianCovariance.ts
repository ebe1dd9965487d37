import { EdjmError, type NetworkMetric } from '@edjm/core';
import { symmetricEigenvalues } from '@edjm/linalg';
import { innerProduct } from './rowSums.ts';

/** Options of {@link jacobianCovariance}. */
export interface JacobianCovarianceOptions {
  /** How many samples are read, the first ones; 2 or more. Defaults to 128. */
  readonly samples?: number | undefined;
  /** k, above 0: added to the eigenvalues. Defaults to 1e-5, as in the paper. */
  readonly stabilizer?: number | undefined;
}

/**
 * The zero-cost score of neural architecture search that is called jacob_cov: how different the gradients of the summed outputs are from sample to sample.
 *
 * −Σ (log(v + k) + 1 / (v + k)) over the eigenvalues v of the correlation matrix of the rows gᵢ = Σ_k ∂f_k(xᵢ)/∂x of a few samples, each centered over its
 * d_in values. Dimensionless, negative; a sample whose gradient is constant has correlations 0 with all others. Depends on the number of samples: compare
 * values of the same number alone.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if an option is out of its range.
 *
 * Source: Mellor et al., "Neural architecture search without training", first version, 2020; Abdelfattah et al., "Zero-cost proxies for lightweight NAS", ICLR 2021.
 *
 * @example
 * ```ts
 * import { jacobianCovariance } from '@edjm/metrics';
 *
 * console.log(jacobianCovariance({ samples: 64 }).options); // { samples: 64, stabilizer: 0.00001 }
 * ```
 */
export function jacobianCovariance(options: JacobianCovarianceOptions = {}): NetworkMetric<'rows'> {
  const { samples = 128, stabilizer = 1e-5 } = options;
  if (!Number.isSafeInteger(samples) || samples < 2) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected 2 or more samples, got ${samples}. Give a whole number.`,
    );
  }
  if (!(stabilizer > 0 && stabilizer < Infinity)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a stabilizer above 0, got ${stabilizer}. Give a small number, such as 1e-5.`,
    );
  }
  return {
    name: 'jacob-cov',
    description: `how different the gradients of the summed outputs are between ${samples} samples`,
    reading: {
      formula: '−Σ (log(v + k) + 1/(v + k)), v the eigenvalues of the correlations of rows',
      range: 'below 0; falls with the number of samples',
      high: 'the network tells the samples apart',
      low: 'the gradients of the samples are alike',
      source: 'Mellor et al. 2020',
    },
    needs: ['rows'],
    options: { samples, stabilizer },
    observe: (_, { dIn }) => {
      const kept: Float64Array[] = [];
      return {
        add: ({ rows }) => {
          for (let sample = 0; sample < (rows[0]?.rows ?? 0) && kept.length < samples; sample++) {
            const sum = new Float64Array(dIn);
            for (const { data } of rows) {
              for (let j = 0; j < dIn; j++) sum[j] = (sum[j] as number) + (data[sample * dIn + j] as number);
            }
            kept.push(standardized(sum));
          }
        },
        value: () => {
          const order = kept.length;
          const data = new Float64Array(order * order);
          for (let at = 0; at < data.length; at++) {
            const [i, j] = [Math.floor(at / order), at % order];
            data[at] = i === j ? 1 : innerProduct(kept[i] as Float64Array, kept[j] as Float64Array);
          }
          const values = symmetricEigenvalues({ rows: order, columns: order, data });
          return -values.reduce((sum, value) => {
            const shifted = Math.max(value, 0) + stabilizer;
            return sum + Math.log(shifted) + 1 / shifted;
          }, 0);
        },
      };
    },
  };
}

/** A row without its mean, of length 1; zeros if it is constant. */
function standardized(row: Float64Array): Float64Array {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  const centered = row.map((value) => value - mean);
  const length = Math.sqrt(innerProduct(centered, centered));
  return length === 0 ? centered : centered.map((value) => value / length);
}
