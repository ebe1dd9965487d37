import { EdjmError } from '../contracts/errors.ts';

/**
 * The normalized spectrum of a network: each output's singular values divided by the largest of them, averaged over the
 * outputs, index by index (Wang et al. 2016, section 3). Outputs whose EDJM is zero are counted as zeros.
 *
 * @param spectra - one list an output, each descending and of the same length.
 * @returns values that start at 1, or at the share of outputs whose EDJM is not zero.
 * @throws EdjmError `SHAPE_MISMATCH` if the lists are not of one length.
 *
 * @example
 * ```ts
 * import { averageNormalizedSpectrum } from '@edjm/core';
 *
 * console.log(averageNormalizedSpectrum([Float64Array.of(4, 2), Float64Array.of(1, 1)])); // Float64Array [ 1, 0.75 ]
 * ```
 */
export function averageNormalizedSpectrum(spectra: readonly Float64Array[]): Float64Array {
  const length = spectra[0]?.length ?? 0;
  const sums = new Float64Array(length);
  for (const values of spectra) {
    if (values.length !== length) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `expected spectra of one length, got ${length} and ${values.length} values. Average the outputs of one analysis.`,
      );
    }
    const largest = values[0] ?? 0;
    if (largest === 0) continue;
    values.forEach((value, index) => {
      sums[index] = (sums[index] as number) + value / largest;
    });
  }
  return sums.map((sum) => sum / spectra.length);
}
