import { Matrix, SingularValueDecomposition, solve } from 'ml-matrix';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { singularValuesOfRows } from '../../src/index.ts';
import { matrixOf } from '../matrices.ts';

/** Far more calls than a decomposition of this size makes: one that ends makes some 10,000. */
const MOST_CALLS = 100_000;

/** Why this package does not use these functions of ml-matrix. If one of these tests fails, the library has become better. */
describe('ml-matrix', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('does not end on the singular values of a matrix of ones; ours do', () => {
    const absolute = Math.abs;
    let calls = 0;
    vi.spyOn(Math, 'abs').mockImplementation((x) => {
      if (++calls > MOST_CALLS) throw new Error('still iterating');
      return absolute(x);
    });
    expect(() => new SingularValueDecomposition(Matrix.ones(30, 27))).toThrow('still iterating');
    vi.restoreAllMocks();

    const values = singularValuesOfRows(matrixOf(30, 27, () => 1));
    expect(values[0]).toBeCloseTo(Math.sqrt(30 * 27), 12);
    expect(Math.max(...values.subarray(1))).toBeLessThan(1e-13);
  });

  it('gives singular values of a matrix with NaN; ours refuse it', () => {
    const { diagonal } = new SingularValueDecomposition(
      new Matrix([
        [NaN, 0],
        [0, 1],
      ]),
    );
    expect(diagonal).toEqual([1, 0]);
    expect(() => singularValuesOfRows({ rows: 2, columns: 2, data: Float64Array.of(NaN, 0, 0, 1) })).toThrow(
      /got NaN in row 0, column 0/,
    );
  });

  it('does not solve a wide system by its singular values', () => {
    // It warns of wide matrices.
    vi.spyOn(console, 'warn').mockReturnValue();
    const wide = new Matrix([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    const solution = solve(wide, Matrix.columnVector([1, 1]), true);
    expect(solution.to1DArray().every(Number.isNaN)).toBe(true);
  });
});
