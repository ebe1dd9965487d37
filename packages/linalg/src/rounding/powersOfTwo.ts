import type { FloatArray } from '../matrix/denseMatrix.ts';

/** From the smallest number to beyond the largest one: powers of two of a larger exponent do the same. */
const WHOLE_RANGE = 2200;

/** x 2^exponent for every exponent, rounded only if it leaves the normal numbers. */
export function timesPowerOfTwo(x: number, exponent: number): number {
  if (Math.abs(exponent) > WHOLE_RANGE) return timesPowerOfTwo(x, Math.sign(exponent) * WHOLE_RANGE);
  const step = Math.max(-1000, Math.min(1000, exponent));
  return step === exponent ? x * 2 ** step : timesPowerOfTwo(x * 2 ** step, exponent - step);
}

/** All numbers times 2^exponent, in an array of their own. */
export function allTimesPowerOfTwo(numbers: FloatArray, exponent: number): Float64Array {
  const result = Float64Array.from(numbers);
  if (exponent === 0) return result;
  for (let at = 0; at < result.length; at++) {
    result[at] = timesPowerOfTwo(result[at] as number, exponent);
  }
  return result;
}

/** ⌊log₂|x|⌋, or one off; −∞ for 0. */
export function exponentOf(x: number): number {
  return Math.floor(Math.log2(Math.abs(x)));
}

/** A power of two near a size, so that dividing by it rounds nothing; within the normal numbers, as is its inverse. 1 for 0. */
export function powerOfTwoNear(size: number): number {
  return size === 0 ? 1 : 2 ** Math.max(-1022, Math.min(1022, exponentOf(size)));
}

/** The largest absolute value; 0 of none. */
export function largestSize(numbers: ArrayLike<number>): number {
  let largest = 0;
  for (let at = 0; at < numbers.length; at++) largest = Math.max(largest, Math.abs(numbers[at] as number));
  return largest;
}

/** The root of the sum of squares of numbers of any size: squares neither overflow nor all underflow. */
export function euclideanNorm(numbers: ArrayLike<number>): number {
  const largest = largestSize(numbers);
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  const exponent = exponentOf(largest);
  const safe = Math.abs(exponent) < 400;
  let sum = 0;
  for (let at = 0; at < numbers.length; at++) {
    const x = numbers[at] as number;
    const scaled = safe ? x : timesPowerOfTwo(x, -exponent);
    sum += scaled * scaled;
  }
  return safe ? Math.sqrt(sum) : timesPowerOfTwo(Math.sqrt(sum), exponent);
}
