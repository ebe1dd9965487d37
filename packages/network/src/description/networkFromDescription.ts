import { EdjmError, type FloatArray } from '@edjm/core';
import {
  averagePool2d,
  batchNorm,
  celu,
  conv2d,
  dense,
  elu,
  gelu,
  leakyRelu,
  maxPool2d,
  residual,
  scale,
} from '../layers/build.ts';
import { shapeBehind } from '../layers/inferShapes.ts';
import { heNormal, type Initializer } from '../random/initializers.ts';
import type { Layer, Padding, Pair, Tensor } from '../layers/layer.ts';
import type { Network } from '../layers/network.ts';
import { seededRandom } from '../random/random.ts';
import { type Shape, valueCount } from '../layers/shape.ts';
import type {
  Conv2dDescription,
  LayerDescription,
  NetworkDescription,
  WindowDescription,
} from './networkDescription.ts';
import { parseDescription } from './parseDescription.ts';

/** Options of {@link networkFromDescription}. */
export interface NetworkFromDescriptionOptions {
  /** Draws the weights of `dense` and `conv2d`. Defaults to {@link heNormal}. */
  readonly initializer?: Initializer;
  /** A 32-bit integer. Defaults to 0. */
  readonly seed?: number;
}

/** The most values that the parameters of a described network, or one sample between two layers, may have: 4 GiB in float32. */
const MOST_VALUES = 2 ** 30;

/**
 * A network as described, as it stands at the start of training: random weights, zero biases, factors of 1 in `scale`, and batch
 * normalization of scale 1, offset 0, mean 0 and variance 1. The same options give the same network.
 *
 * @throws EdjmError `INVALID_FILE` as {@link parseDescription}, and for more than 2³⁰ values in all parameters or in a sample between two
 * layers; as `inferShapes` where the layers do not fit each other.
 *
 * @example
 * ```ts
 * import { inferShapes, networkFromDescription } from '@edjm/network';
 *
 * const network = networkFromDescription({
 *   inputShape: [784],
 *   layers: [{ type: 'dense', units: 1000 }, { type: 'relu' }, { type: 'dense', units: 10 }],
 * });
 * console.log(inferShapes(network)); // [[784], [1000], [1000], [10]]
 * ```
 */
export function networkFromDescription(
  description: NetworkDescription,
  options: NetworkFromDescriptionOptions = {},
): Network {
  const { initializer = heNormal, seed = 0 } = options;
  const { name = 'network', inputShape, layers } = parseDescription(description);
  const random = seededRandom(seed);
  const maker = new LayerMaker((shape) => initializer(shape, random));
  return { name, inputShape, layers: maker.layers(layers, inputShape, `${name}, `) };
}

/** Makes layers of descriptions, with a limit for all of them together. */
class LayerMaker {
  readonly #draw: (shape: Shape) => Tensor;
  #parameters = 0;

  constructor(draw: (shape: Shape) => Tensor) {
    this.#draw = draw;
  }

  layers(descriptions: readonly LayerDescription[], inputShape: Shape, prefix: string): readonly Layer[] {
    checkCount(valueCount(inputShape), `${prefix}input: expected`);
    let shape = inputShape;
    return descriptions.map((description, index) => {
      const where = `${prefix}layer ${index} (${description.type})`;
      const layer = this.#layer(description, shape, where);
      shape = shapeBehind(layer, shape, where);
      checkCount(valueCount(shape), `${where}: expected an output of`);
      return layer;
    });
  }

  #layer(description: LayerDescription, input: Shape, where: string): Layer {
    const constant = (value: number) => this.#vector(input[0] ?? 0, where).fill(value);
    switch (description.type) {
      case 'dense': {
        const { units, bias = true } = description;
        const weight = this.#weight([units, input[0] ?? 0], where);
        return dense({ weight, ...(bias && { bias: this.#vector(units, where) }) });
      }
      case 'conv2d':
        return this.#conv2d(description, input, where);
      case 'maxPool2d':
        return maxPool2d(windowOf(description, input));
      case 'averagePool2d':
        return averagePool2d({ ...description, ...windowOf(description, input) });
      case 'batchNorm': {
        const { epsilon } = description;
        const statistics = {
          scale: constant(1),
          bias: constant(0),
          mean: constant(0),
          variance: constant(1),
        };
        return batchNorm({ ...statistics, ...(epsilon !== undefined && { epsilon }) });
      }
      case 'scale':
        return scale(constant(1));
      case 'leakyRelu':
        return leakyRelu(description.alpha);
      case 'elu':
        return elu(description.alpha);
      case 'celu':
        return celu(description.alpha);
      case 'gelu':
        return gelu(description.approximate);
      case 'residual': {
        const { body, shortcut = [] } = description;
        return residual(
          this.layers(body, input, `${where}, body `),
          this.layers(shortcut, input, `${where}, shortcut `),
        );
      }
      default:
        return { type: description.type };
    }
  }

  #conv2d(description: Conv2dDescription, input: Shape, where: string): Layer {
    const { channels, kernel, stride = 1, dilation = 1, groups = 1, bias = true } = description;
    const [height, width] = pair(dilation);
    const [kernelHeight, kernelWidth] = pair(kernel);
    const extent = [(kernelHeight - 1) * height + 1, (kernelWidth - 1) * width + 1] as const;
    // If the groups do not divide the channels, the check of the layer says so.
    const perGroup = Math.max(1, Math.floor((input[0] ?? 0) / groups));
    return conv2d({
      weight: this.#weight([channels, perGroup, kernelHeight, kernelWidth], where),
      ...(bias && { bias: this.#vector(channels, where) }),
      ...windowOf({ ...description, kernel: extent, stride }, input),
      dilation,
      groups,
    });
  }

  #weight(shape: Shape, where: string): Tensor {
    this.#take(valueCount(shape), where);
    return this.#draw(shape);
  }

  #vector(length: number, where: string): FloatArray {
    this.#take(length, where);
    return new Float32Array(length);
  }

  #take(count: number, where: string): void {
    this.#parameters += count;
    checkCount(this.#parameters, `${where}: expected parameters up to here of`);
  }
}

/** The window of a layer on an image, its padding in numbers. */
function windowOf(
  { kernel, stride = kernel, padding = 0 }: WindowDescription,
  image: Shape,
): { readonly kernel: Pair; readonly stride: Pair; readonly padding: number | Padding } {
  const window = { kernel: pair(kernel), stride: pair(stride) };
  return { ...window, padding: padding === 'same' ? samePadding(window, image) : padding };
}

/** As many zeros as make ⌈size / stride⌉ positions, an odd one at the end. */
function samePadding(
  { kernel, stride }: { readonly kernel: Pair; readonly stride: Pair },
  [, height = 0, width = 0]: Shape,
): Padding {
  const total = (size: number, axis: 0 | 1) =>
    Math.max(0, (Math.ceil(size / stride[axis]) - 1) * stride[axis] + kernel[axis] - size);
  const [down, across] = [total(height, 0), total(width, 1)];
  return [Math.floor(down / 2), Math.floor(across / 2), Math.ceil(down / 2), Math.ceil(across / 2)];
}

function pair(value: number | Pair): Pair {
  return typeof value === 'number' ? [value, value] : value;
}

function checkCount(count: number, expected: string): void {
  if (count <= MOST_VALUES) return;
  throw new EdjmError(
    'INVALID_FILE',
    `${expected} at most ${MOST_VALUES} values, got ${count}. Describe a smaller network.`,
  );
}
