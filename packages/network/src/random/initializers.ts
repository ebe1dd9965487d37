import type { Tensor } from '../layers/layer.ts';
import type { RandomStream } from './random.ts';
import { valueCount } from '../layers/shape.ts';

/** Draws a weight of a given shape: `[units, inputs]` or `[O, I, kH, kW]`. */
export type Initializer = (shape: readonly number[], random: RandomStream) => Tensor;

/**
 * N(0, 2 / fan_in), float32: keeps the variance through ReLU layers (He, Zhang, Ren, Sun 2015).
 *
 * @example
 * ```ts
 * import { dense, heNormal, seededRandom } from '@edjm/network';
 *
 * const layer = dense({ weight: heNormal([100, 784], seededRandom(1)) });
 * ```
 */
export const heNormal: Initializer = (shape, random) => {
  const deviation = Math.sqrt(2 / fans(shape).fanIn);
  return draw(shape, () => deviation * random.normal());
};

/** U[−a, a] with a = √(6 / (fan_in + fan_out)), float32 (Glorot, Bengio 2010). */
export const glorotUniform: Initializer = (shape, random) => {
  const { fanIn, fanOut } = fans(shape);
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return draw(shape, () => limit * (2 * random.uniform() - 1));
};

function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  const [outputs = 1, inputs = 1, ...kernel] = shape;
  const positions = valueCount(kernel);
  return { fanIn: inputs * positions, fanOut: outputs * positions };
}

function draw(shape: readonly number[], next: () => number): Tensor {
  return { shape, data: Float32Array.from({ length: valueCount(shape) }, next) };
}
