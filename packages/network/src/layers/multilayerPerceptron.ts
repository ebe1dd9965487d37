import { dense, relu } from './build.ts';
import { heNormal, type Initializer } from '../random/initializers.ts';
import type { Layer } from './layer.ts';
import type { Network } from './network.ts';
import { seededRandom } from '../random/random.ts';
import { checkSizes } from './shape.ts';

/** Options of {@link multilayerPerceptron}. */
export interface MultilayerPerceptronOptions {
  /** d_in. */
  readonly dIn: number;
  /** Units of each hidden layer; `[]` gives a linear map. */
  readonly hidden: readonly number[];
  /** d_out. */
  readonly dOut: number;
  /** Follows each hidden layer. Defaults to `relu()`. */
  readonly activation?: Layer;
  /** Defaults to {@link heNormal}. */
  readonly initializer?: Initializer;
  /** A 32-bit integer. Defaults to 0. */
  readonly seed?: number;
  /** Defaults to the sizes, such as `'784-1000-10'`. */
  readonly name?: string;
}

/**
 * Dense layers with an activation after each but the last, random weights and zero biases: for tests, benchmarks
 * and the start of training. The same options give the same network.
 *
 * @throws `INVALID_ARGUMENT` for a seed that is no 32-bit integer or a size that is no positive integer.
 *
 * @example
 * ```ts
 * import { multilayerPerceptron, parameterCount } from '@edjm/network';
 *
 * const network = multilayerPerceptron({ dIn: 784, hidden: [100], dOut: 10, seed: 1 });
 * console.log(parameterCount(network)); // 79510
 * ```
 */
export function multilayerPerceptron(options: MultilayerPerceptronOptions): Network {
  const { dIn, hidden, dOut, activation = relu(), initializer = heNormal, seed = 0 } = options;
  const sizes = [dIn, ...hidden, dOut];
  checkSizes(sizes, 'sizes of a multilayer perceptron');
  const random = seededRandom(seed);
  const layers = sizes.slice(1).flatMap((units, i): Layer[] => {
    const weight = initializer([units, sizes[i] as number], random);
    const layer = dense({ weight, bias: new Float32Array(units) });
    return i < hidden.length ? [layer, activation] : [layer];
  });
  return { name: options.name ?? sizes.join('-'), inputShape: [dIn], layers };
}
