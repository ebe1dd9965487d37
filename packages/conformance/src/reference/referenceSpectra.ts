import type { DenseMatrix, MetricContext, Quantities } from '@edjm/core';
import { seededRandom } from '@edjm/network';

/** The quantities of an EDJM that is known from its singular values. */
export interface ReferenceSpectrum {
  /** For the titles of tests. */
  readonly name: string;
  readonly quantities: Quantities;
  readonly context: MetricContext;
}

const D_IN = 12;

/**
 * Spectra that a metric must cope with: of the networks that exist, and of those that only just do (no dependence on
 * the input, a linear map, fewer samples than inputs, one input).
 */
export function referenceSpectra(): readonly ReferenceSpectrum[] {
  const random = seededRandom(1);
  const descending = Array.from({ length: D_IN }, () => Math.abs(random.normal())).sort((a, b) => b - a);
  const decaying = Array.from({ length: D_IN }, (_, i) => Math.exp(-i));
  return [
    spectrum('a random spectrum', descending, { n: 50, dIn: D_IN }),
    spectrum('a spectrum that decays', decaying, { n: 50, dIn: D_IN }),
    spectrum('fewer samples than inputs', descending.slice(0, 5), { n: 5, dIn: D_IN }),
    spectrum('equal values', decaying.fill(2), { n: 50, dIn: D_IN }),
    spectrum('rank 1, as of a linear map', [3, ...zeros(D_IN - 1)], { n: 50, dIn: D_IN }),
    spectrum('all zeros, as of a constant', zeros(D_IN), { n: 50, dIn: D_IN }),
    spectrum('very small values', [1e-30, ...zeros(D_IN - 1)], { n: 50, dIn: D_IN }),
    spectrum('one value', [0.5], { n: 50, dIn: 1 }),
  ];
}

function zeros(length: number): number[] {
  return new Array<number>(length).fill(0);
}

function spectrum(
  name: string,
  values: readonly number[],
  size: Omit<MetricContext, 'output'>,
): ReferenceSpectrum {
  return {
    name,
    quantities: {
      singularValues: Float64Array.from(values),
      gram: gramWith(values, size.dIn),
      rightSingularVectors: vectorsOf(values, size.dIn),
    },
    context: { output: 0, ...size },
  };
}

/** H diag(σ²) H with the reflection H = I − 2 u uᵀ, u all equal: symmetric, with eigenvalues σ² and zeros. */
function gramWith(values: readonly number[], dIn: number): DenseMatrix {
  const squares = Array.from({ length: dIn }, (_, k) => (values[k] ?? 0) ** 2);
  const data = Float64Array.from({ length: dIn * dIn }, (_, at) => {
    const i = Math.floor(at / dIn);
    const j = at % dIn;
    return squares.reduce(
      (sum, square, k) => sum + reflection(dIn, i, k) * square * reflection(dIn, k, j),
      0,
    );
  });
  return { rows: dIn, columns: dIn, data };
}

/** The rows of H for the values above 1e-5 of the largest. */
function vectorsOf(values: readonly number[], dIn: number): DenseMatrix {
  const count = values.filter((value) => value > 1e-5 * (values[0] ?? 0)).length;
  const data = Float64Array.from({ length: count * dIn }, (_, at) =>
    reflection(dIn, Math.floor(at / dIn), at % dIn),
  );
  return { rows: count, columns: dIn, data };
}

/** An entry of H. */
function reflection(dIn: number, i: number, j: number): number {
  return (i === j ? 1 : 0) - 2 / dIn;
}
