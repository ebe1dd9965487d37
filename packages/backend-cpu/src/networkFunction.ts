import { inferShapes, type Layer, type Network, type Shape, valueCount } from '@edjm/network';
import { type DifferentiableLayer, inOrder } from './differentiableLayer.ts';
import { type LayerFunction, sequence, sum } from './layerFunction.ts';
import { averagePool2d } from './layers/averagePool2d.ts';
import { batchNorm } from './layers/batchNorm.ts';
import { conv2d } from './layers/conv2d.ts';
import { dense } from './layers/dense.ts';
import { elementwise } from './layers/elementwise.ts';
import { maxPool2d } from './layers/maxPool2d.ts';
import { scale } from './layers/scale.ts';
import { logSoftmax, softmax } from './layers/softmax.ts';
import type { ImageShape } from './layers/window.ts';

/** A layer that is not made of others, and the shapes of a sample in front of it and behind it. */
export interface SimpleLayer {
  readonly layer: Exclude<Layer, { readonly type: 'residual' }>;
  readonly input: Shape;
  readonly output: Shape;
}

/** The whole network as one function of a sample. */
export function networkFunction(network: Network): LayerFunction {
  return assembled(network, (simple) => differentiableLayer(simple).value);
}

/** (x, ẋ) ↦ (f(x), J(x) ẋ) for the whole network f, as one function. */
export function tangentFunction(network: Network): LayerFunction {
  return assembled(network, (simple) => differentiableLayer(simple).withTangent);
}

/**
 * A network of the functions that `make` returns for its layers. `make` is called in order, for the body of a residual
 * layer before its shortcut.
 */
export function assembled(network: Network, make: (simple: SimpleLayer) => LayerFunction): LayerFunction {
  const shapes = inferShapes(network);
  return sequence(
    network.layers.map((layer, i) => {
      const [input, output] = [shapes[i] as Shape, shapes[i + 1] as Shape];
      if (layer.type !== 'residual') return make({ layer, input, output });
      const branch = (layers: readonly Layer[]): LayerFunction =>
        assembled({ name: network.name, inputShape: input, layers }, make);
      return sum(branch(layer.body), branch(layer.shortcut));
    }),
  );
}

/** A layer with its derivatives. */
export function differentiableLayer({ layer, input, output }: SimpleLayer): DifferentiableLayer {
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
    case 'scale':
      return scale(layer, valueCount(input));
    case 'flatten':
      return inOrder([]);
    case 'softmax':
      return softmax;
    case 'logSoftmax':
      return logSoftmax;
    default:
      return elementwise(layer);
  }
}

/** The window that holds all of an image. */
export function wholeImage([, height, width]: ImageShape) {
  return { kernel: [height, width], stride: [1, 1], padding: [0, 0, 0, 0], countIncludePad: false } as const;
}
