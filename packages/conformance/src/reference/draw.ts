import type { DenseMatrix } from '@edjm/core';
import { dense, heNormal, type Layer, seededRandom, type Tensor } from '@edjm/network';

/** Random values from one seeded stream, float32 where arrays are made. */
export interface Draw {
  readonly normal: () => number;
  readonly vector: (length: number) => Float32Array;
  readonly matrix: (rows: number, columns: number) => DenseMatrix;
  readonly weight: (...shape: number[]) => Tensor;
  /** A dense layer with a bias. */
  readonly dense: (units: number, inputs: number) => Layer;
}

/** Random values that depend on the seed and on the order of the calls alone. */
export function drawFrom(seed: number): Draw {
  const random = seededRandom(seed);
  const vector = (length: number): Float32Array => Float32Array.from({ length }, random.normal);
  const weight = (...shape: number[]): Tensor => heNormal(shape, random);
  return {
    normal: random.normal,
    vector,
    weight,
    matrix: (rows, columns) => ({ rows, columns, data: vector(rows * columns) }),
    dense: (units, inputs) => dense({ weight: weight(units, inputs), bias: vector(units) }),
  };
}
