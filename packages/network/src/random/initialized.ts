import { heNormal, type Initializer } from './initializers.ts';
import type { Layer } from '../layers/layer.ts';
import type { Network } from '../layers/network.ts';
import { type RandomStream, seededRandom } from './random.ts';

/** Options of {@link initialized}. */
export interface InitializationOptions {
  /** Defaults to {@link heNormal}. */
  readonly initializer?: Initializer;
  /** A 32-bit integer. Defaults to 0. */
  readonly seed?: number;
}

/**
 * The network as it is before training: weights of dense layers and convolutions drawn anew in the order of the layers, biases 0, and batch
 * normalization that changes nothing yet (scale 1, bias 0, mean 0, variance 1). All else stays.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for a seed that is no 32-bit integer.
 *
 * @example
 * ```ts
 * import { initialized, multilayerPerceptron, orthogonal } from '@edjm/network';
 *
 * const network = multilayerPerceptron({ dIn: 784, hidden: [100], dOut: 10 });
 * const other = initialized(network, { initializer: orthogonal(), seed: 2 });
 * ```
 */
export function initialized(network: Network, options: InitializationOptions = {}): Network {
  const { initializer = heNormal, seed = 0 } = options;
  const random = seededRandom(seed);
  return { ...network, layers: network.layers.map((layer) => drawn(layer, initializer, random)) };
}

function drawn(layer: Layer, initializer: Initializer, random: RandomStream): Layer {
  const all = (layers: readonly Layer[]): readonly Layer[] =>
    layers.map((inner) => drawn(inner, initializer, random));
  switch (layer.type) {
    case 'dense':
    case 'conv2d':
      return {
        ...layer,
        weight: initializer(layer.weight.shape, random),
        ...(layer.bias && { bias: layer.bias.map(() => 0) }),
      };
    case 'batchNorm':
      return {
        ...layer,
        scale: layer.scale.map(() => 1),
        bias: layer.bias.map(() => 0),
        mean: layer.mean.map(() => 0),
        variance: layer.variance.map(() => 1),
      };
    case 'residual':
      return { ...layer, body: all(layer.body), shortcut: all(layer.shortcut) };
    default:
      return layer;
  }
}
