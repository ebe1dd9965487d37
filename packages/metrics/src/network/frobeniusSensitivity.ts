import type { NetworkMetric } from '@edjm/core';
import { innerProduct, jacobianAt } from './rowSums.ts';

/**
 * The sensitivity of Novak et al.: the mean over the data of the Frobenius norm of the Jacobian at a sample.
 *
 * (1/n) Σᵢ ‖J(xᵢ)‖_F with J(x) = ∂f(x)/∂x of the analyzed outputs. Unit of the output over that of the input, 0 or more. The paper takes
 * probabilities: analyze with the output kind `'probability'` to compare with it.
 *
 * Source: Novak et al., "Sensitivity and generalization in neural networks: an empirical study", ICLR 2018, section 3.1.
 *
 * @example
 * ```ts
 * import { analyze, type Dataset, type DifferentiableNetwork } from '@edjm/core';
 * import { frobeniusSensitivity } from '@edjm/metrics';
 *
 * export async function sensitivity(network: DifferentiableNetwork, data: Dataset): Promise<number | undefined> {
 *   const { metrics } = await analyze(network, data, { metrics: [frobeniusSensitivity()], outputKind: 'probability' });
 *   return metrics['frobenius-sensitivity']?.value;
 * }
 * ```
 */
export function frobeniusSensitivity(): NetworkMetric<'rows'> {
  return {
    name: 'frobenius-sensitivity',
    description: 'mean Frobenius norm of the Jacobian at a sample',
    reading: {
      formula: '(1/n) Σᵢ ‖J(xᵢ)‖_F',
      range: '0 and more, in units of the output over those of the input',
      high: 'small changes of the input move the outputs far, which goes with worse generalization',
      low: 'the outputs are stable around the data',
      source: 'Novak et al. 2018',
    },
    needs: ['rows'],
    observe: (_, { n }) => {
      let sum = 0;
      return {
        add: ({ rows }) => {
          for (let sample = 0; sample < (rows[0]?.rows ?? 0); sample++) {
            const squares = jacobianAt(rows, sample).map((row) => innerProduct(row, row));
            sum += Math.sqrt(squares.reduce((total, square) => total + square, 0));
          }
        },
        value: () => sum / n,
      };
    },
  };
}
