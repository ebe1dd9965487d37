import type { PoolingWindow } from '@edjm/network';
import type { LayerFunction } from '../layerFunction.ts';
import { affine } from './affine.ts';
import { type ImageShape, slide } from './window.ts';

/** Largest value of each window; the derivative selects its first place in row-major order. */
export function maxPool2d(window: PoolingWindow, input: ImageShape, output: ImageShape): LayerFunction {
  const sliding = { ...window, dilation: [1, 1] } as const;
  const [channels, height, width] = input;
  const pixels = height * width;
  const positions = output[1] * output[2];
  return (x) => {
    const selected = new Int32Array(channels * positions).fill(-1);
    for (let c = 0; c < channels; c++) {
      slide(sliding, [input, output], (position, pixel) => {
        const row = c * positions + position;
        const column = c * pixels + pixel;
        const best = selected[row] as number;
        if (best < 0 || (x[column] as number) > (x[best] as number)) selected[row] = column;
      });
    }
    const selection = affine({
      rows: selected.length,
      columns: channels * pixels,
      terms: (visit) => {
        selected.forEach((column, row) => {
          visit(row, column, 1);
        });
      },
    });
    return selection(x);
  };
}
