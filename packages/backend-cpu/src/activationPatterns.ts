import type { Layer, Network } from '@edjm/network';
import type { LayerFunction } from './layerFunction.ts';
import { selectedPixels } from './layers/maxPool2d.ts';
import type { ImageShape } from './layers/window.ts';
import { assembled, differentiableLayer, type SimpleLayer, wholeImage } from './networkFunction.ts';

/** The pieces that the units of a network are on, for one sample. */
export type PatternOf = (x: Float64Array) => Uint8Array;

/** Layers that are affine, or piecewise linear. */
const PIECEWISE_LINEAR: ReadonlySet<Layer['type']> = new Set<Layer['type']>([
  'dense',
  'conv2d',
  'maxPool2d',
  'averagePool2d',
  'globalMaxPool2d',
  'globalAveragePool2d',
  'batchNorm',
  'scale',
  'flatten',
  'relu',
  'leakyRelu',
]);

/** A function that gives the activation pattern of a sample, for a network that is piecewise linear. */
export function activationPattern(network: Network): PatternOf {
  let pieces: number[] = [];
  const run = assembled(network, (simple) => recorded(simple, (piece) => pieces.push(piece)));
  return (x) => {
    pieces = [];
    run(x);
    return Uint8Array.from(pieces);
  };
}

/** Whether a network has no curved layers. */
export function isPiecewiseLinear({ layers }: Pick<Network, 'layers'>): boolean {
  return layers.every((layer) =>
    layer.type === 'residual'
      ? isPiecewiseLinear({ layers: layer.body }) && isPiecewiseLinear({ layers: layer.shortcut })
      : PIECEWISE_LINEAR.has(layer.type),
  );
}

/** A layer that tells the pieces of its units when it runs. */
function recorded(simple: SimpleLayer, record: (piece: number) => void): LayerFunction {
  const { layer, input, output } = simple;
  const { value } = differentiableLayer(simple);
  switch (layer.type) {
    case 'relu':
    case 'leakyRelu':
      return (x) => {
        for (const entry of x) record(entry > 0 ? 1 : 0);
        return value(x);
      };
    case 'maxPool2d':
    case 'globalMaxPool2d': {
      const shapes = [input as ImageShape, output as ImageShape] as const;
      const window = layer.type === 'maxPool2d' ? layer : wholeImage(shapes[0]);
      return (x) => {
        // A byte holds no place in a large image: each takes four.
        for (const pixel of selectedPixels(window, shapes, x)) {
          for (let shift = 0; shift < 32; shift += 8) record((pixel >> shift) & 255);
        }
        return value(x);
      };
    }
    default:
      return value;
  }
}
