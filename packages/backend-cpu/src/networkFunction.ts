import { inferShapes, type Layer, type Network, type Shape, valueCount } from '@edjm/network';
import { type LayerFunction, sequence, sum } from './layerFunction.ts';
import { averagePool2d } from './layers/averagePool2d.ts';
import { batchNorm } from './layers/batchNorm.ts';
import { conv2d } from './layers/conv2d.ts';
import { dense } from './layers/dense.ts';
import { elementwise } from './layers/elementwise.ts';
import { maxPool2d } from './layers/maxPool2d.ts';
import { logSoftmax, softmax } from './layers/softmax.ts';
import type { ImageShape } from './layers/window.ts';

/** The whole network as one function of a sample. */
export function networkFunction(network: Network): LayerFunction {
  const shapes = inferShapes(network);
  return sequence(
    network.layers.map((layer, i) => layerFunction(layer, shapes[i] as Shape, shapes[i + 1] as Shape)),
  );
}

function layerFunction(layer: Layer, input: Shape, output: Shape): LayerFunction {
  switch (layer.type) {
    case 'dense':
      return dense(layer);
    case 'conv2d':
      return conv2d(layer, input as ImageShape, output as ImageShape);
    case 'maxPool2d':
      return maxPool2d(layer, input as ImageShape, output as ImageShape);
    case 'averagePool2d':
      return averagePool2d(layer, input as ImageShape, output as ImageShape);
    case 'globalMaxPool2d':
      return maxPool2d(wholeImage(input as ImageShape), input as ImageShape, output as ImageShape);
    case 'globalAveragePool2d':
      return averagePool2d(wholeImage(input as ImageShape), input as ImageShape, output as ImageShape);
    case 'batchNorm':
      return batchNorm(layer, valueCount(input));
    case 'flatten':
      return sequence([]);
    case 'softmax':
      return softmax;
    case 'logSoftmax':
      return logSoftmax;
    case 'residual': {
      const branch = (layers: readonly Layer[]): LayerFunction =>
        networkFunction({ name: 'residual', inputShape: input, layers });
      return sum(branch(layer.body), branch(layer.shortcut));
    }
    default:
      return elementwise(layer);
  }
}

function wholeImage([, height, width]: ImageShape) {
  return { kernel: [height, width], stride: [1, 1], padding: [0, 0, 0, 0], countIncludePad: false } as const;
}
