import { orthonormalRows, transposed, zeros } from '@edjm/linalg';
import type { Initializer } from './initializers.ts';
import { valueCount } from '../layers/shape.ts';

/**
 * Orthonormal rows times a gain, in float32, or orthonormal columns if these are fewer: a random matrix for which all orientations are
 * equally likely. All singular values of a deep linear network's Jacobian then equal the product of the gains (Saxe, McClelland, Ganguli
 * 2013). The weight `[O, I, kH, kW]` of a convolution counts as a matrix of O rows.
 *
 * It is Q of a QR decomposition of normally distributed numbers. The diagonal of R is positive, so Q does not depend on how it is
 * computed (Mezzadri 2007).
 *
 * @param options - `gain` defaults to 1; √2 keeps the variance through ReLU layers.
 *
 * @example
 * ```ts
 * import { dense, orthogonal, seededRandom } from '@edjm/network';
 *
 * const layer = dense({ weight: orthogonal({ gain: Math.SQRT2 })([100, 784], seededRandom(1)) });
 * ```
 */
export function orthogonal(options: { readonly gain?: number } = {}): Initializer {
  const { gain = 1 } = options;
  return (shape, random) => {
    const [outputs = 1] = shape;
    const inputs = valueCount(shape.slice(1));
    const isWide = outputs <= inputs;
    const [rows, columns] = isWide ? [outputs, inputs] : [inputs, outputs];
    const q = orthonormalRows(zeros(0, columns), rows, random.normal);
    const { data } = isWide ? q : transposed(q);
    return { shape, data: Float32Array.from(data, (entry) => gain * entry) };
  };
}
