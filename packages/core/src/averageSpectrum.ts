/**
 * The normalised spectrum of a network: each output's singular values divided by the largest of them, averaged over the
 * outputs, index by index (Wang et al. 2016, section 3). Outputs whose EDJM is zero are counted as zeros.
 *
 * @param spectra - one list an output, each descending and of the same length.
 * @returns values that start at 1, unless every EDJM is zero.
 *
 * @example
 * ```ts
 * import { averageNormalizedSpectrum } from '@edjm/core';
 *
 * console.log(averageNormalizedSpectrum([Float64Array.of(4, 2), Float64Array.of(1, 1)])); // [1, 0.75]
 * ```
 */
export function averageNormalizedSpectrum(spectra: readonly Float64Array[]): Float64Array {
  const average = new Float64Array(spectra[0]?.length ?? 0);
  for (const values of spectra) {
    const largest = values[0] ?? 0;
    if (largest === 0) continue;
    values.forEach((value, index) => {
      average[index] = (average[index] ?? 0) + value / largest / spectra.length;
    });
  }
  return average;
}
