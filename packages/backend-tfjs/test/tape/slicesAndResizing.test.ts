import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { tfjsBackend, type TfjsEngine } from '../../src/index.ts';
import { describeEngines } from '../describeEngines.ts';

/** Rows of one sample. */
async function rowsOf(engine: TfjsEngine, f: (x: tf.Tensor) => tf.Tensor, inputShape: readonly number[]) {
  const columns = inputShape.reduce((product, size) => product * size, 1);
  await using network = await tfjsBackend({ engine }).load(f, { inputShape });
  const data = Float32Array.from({ length: columns }, (_, i) => Math.cos(3 * i));
  const rows = await network.jacobian?.(
    { rows: 1, columns, data },
    Array.from({ length: network.dOut }, (_, i) => i),
  );
  return rows?.map((row) => Array.from(row.data));
}

/** Which of the values of one sample a slice takes, by counting. */
function taken(size: number, places: readonly number[]): number[][] {
  return places.map((place) => Array.from({ length: size }, (_, i) => Number(i === place)));
}

describeEngines('slices with steps', (engine) => {
  it.each<[string, (x: tf.Tensor) => tf.Tensor, number[], number[]]>([
    ['1:6:2', (x) => tf.stridedSlice(x, [0, 1], [1, 6], [1, 2], 1, 1), [7], [1, 3, 5]],
    ['6:0:-3', (x) => tf.stridedSlice(x, [0, 6], [1, 0], [1, -3], 1, 1), [7], [6, 3]],
    ['::-1', (x) => tf.stridedSlice(x, [0, 0], [0, 0], [1, -1], 3, 3), [4], [3, 2, 1, 0]],
    [
      '::2 and the last',
      (x) => tf.stridedSlice(x, [0, 0, 2], [0, 0, 3], [1, 2, 1], 3, 3, 0, 0, 4),
      [3, 3],
      [2, 8],
    ],
    ['1::2, ::2', (x) => tf.stridedSlice(x, [0, 1, 0], [0, 0, 0], [1, 2, 2], 5, 7), [4, 3], [3, 5, 9, 11]],
    ['1, ::-2', (x) => tf.stridedSlice(x, [0, 1, 0], [0, 2, 0], [1, 1, -2], 5, 5, 0, 0, 2), [2, 3], [5, 3]],
    ['…, 1', (x) => tf.stridedSlice(x, [0, 1], [0, 2], [1, 1], 0, 0, 1, 0, 2), [2, 2], [1, 3]],
  ])('%s', async (...[, f, shape, places]) => {
    const size = shape.reduce((product, length) => product * length, 1);
    expect(await rowsOf(engine, f, shape)).toEqual(taken(size, places));
  });
});

describeEngines('bilinear resizing', (engine) => {
  // Of tf.raw_ops.ResizeBilinear of TensorFlow 2.21, from three values to five: alignCorners, halfPixelCenters, weights.
  it.each<[boolean, boolean, number[][]]>([
    [
      false,
      false,
      [
        [1, 0, 0],
        [0.4, 0.6, 0],
        [0, 0.8, 0.2],
        [0, 0.2, 0.8],
        [0, 0, 1],
      ],
    ],
    [
      true,
      false,
      [
        [1, 0, 0],
        [0.5, 0.5, 0],
        [0, 1, 0],
        [0, 0.5, 0.5],
        [0, 0, 1],
      ],
    ],
    [
      false,
      true,
      [
        [1, 0, 0],
        [0.6, 0.4, 0],
        [0, 1, 0],
        [0, 0.4, 0.6],
        [0, 0, 1],
      ],
    ],
  ])('corners %s, middles %s', async (corners, middles, right) => {
    const resized = (x: tf.Tensor, shape: [number, number]) =>
      tf.image.resizeBilinear(x as tf.Tensor4D, shape, corners, middles);
    for (const [shape, size] of [
      [
        [3, 1, 1],
        [5, 1],
      ],
      [
        [1, 3, 1],
        [1, 5],
      ],
    ] as const) {
      const rows = await rowsOf(engine, (x) => resized(x, [...size]), shape);
      expect(rows?.flat().map((value) => Number(value.toFixed(5)) + 0)).toEqual(right.flat());
    }
  });
});
