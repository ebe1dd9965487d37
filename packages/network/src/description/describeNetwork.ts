import type { Layer, Padding, Pair, PoolingWindow } from '../layers/layer.ts';
import type { Network } from '../layers/network.ts';
import type { LayerDescription, NetworkDescription, WindowDescription } from './networkDescription.ts';

/**
 * A network without its weights: what {@link networkFromDescription} makes a network of the same layers of. Whatever has its default
 * value is left out.
 *
 * @example
 * ```ts
 * import { describeNetwork, multilayerPerceptron } from '@edjm/network';
 *
 * const network = multilayerPerceptron({ dIn: 4, hidden: [8], dOut: 2 });
 * console.log(JSON.stringify(describeNetwork(network).layers));
 * // [{"type":"dense","units":8},{"type":"relu"},{"type":"dense","units":2}]
 * ```
 */
export function describeNetwork({ name, inputShape, layers }: Network): Required<NetworkDescription> {
  return { format: 'edjm-network', version: 1, name, inputShape, layers: layers.map(describeLayer) };
}

function describeLayer(layer: Layer): LayerDescription {
  switch (layer.type) {
    case 'dense': {
      const [units = 0] = layer.weight.shape;
      return { type: 'dense', units, ...biasOf(layer) };
    }
    case 'conv2d': {
      const { weight, groups } = layer;
      const [channels = 0, , height = 0, width = 0] = weight.shape;
      const dilation = shortPair(layer.dilation);
      return {
        type: 'conv2d',
        channels,
        ...describeWindow({ ...layer, kernel: [height, width] }, 1),
        ...(dilation !== 1 && { dilation }),
        ...(groups !== 1 && { groups }),
        ...biasOf(layer),
      };
    }
    case 'maxPool2d':
      return { type: 'maxPool2d', ...describeWindow(layer, shortPair(layer.kernel)) };
    case 'averagePool2d': {
      const window = describeWindow(layer, shortPair(layer.kernel));
      return { type: 'averagePool2d', ...window, ...(layer.countIncludePad && { countIncludePad: true }) };
    }
    case 'batchNorm':
      return { type: 'batchNorm', ...(layer.epsilon !== 1e-5 && { epsilon: layer.epsilon }) };
    case 'scale':
      return { type: 'scale' };
    case 'leakyRelu':
      return { type: 'leakyRelu', ...(layer.alpha !== 0.01 && { alpha: layer.alpha }) };
    case 'elu':
    case 'celu':
      return { type: layer.type, ...(layer.alpha !== 1 && { alpha: layer.alpha }) };
    case 'gelu':
      return { type: 'gelu', ...(layer.approximate !== 'none' && { approximate: layer.approximate }) };
    case 'residual': {
      const shortcut = layer.shortcut.map(describeLayer);
      return {
        type: 'residual',
        body: layer.body.map(describeLayer),
        ...(shortcut.length > 0 && { shortcut }),
      };
    }
    default:
      return { type: layer.type };
  }
}

function biasOf({ bias }: { readonly bias?: unknown }): { readonly bias?: false } {
  return bias === undefined ? { bias: false } : {};
}

function describeWindow(window: PoolingWindow, defaultStride: number | Pair): WindowDescription {
  const stride = shortPair(window.stride);
  const padding = shortPadding(window.padding);
  return {
    kernel: shortPair(window.kernel),
    ...(String(stride) !== String(defaultStride) && { stride }),
    ...(padding !== 0 && { padding }),
  };
}

function shortPair(pair: Pair): number | Pair {
  return pair[0] === pair[1] ? pair[0] : pair;
}

function shortPadding(padding: Padding): number | Padding {
  return padding.every((side) => side === padding[0]) ? padding[0] : padding;
}
