import { EdjmError, type Metric } from '@edjm/core';
import { normalizedSpectrum, powerSum } from './normalizedSpectrum.ts';

/** Options of {@link schattenNorm}. */
export interface SchattenNormOptions {
  /** The exponent p, 1 or more. Defaults to 4, between the Frobenius norm (2) and the spectral norm (infinity). */
  readonly p?: number | undefined;
}

/**
 * The Schatten norm: (Σ σᵖ)^(1/p). p = 1 is the nuclear norm, p = 2 the Frobenius norm, and p → ∞ the spectral norm.
 *
 * Unit of the output over that of the input; between σ₁ and the nuclear norm, and falling in p; 0 for the zero matrix.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for p below 1 or infinite.
 *
 * Source: Bhatia, "Matrix Analysis", 1997, section IV.2.
 *
 * @example
 * ```ts
 * import { schattenNorm } from '@edjm/metrics';
 *
 * const context = { output: 0, n: 2, dIn: 2 };
 * console.log(schattenNorm({ p: 2 }).compute({ singularValues: Float64Array.of(4, 3) }, context)); // 5
 * ```
 */
export function schattenNorm({ p = 4 }: SchattenNormOptions = {}): Metric<'singularValues'> {
  if (!(p >= 1 && p < Infinity)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected an exponent p of at least 1, got ${p}. For infinity take the spectral norm.`,
    );
  }
  return {
    name: 'schatten-norm',
    description: `Schatten norm: sum of the singular values to the power of ${p}, and its root`,
    reading: {
      formula: '(Σ σᵖ)^(1/p)',
      range: '0 and more, in units of the output over those of the input',
      high: 'the output reacts strongly to the input',
      low: 'the output hardly depends on the input',
      source: 'Bhatia 1997',
    },
    needs: ['singularValues'],
    options: { p },
    compute: ({ singularValues }) =>
      (singularValues[0] ?? 0) * powerSum(normalizedSpectrum(singularValues), p) ** (1 / p),
  };
}
