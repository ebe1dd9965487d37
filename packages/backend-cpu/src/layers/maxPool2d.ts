import type { PoolingWindow } from '@edjm/network';
import type { DifferentiableLayer } from '../differentiableLayer.ts';
import { affine } from './affine.ts';
import { type ImageShape, slide } from './window.ts';

/** Largest value of each window; the derivative selects its first place in row-major order. */
export function maxPool2d(window: PoolingWindow, input: ImageShape, output: ImageShape): DifferentiableLayer {
  const sliding = { ...window, dilation: [1, 1] } as const;
  const [channels, height, width] = input;
  const pixels = height * width;
  const positions = output[1] * output[2];
  const selection = (x: Float64Array): DifferentiableLayer => {
    const selected = new Int32Array(channels * positions).fill(-1);
    for (let c = 0; c < channels; c++) {
      slide(sliding, [input, output], (position, pixel) => {
        const row = c * positions + position;
        const column = c * pixels + pixel;
        const best = selected[row] as number;
        if (best < 0 || (x[column] as number) > (x[best] as number)) selected[row] = column;
      });
    }
    return affine({
      rows: selected.length,
      columns: channels * pixels,
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
