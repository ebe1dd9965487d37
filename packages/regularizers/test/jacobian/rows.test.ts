import type { DenseMatrix } from '@edjm/core';
import { singularValuesOfRows } from '@edjm/linalg';
import { describe, expect, it } from 'vitest';
import { edjmLogDet, jacobianFrobenius, jacobianNuclearNorm } from '../../src/index.ts';
import { farthestFromOrthonormal, randomMatrix, relativeDifference } from '../numbers.ts';

const context = { n: 6, dIn: 9, dOut: 4, step: 2, seed: 7 };
const rows = [1, 2, 3, 4].map((seed) => randomMatrix(6, 9, seed));
const times = (factor: number, { rows: n, columns, data }: DenseMatrix): DenseMatrix => ({
  rows: n,
  columns,
  data: data.map((entry) => factor * entry),
});
const sum = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((total, value) => total + value, 0);

describe('edjmLogDet', () => {
  it('is Eq 13 to the letter: the sum of the logarithms of all singular values', () => {
    const regularizer = edjmLogDet({ strength: 0.1, scaleFree: false, relativeDelta: 0 });
    const logarithms = rows.flatMap((edjm) => Array.from(singularValuesOfRows(edjm), Math.log));
    expect(regularizer.penalty({ rows }, context)).toBeCloseTo(-0.1 * sum(logarithms), 10);
    const lowered = edjmLogDet({ strength: 0.1, scaleFree: false, relativeDelta: 0, direction: 'lower' });
    expect(lowered.penalty({ rows }, context)).toBeCloseTo(0.1 * sum(logarithms), 10);
  });

  it('adds delta to the squares', () => {
    const regularizer = edjmLogDet({ strength: 1, scaleFree: false, delta: 2 });
    const logarithms = rows.flatMap((edjm) =>
      Array.from(singularValuesOfRows(edjm), (s) => Math.log(s ** 2 + 2) / 2),
    );
    expect(regularizer.penalty({ rows }, context)).toBeCloseTo(-sum(logarithms), 10);
  });

  it('does not change with the scale of the rows by default, nor does its gradient point along them', () => {
    const regularizer = edjmLogDet({ strength: 1, relativeDelta: 0.01 });
    const larger = rows.map((edjm) => times(1000, edjm));
    const value = regularizer.penalty({ rows }, context);
    expect(regularizer.penalty({ rows: larger }, context)).toBeCloseTo(value, 9);
    for (const [k, gradient] of regularizer.gradient({ rows }, context).rows!.entries()) {
      expect(sum(gradient.data.map((entry, at) => entry * rows[k]!.data[at]!))).toBeCloseTo(0, 10);
    }
  });

  it('grows with the scale if that is asked for: by m log c', () => {
    const regularizer = edjmLogDet({ strength: 1, scaleFree: false });
    const larger = rows.map((edjm) => times(Math.E, edjm));
    expect(regularizer.penalty({ rows: larger }, context)).toBeCloseTo(
      regularizer.penalty({ rows }, context) - 4 * 6,
      9,
    );
  });

  it('takes float32 rows that are nearly of rank 1 without letting noise take over', () => {
    const [direction] = [randomMatrix(1, 9, 5).data];
    const data = Float32Array.from({ length: 54 }, (_, at) => (1 + Math.floor(at / 9)) * direction[at % 9]!);
    const regularizer = edjmLogDet({ strength: 1, outputs: 1 });
    const [slope] = regularizer.gradient(
      { rows: [{ rows: 6, columns: 9, data }] },
      { ...context, dOut: 1 },
    ).rows!;
    const size = Math.sqrt(sum(slope!.data.map((entry) => entry ** 2)));
    expect(size).toBeLessThan(1 / Math.sqrt(1e-6));
  });

  it('takes all outputs, or some that are drawn by seed and step', () => {
    const all = edjmLogDet({ strength: 1 }).cotangents!(context);
    expect(all.map(({ data }) => Array.from(data.slice(4, 8)))).toEqual([
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ]);
    const regularizer = edjmLogDet({ strength: 1, outputs: 2 });
    const drawn = (step: number, seed: number) =>
      regularizer.cotangents!({ ...context, step, seed }).map(({ data }) => data.indexOf(1));
    const counts = [0, 0, 0, 0];
    for (let step = 0; step < 2000; step++) {
      const [a, b, ...more] = drawn(step, 7);
      expect([a === b, more.length]).toEqual([false, 0]);
      counts[a!]!++;
      counts[b!]!++;
    }
    // 1000 of each, with a standard deviation of 22.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(100);
    expect(drawn(3, 7)).toEqual(drawn(3, 7));
    expect(new Set(Array.from({ length: 20 }, (_, seed) => String(drawn(3, seed)))).size).toBeGreaterThan(4);
    expect(edjmLogDet({ strength: 1, outputs: 9 }).cotangents!(context)).toEqual(all);
  });

  it('counts drawn outputs for all: the mean over the draws is the whole', () => {
    const whole = edjmLogDet({ strength: 1 }).penalty({ rows }, context);
    const regularizer = edjmLogDet({ strength: 1, outputs: 1 });
    expect(sum(rows.map((edjm) => regularizer.penalty({ rows: [edjm] }, context))) / 4).toBeCloseTo(
      whole,
      10,
    );
  });

  it('refuses options out of their range, and rows that are zero without a delta', () => {
    expect(() => edjmLogDet({ strength: 0 })).toThrow(
      'edjm-log-det: expected a strength above 0, got 0. Give such a number.',
    );
    expect(() => edjmLogDet({ strength: NaN })).toThrow(/got NaN/);
    expect(() => edjmLogDet({ strength: 1, delta: 1, relativeDelta: 1 })).toThrow(/got both/);
    expect(() => edjmLogDet({ strength: 1, delta: 0 })).toThrow(/delta above 0/);
    expect(() => edjmLogDet({ strength: 1, relativeDelta: -1 })).toThrow(/relativeDelta of at least 0/);
    expect(() => edjmLogDet({ strength: 1, outputs: 0 })).toThrow(/whole number above 0 for outputs/);
    expect(() => edjmLogDet({ strength: 1, samples: 0.5 })).toThrow(/for samples/);
    const zero = [times(0, rows[0]!)];
    expect(() => edjmLogDet({ strength: 1 }).penalty({ rows: zero }, context)).toThrow(/not zero/);
    const regularizer = edjmLogDet({ strength: 1, delta: 1, scaleFree: false });
    expect(regularizer.gradient({ rows: zero }, context).rows![0]!.data.every((entry) => entry === 0)).toBe(
      true,
    );
    const one = { rows: 2, columns: 3, data: Float64Array.of(1, 2, 3, 1, 2, 3) };
    const letter = edjmLogDet({ strength: 1, relativeDelta: 0 });
    expect(() => letter.penalty({ rows: [one] }, context)).toThrow(/Gram matrix is singular/);
  });
});

