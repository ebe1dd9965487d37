/**
 * σ / σ₁ for singular values in descending order, so that it starts at 1; zeros stay zeros.
 *
 * Squares and fourth powers of these neither overflow nor all underflow, whatever the size of the spectrum.
 */
export function normalizedSpectrum(singularValues: Float64Array): Float64Array {
  const largest = singularValues[0] ?? 0;
  return largest === 0 ? singularValues.slice() : singularValues.map((value) => value / largest);
}

/** Σ tᵖ over a spectrum. */
export function powerSum(spectrum: Float64Array, power: number): number {
  return spectrum.reduce((sum, value) => sum + value ** power, 0);
}
