import type { PoolingWindow } from '@edjm/network';
import type { DifferentiableLayer } from '../differentiableLayer.ts';
import { affine } from './affine.ts';
import { type ImageShape, slide } from './window.ts';

/** Mean of each window, over its places inside the image or, with `countIncludePad`, over all of them. */
export function averagePool2d(
  window: PoolingWindow & { readonly countIncludePad: boolean },
  input: ImageShape,
  output: ImageShape,
): DifferentiableLayer {
  const sliding = { ...window, dilation: [1, 1] } as const;
  const [channels, height, width] = input;
  const pixels = height * width;
  const positions = output[1] * output[2];
  const counts = new Float64Array(positions);
  if (window.countIncludePad) counts.fill(window.kernel[0] * window.kernel[1]);
  else slide(sliding, [input, output], (position) => (counts[position] = (counts[position] as number) + 1));
  return affine({
    rows: channels * positions,
    columns: channels * pixels,
    weight: counts.map((count) => 1 / count),
    terms: (visit) => {
      for (let c = 0; c < channels; c++) {
        slide(sliding, [input, output], (position, pixel) => {
          visit(c * positions + position, c * pixels + pixel, position);
        });
      }
    },
  });
}