describe('jacobianFrobenius', () => {
  it('draws directions of length 1, by seed and step', () => {
    const regularizer = jacobianFrobenius({ strength: 1, projections: 2 });
    const drawn = regularizer.cotangents!(context);
    expect(drawn).toHaveLength(2);
    for (const { data } of drawn) {
      for (let i = 0; i < 6; i++) {
        expect(
          farthestFromOrthonormal({ rows: 1, columns: 4, data: data.slice(4 * i, 4 * i + 4) }),
        ).toBeLessThan(1e-14);
      }
    }
    expect(regularizer.cotangents!(context)).toEqual(drawn);
    expect(regularizer.cotangents!({ ...context, step: 3 })).not.toEqual(drawn);
  });

  it('has the expectation ½ λ mean ‖J‖²', () => {
    const jacobian = randomMatrix(4, 9, 3);
    const regularizer = jacobianFrobenius({ strength: 0.5 });
    const draws = 4000;
    let mean = 0;
    for (let step = 0; step < draws; step++) {
      const one = { ...context, n: 1, step };
      const [vector] = regularizer.cotangents!(one);
      const data = Float64Array.from({ length: 9 }, (_, j) =>
        sum(vector!.data.map((entry, k) => entry * jacobian.data[k * 9 + j]!)),
      );
      mean += regularizer.penalty({ rows: [{ rows: 1, columns: 9, data }] }, one) / draws;
    }
    const exact = 0.25 * sum(jacobian.data.map((entry) => entry ** 2));
    expect(Math.abs(mean / exact - 1)).toBeLessThan(0.03);
  });

  it('refuses options out of their range', () => {
    expect(() => jacobianFrobenius({ strength: -1 })).toThrow(/strength above 0/);
    expect(() => jacobianFrobenius({ strength: 1, projections: 0 })).toThrow(/projections/);
    expect(() => jacobianFrobenius({ strength: 1, every: 0 })).toThrow(/every/);
  });
});

describe('jacobianNuclearNorm', () => {
  it('is the mean over the samples of the sum of singular values', () => {
    const regularizer = jacobianNuclearNorm({ strength: 0.5 });
    const norms = Array.from({ length: 6 }, (_, i) => {
      const data = Float64Array.from(
        { length: 36 },
        (__, at) => rows[Math.floor(at / 9)]!.data[i * 9 + (at % 9)]!,
      );
      return sum(singularValuesOfRows({ rows: 4, columns: 9, data }));
    });
    expect(regularizer.penalty({ rows }, context)).toBeCloseTo((0.5 * sum(norms)) / 6, 11);
  });

  it('has the gradient U Vᵀ: of the rows of orthogonal ones their directions, and 0 of a zero Jacobian', () => {
    const orthogonal = [Float64Array.of(3, 0, 0), Float64Array.of(0, 0, -2)].map((data) => ({
      rows: 1,
      columns: 3,
      data,
    }));
    const one = { ...context, n: 1 };
    const gradient = jacobianNuclearNorm({ strength: 1 }).gradient({ rows: orthogonal }, one).rows!;
    expect(
      relativeDifference(
        gradient.flatMap(({ data }) => [...data]),
        [1, 0, 0, 0, 0, -1],
      ),
    ).toBeLessThan(1e-14);
    const zero = orthogonal.map((row) => times(0, row));
    for (const epsilon of [0, 0.1]) {
      const { rows: slopes } = jacobianNuclearNorm({ strength: 1, epsilon }).gradient({ rows: zero }, one);
      expect(slopes!.flatMap(({ data }) => [...data])).toEqual([0, 0, 0, 0, 0, 0]);
    }
  });

  it('refuses options out of their range', () => {
    expect(() => jacobianNuclearNorm({ strength: 1, epsilon: -1 })).toThrow(/epsilon of at least 0/);
    expect(() => jacobianNuclearNorm({ strength: 1, samples: 0 })).toThrow(/samples/);
  });
});
