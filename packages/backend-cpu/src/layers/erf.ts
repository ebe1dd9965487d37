/** Beyond this, 1 − erf(x) is below half a unit in the last place of 1. */
const SATURATION = 6;

/**
 * The error function 2/√π ∫₀ˣ e^{−t²} dt, to a few units in the last place.
 *
 * The series 2/√π e^{−x²} Σₖ 2ᵏ x^{2k+1} / (1·3·…·(2k+1)) has terms of one sign, so nothing cancels
 * (Abramowitz, Stegun 1964, 7.1.6).
 */
export function erf(x: number): number {
  if (Math.abs(x) > SATURATION) return Math.sign(x);
  let term = x;
  let total = x;
  for (let k = 1; Math.abs(term) > (Number.EPSILON * Math.abs(total)) / 2; k++) {
    term *= (2 * x * x) / (2 * k + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}
