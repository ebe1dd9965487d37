import type { Conv2dLayer } from '@edjm/network';
import type { DifferentiableLayer } from '../differentiableLayer.ts';
import { affine } from './affine.ts';
import { type ImageShape, slide } from './window.ts';

/** Cross-correlation with O kernels: the sum over a window of kernel values times pixels. */
export function conv2d(layer: Conv2dLayer, input: ImageShape, output: ImageShape): DifferentiableLayer {
  const { weight, bias, stride, padding, dilation, groups } = layer;
  const [, channelsPerGroup, ...kernel] = weight.shape as [number, number, number, number];
  const [channels, height, width] = input;
  const [outputs, positionsDown, positionsAcross] = output;
  const pixels = height * width;
  const positions = positionsDown * positionsAcross;
  const places = kernel[0] * kernel[1];
  return affine({
    rows: outputs * positions,
    columns: channels * pixels,
    weight: weight.data,
    offset: bias && { values: bias, channelSize: positions },
    terms: (visit) => {
      for (let o = 0; o < outputs; o++) {
        const firstChannel = Math.floor(o / (outputs / groups)) * channelsPerGroup;
        for (let c = 0; c < channelsPerGroup; c++) {
          const plane = (o * channelsPerGroup + c) * places;
          slide({ kernel, stride, padding, dilation }, [input, output], (position, pixel, place) => {
            visit(o * positions + position, (firstChannel + c) * pixels + pixel, plane + place);
          });
        }
      }
    },
  });
}
