import type { FloatArray } from './denseMatrix.ts';

/**
 * Whether no value is NaN or infinite, at the speed of a sum: some 1 ns a value.
 *
 * @example
 * ```ts
 * import { allFinite } from '@edjm/linalg';
 *
 * console.log(allFinite(Float32Array.of(1, -2)), allFinite(Float32Array.of(1, NaN))); // true false
 * ```
 */
export function allFinite(values: FloatArray): boolean {
  // 0 · v is NaN if v is not finite, and ±0 otherwise.
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += 0 * (values[at] as number);
  return sum === 0;
}
