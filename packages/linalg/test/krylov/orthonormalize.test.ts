import { describe, expect, it } from 'vitest';
import { orthonormalize, orthonormalizeTo } from '../../src/krylov/orthonormalize.ts';
import type { Vectors } from '../../src/krylov/vectors.ts';
import { multiply } from '../../src/index.ts';
import { matrixOf, randomMatrix, relativeDifference, withSingularValues } from '../matrices.ts';

const copyOf = ({
  rows,
  columns,
  data,
}: {
  rows: number;
  columns: number;
  data: ArrayLike<number>;
}): Vectors => ({
  rows,
  columns,
  data: Float64Array.from(data),
});

function expectOrthonormal(vectors: Vectors): void {
  const identity = matrixOf(vectors.rows, vectors.rows, (i, j) => (i === j ? 1 : 0));
  expect(
    relativeDifference(multiply(vectors, vectors, { transposeB: true }).data, identity.data),
  ).toBeLessThan(1e-13);
}

/** Rows, columns, how many are independent. */
const shapes = [
  [1, 5, 1],
  [7, 30, 7],
  [40, 100, 40],
  [40, 40, 40],
  [40, 25, 25],
  [33, 60, 10],
  [9, 12, 0],
] as const;

describe('orthonormalize', () => {
  it.each(shapes)('splits %i vectors of length %i, of which %i are independent', (rows, columns, rank) => {
    const original = withSingularValues(
      rows,
      columns,
      Array.from({ length: rank }, (_, i) => 0.5 ** i),
    );
    const { vectors, factor } = orthonormalize(copyOf(original), 1e-14);
    expect(vectors.rows).toBe(rank);
    expect(factor).toMatchObject({ rows: rank, columns: rows });
    if (rank === 0) return;
    expectOrthonormal(vectors);
    const product = multiply(factor, vectors, { transposeA: true });
    expect(relativeDifference(product.data, original.data)).toBeLessThan(1e-13);
    for (let i = 0; i < rank; i++) {
      for (let j = 0; j < i; j++) expect(factor.data[i * rows + j]).toBe(0);
    }
  });

  it('keeps to orthogonality where vectors are nearly dependent', () => {
    const values = Array.from({ length: 30 }, (_, i) => 10 ** (-12 * (i / 29)));
    const { vectors } = orthonormalize(copyOf(withSingularValues(30, 80, values)), 1e-15);
    expect(vectors.rows).toBe(30);
    expectOrthonormal(vectors);
  });

  it.each([1e140, 1e-140])('takes vectors of the length %f', (factor) => {
    const original = randomMatrix(12, 20, 1);
    const { vectors } = orthonormalize(
      copyOf({ ...original, data: original.data.map((x) => x * factor) }),
      0,
    );
    expect(vectors.rows).toBe(12);
    expectOrthonormal(vectors);
  });
});

describe('orthonormalizeTo', () => {
  const basis = orthonormalize(copyOf(randomMatrix(20, 50, 2)), 0).vectors;
  const parts = [
    { rows: 8, columns: 50, data: basis.data.subarray(0, 400) },
    { rows: 12, columns: 50, data: basis.data.subarray(400) },
  ];

  it.each([
    ['vectors of their own', randomMatrix(11, 50, 3), 11],
    ['vectors almost within it', nearly(1e-9), 10],
    ['vectors within it', nearly(0), 0],
    ['more than its complement holds', randomMatrix(40, 50, 4), 30],
  ])('splits %s', (_, original, rank) => {
    const { vectors, factor, coefficients } = orthonormalizeTo(parts, copyOf(original), 1e-13);
    expect(vectors.rows).toBe(rank);
    expectOrthonormal({
      rows: 20 + rank,
      columns: 50,
      data: Float64Array.of(...basis.data, ...vectors.data),
    });
    const sum = multiply(factor, vectors, { transposeA: true });
    for (const [index, part] of parts.entries()) {
      multiply(coefficients[index]!, part, { transposeA: true, addTo: sum });
    }
    expect(relativeDifference(sum.data, original.data)).toBeLessThan(1e-12);
  });

  /** Combinations of the basis, and something of another direction. */
  function nearly(share: number): Vectors {
    const sum = multiply(randomMatrix(10, 20, 5), basis);
    const other = randomMatrix(10, 50, 6);
    return { ...sum, data: sum.data.map((entry, at) => entry + share * other.data[at]!) };
  }
});
