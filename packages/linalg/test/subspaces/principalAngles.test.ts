import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DenseMatrix, principalAngles } from '../../src/index.ts';
import { matrixOf, randomMatrix, rotated, rowsAt, scaled } from '../matrices.ts';

/** Unit vectors e₀ … turned by the angles toward vectors orthogonal to all of them. */
function turned(angles: readonly number[], columns: number): DenseMatrix {
  return matrixOf(angles.length, columns, (i, j) => {
    if (j === i) return Math.cos(angles[i]!);
    return j === angles.length + i ? Math.sin(angles[i]!) : 0;
  });
}

function mixed(rows: DenseMatrix, seed: number): DenseMatrix {
  const weights = randomMatrix(rows.rows, rows.rows, seed);
  return matrixOf(rows.rows, rows.columns, (i, j) =>
    Array.from({ length: rows.rows }, (_, k) => k).reduce(
      (sum, k) =>
        sum + (weights.data[i * rows.rows + k]! + (i === k ? 2 : 0)) * rows.data[k * rows.columns + j]!,
      0,
    ),
  );
}

function expectAngles(found: Float64Array, expected: readonly number[], tolerance: number): void {
  expect(found).toHaveLength(expected.length);
  expected.forEach((angle, i) => {
    expect(Math.abs(found[i]! - angle)).toBeLessThan(tolerance);
  });
}

describe('principal angles', () => {
  const known = [1e-12, 1e-8, 1e-3, 0.5, Math.PI / 4, 1.2, Math.PI / 2 - 1e-9, Math.PI / 2];

  it('are those by which one basis was turned into the other, small and large ones', () => {
    const a = turned(new Array<number>(8).fill(0), 20);
    expectAngles(principalAngles(a, turned(known, 20)), known, 1e-15);
  });

  it('do not depend on the bases, nor on how space is turned', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.nat(1000), (seedA, seedB, turn) => {
        const a = mixed(turned(new Array<number>(8).fill(0), 20), seedA);
        const b = mixed(turned(known, 20), seedB);
        expectAngles(principalAngles(rotated(a, turn), rotated(b, turn)), known, 1e-12);
      }),
      { numRuns: 30 },
    );
  });

  it('are 0 for a space and itself, and within it, to rounding', () => {
    const a = randomMatrix(6, 15, 1);
    expectAngles(principalAngles(a, mixed(a, 2)), new Array<number>(6).fill(0), 1e-13);
    expectAngles(principalAngles(a, rowsAt(a, [1, 4])), [0, 0], 1e-14);
    expectAngles(principalAngles(rowsAt(a, [1, 4]), a), [0, 0], 1e-14);
  });

  it('are right angles between orthogonal spaces', () => {
    const all = rotated(
      rotated(
        matrixOf(6, 6, (i, j) => (i === j ? 1 : 0)),
        1,
      ),
      2,
    );
    const found = principalAngles(rowsAt(all, [0, 1, 2, 3]), rowsAt(all, [4, 5]));
    expectAngles(found, [Math.PI / 2, Math.PI / 2], 1e-15);
  });

  it('are as many as the smaller space has dimensions, however many vectors are given', () => {
    const plane = matrixOf(3, 4, (i, j) => [1, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0][4 * i + j]!);
    const space = turned([0, 0, 0], 4);
    expectAngles(principalAngles(plane, space), [0, 0], 1e-15);
    expectAngles(principalAngles(space, plane), [0, 0], 1e-15);
    expect(
      principalAngles(
        plane,
        matrixOf(2, 4, () => 0),
      ),
    ).toHaveLength(0);
  });

  it('do not depend on the lengths of the vectors', () => {
    const long = matrixOf(2, 4, (i, j) => (i === 0 ? 1e200 : 1e-200) * [1, 1, 0, 0, 1, -1, 1, 0][4 * i + j]!);
    const axes = matrixOf(2, 4, (i, j) => (i === j ? 1 : 0));
    expectAngles(principalAngles(long, axes), [0, Math.acos(Math.sqrt(2 / 3))], 1e-15);
    expectAngles(principalAngles(scaled(axes, 3), long), [0, Math.acos(Math.sqrt(2 / 3))], 1e-15);
  });

  it('are refused between spaces of different dimension, and of no or broken vectors', () => {
    const a = randomMatrix(2, 5, 1);
    expect(() => principalAngles(a, randomMatrix(2, 4, 1))).toThrow(
      new RangeError('expected 5 columns, got 4. Give rows of that width.'),
    );
    expect(() => principalAngles(a, { rows: 0, columns: 5, data: new Float64Array(0) })).toThrow(/rows/);
    expect(() =>
      principalAngles({ rows: 1, columns: 2, data: Float64Array.of(NaN, 1) }, randomMatrix(1, 2, 1)),
    ).toThrow(/got NaN/);
  });
});
