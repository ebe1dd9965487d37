import type { PoolingWindow } from '@edjm/network';

/** Channels, height and width of an image. */
export type ImageShape = readonly [channels: number, height: number, width: number];

/** A window that slides over an image. */
export interface SlidingWindow extends PoolingWindow {
  readonly dilation: readonly [number, number];
}

/**
 * Visits, for each position of the window in row-major order and each of its places in row-major order, the places inside
 * the image: `position` and `pixel` are offsets within one channel, `place` within the kernel.
 */
export function slide(
  { kernel, stride, padding, dilation }: SlidingWindow,
  [input, output]: readonly [ImageShape, ImageShape],
  visit: (position: number, pixel: number, place: number) => void,
): void {
  const [, height, width] = input;
  const [, positionsDown, positionsAcross] = output;
  for (let down = 0; down < positionsDown; down++) {
    for (let across = 0; across < positionsAcross; across++) {
      for (let i = 0; i < kernel[0]; i++) {
        const y = down * stride[0] - padding[0] + i * dilation[0];
        if (y < 0 || y >= height) continue;
        for (let j = 0; j < kernel[1]; j++) {
          const x = across * stride[1] - padding[1] + j * dilation[1];
          if (x < 0 || x >= width) continue;
          visit(down * positionsAcross + across, y * width + x, i * kernel[1] + j);
        }
      }
    }
  }
}
