import type { PoolingWindow } from '@edjm/network';
import type { DifferentiableLayer } from '../differentiableLayer.ts';
import { affine } from './affine.ts';
import { type ImageShape, slide } from './window.ts';

/** For each channel and position of the window the place of the largest value in the image, the first in row-major order. */
export function selectedPixels(
  window: PoolingWindow,
  [input, output]: readonly [ImageShape, ImageShape],
  x: Float64Array,
): Int32Array {
  const [channels, height, width] = input;
  const pixels = height * width;
  const positions = output[1] * output[2];
  const selected = new Int32Array(channels * positions).fill(-1);
  for (let c = 0; c < channels; c++) {
    slide({ ...window, dilation: [1, 1] }, [input, output], (position, pixel) => {
      const row = c * positions + position;
      const column = c * pixels + pixel;
      const best = selected[row] as number;
      if (best < 0 || (x[column] as number) > (x[best] as number)) selected[row] = column;
    });
  }
  return selected;
}

/** Largest value of each window; the derivative selects its first place in row-major order. */
export function maxPool2d(window: PoolingWindow, input: ImageShape, output: ImageShape): DifferentiableLayer {
  const selection = (x: Float64Array): DifferentiableLayer => {
    const selected = selectedPixels(window, [input, output], x);
    return affine({
      rows: selected.length,
      columns: input[0] * input[1] * input[2],
      weight: Float64Array.of(1),
      terms: (visit) => {
        selected.forEach((column, row) => {
          visit(row, column, 0);
        });
      },
    });
  };
  return {
    value: (x) => selection(x).value(x),
    withTangent: (both) => selection(both.subarray(0, both.length / 2)).withTangent(both),
  };
}
