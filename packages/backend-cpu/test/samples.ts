import { seededRandom, type Tensor, valueCount } from '@edjm/network';

/** Values of a mesh of 0.1 that misses 0, in random order: no two are equal, so no kink of a layer is near. */
export function distinctValues(length: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  const values = Array.from({ length }, (_, i) => ({
    value: (i + 0.25 - length / 2) / 10,
    key: random.uniform(),
  }));
  return Float64Array.from(
    values.sort((a, b) => a.key - b.key),
    ({ value }) => value,
  );
}

/** A weight with normally distributed values. */
export function randomWeight(shape: readonly number[], seed: number): Tensor {
  const random = seededRandom(seed);
  return { shape, data: Float64Array.from({ length: valueCount(shape) }, random.normal) };
}

/** Normally distributed values. */
export function randomVector(length: number, seed: number): Float64Array {
  return Float64Array.from({ length }, seededRandom(seed).normal);
}

/** A weight of the values 1, 2, 3, … or of those given. */
export function weightOf(shape: readonly number[], values?: readonly number[]): Tensor {
  const data = values ?? Array.from({ length: valueCount(shape) }, (_, i) => i + 1);
  return { shape, data: Float32Array.from(data) };
}
