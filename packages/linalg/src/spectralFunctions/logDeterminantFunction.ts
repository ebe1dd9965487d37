import type { SpectralFunction } from './spectralFunction.ts';

/** The floor that keeps small values from dominating. Give at most one of the two. */
export interface LogDeterminantFunctionOptions {
  /** φ as a part of the largest singular value, at least 0. Defaults to 2⁻¹². */
  readonly relativeFloor?: number;
  /** φ itself, at least 0, in the units of the singular values. */
  readonly floor?: number;
}

/**
 * At the rounding of float32 rows, σ = 2⁻²⁴ σ₁, the slope σ / (σ² + φ²) is then 1 / σ₁, that of the largest value: noise in
 * place of zeros does not outweigh real values.
 */
const DEFAULT_FLOOR = 2 ** -12;

/**
 * The regularizer that the paper raises in training, Σ log σ, made smooth at zero by a floor φ:
 *
 *     f = Σ ½ log(σ² + φ²) = ½ log det(J Jᵀ + φ² I)        ∂f/∂σ = σ / (σ² + φ²)
 *
 * with J Jᵀ the smaller of the two Gram matrices. Values well above the floor count as log σ, each too high by less than
 * ½ (φ / σ)². No slope exceeds 1 / (2 φ), and it falls to 0 toward σ = 0, so that f has a gradient everywhere: a value
 * that rises from zero begins to count without a jump, where leaving out values below a limit would make one.
 *
 * A relative floor scales with J: f(c J) = f(J) + min(n, d) log c always. As it depends on σ₁, it adds
 * Σ φ² / (σ² + φ²) / σ₁ to the slope of σ₁, about 1 / σ₁ for each zero. Rows that stay rank-deficient in training are
 * better given a fixed `floor`, say 2⁻¹² of the largest value at the start. With a floor of 0, f is Eq 13 to the letter,
 * and −∞ if a value is 0. A relative floor leaves it −∞ for the zero matrix.
 *
 * @throws RangeError if both floors are given or one is negative or not finite.
 *
 * Source: Wang et al., "Analysis of Deep Neural Networks with the Extended Data Jacobian Matrix", ICML 2016, Eq 13; the
 * floor: Fazel, Hindi and Boyd, "Log-det heuristic for matrix rank minimization", ACC 2003.
 *
 * @example
 * ```ts
 * import { logDeterminantFunction, spectralGradient } from '@edjm/linalg';
 *
 * const rows = { rows: 2, columns: 3, data: Float64Array.of(2, 0, 0, 0, 4, 0) };
 * const { value, gradient } = spectralGradient(rows, logDeterminantFunction({ floor: 0 }));
 * console.log(value, gradient.data); // log 8 and [0.5, 0, 0, 0, 0.25, 0], to within rounding
 * ```
 */
export function logDeterminantFunction(options: LogDeterminantFunctionOptions = {}): SpectralFunction {
  const { floor, relativeFloor } = options;
  if (floor !== undefined && relativeFloor !== undefined) {
    throw new RangeError('expected floor or relativeFloor, got both. Give one of them.');
  }
  checkFloor('floor', floor);
  checkFloor('relativeFloor', relativeFloor);
  const part = floor === undefined ? (relativeFloor ?? DEFAULT_FLOOR) : 0;
  return {
    name: 'log-determinant',
    evaluate: (singularValues) => {
      const phi = floor ?? part * (singularValues[0] ?? 0);
      const slopes = new Float64Array(singularValues.length);
      let value = 0;
      let ofLargest = 0;
      for (const [i, sigma] of singularValues.entries()) {
        const size = Math.hypot(sigma, phi);
        value += Math.log(size);
        if (size === 0) continue;
        slopes[i] = sigma / size / size;
        ofLargest += (phi / size) * (part / size);
      }
      slopes[0] = (slopes[0] ?? 0) + ofLargest;
      return { value, slopes };
    },
  };
}

function checkFloor(option: string, value: number | undefined): void {
  if (value === undefined || (value >= 0 && value < Infinity)) return;
  throw new RangeError(`expected a ${option} of at least 0, got ${value}. Give a size.`);
}
