import { multiply } from '@edjm/linalg';
import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { tfjsSvdLayers, type SvdDense, type SvdDenseArgs } from '../../src/layers/index.ts';

export const numbers = async (tensor: tf.Tensor) => Array.from(await tensor.data());
export const values = (layer: tf.layers.Layer) => Promise.all(layer.getWeights().map(numbers));
export const samples = (shape: number[], seed = 1) => tf.randomNormal(shape, 0, 1, 'float32', seed);

/** A layer in a model of its own. */
export function built(args: SvdDenseArgs, dIn: number): { layer: SvdDense; model: tf.Sequential } {
  const layer = tfjsSvdLayers(tf).svdDense({ ...args, inputShape: [dIn] });
  return { layer, model: tf.sequential({ layers: [layer] }) };
}

export function outputs(model: tf.LayersModel, x: tf.Tensor): Promise<number[]> {
  return numbers(model.predict(x) as tf.Tensor);
}

export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5): void {
  expect(actual).toHaveLength(expected.length);
  const largest = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = Array.from(expected).reduce(
    (most, value, i) => Math.max(most, Math.abs(actual[i]! - value)),
    0,
  );
  expect(worst).toBeLessThanOrEqual(tolerance * largest);
}

export async function expectOrthonormalColumns(tensor: tf.Tensor | undefined): Promise<void> {
  const [rows, columns] = tensor!.shape as [number, number];
  const matrix = { rows, columns, data: await tensor!.data<'float32'>() };
  const products = multiply(matrix, matrix, { transposeA: true }).data;
  expectClose(
    products,
    products.map((_, at) => (at % (columns + 1) === 0 ? 1 : 0)),
    1e-6,
  );
}
