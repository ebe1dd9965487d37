/**
 * A scalar function of the singular values of a matrix, with its slopes. Regularizers are made of them.
 *
 * It must not depend on the order of the values. If it has a kink at equal values, their slopes may come in either order,
 * because {@link spectralGradient} averages them. A new one is an object of this type; nothing has to be registered.
 *
 * @example
 * ```ts
 * import { spectralGradient, type SpectralFunction } from '@edjm/linalg';
 *
 * const halfSquares: SpectralFunction = {
 *   name: 'half-squares',
 *   evaluate: (singularValues) => ({
 *     value: singularValues.reduce((sum, value) => sum + value ** 2 / 2, 0),
 *     slopes: singularValues.slice(),
 *   }),
 * };
 * const rows = { rows: 1, columns: 2, data: Float64Array.of(3, 4) };
 * console.log(spectralGradient(rows, halfSquares)); // value 12.5, gradient [3, 4]
 * ```
 */
export interface SpectralFunction {
  /** For messages, such as `'nuclear-norm'`. */
  readonly name: string;
  /**
   * @param singularValues - all min(n, d) of them, descending, at least one; not to be changed.
   */
  evaluate(singularValues: Float64Array): SpectralValue;
}

/** A value and its slopes. */
export interface SpectralValue {
  /** f(σ). */
  readonly value: number;
  /** ∂f/∂σᵢ for each of the values. */
  readonly slopes: Float64Array;
}
