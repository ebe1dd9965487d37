import type { FloatArray } from '@edjm/core';
import { batchNorm } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { batchMoments } from '../../src/training/batchMoments.ts';
import { expectExactDerivatives } from '../jacobians.ts';
import { distinctValues } from '../samples.ts';

const layer = batchNorm({
  scale: Float64Array.of(5, 5),
  bias: Float64Array.of(7, 7),
  mean: Float64Array.of(10, 20),
  variance: Float64Array.of(1, 2),
  epsilon: 1,
});

function moments(samples: number, size: number, fraction: number) {
  const stored = new Map<FloatArray, Float64Array>();
  const f = batchMoments(
    layer,
    { samples, size },
    { fraction, store: (at, values) => stored.set(at, values) },
  );
  return { f, stored };
}

describe('batchMoments', () => {
  it('normalizes each channel over samples and space, and moves the stored statistics', () => {
    // Two samples of two channels of two pixels: channel 0 is 1, 3, 5, 7 with mean 4 and variance 5, channel 1 is 0 everywhere.
    const { f, stored } = moments(2, 4, 0.25);
    const { y } = f(Float64Array.of(1, 3, 0, 0, 5, 7, 0, 0));
    const expected = [-3, -1, 0, 0, 1, 3, 0, 0].map((value) => value / Math.sqrt(6));
    for (const [i, value] of expected.entries()) expect(y[i]).toBeCloseTo(value, 14);
    expect(stored.get(layer.mean)).toEqual(Float64Array.of(0.75 * 10 + 0.25 * 4, 0.75 * 20));
    // 20 / 3 is the variance of n − 1.
    expect(stored.get(layer.variance)?.[0]).toBeCloseTo(0.75 + (0.25 * 20) / 3, 14);
    expect(stored.get(layer.variance)?.[1]).toBeCloseTo(1.5, 14);
  });

  it('takes a single value as one without variance', () => {
    const { f, stored } = moments(1, 2, 1);
    expect(f(Float64Array.of(3, -4)).y).toEqual(Float64Array.of(0, 0));
    expect(stored.get(layer.mean)).toEqual(Float64Array.of(3, -4));
    expect(stored.get(layer.variance)).toEqual(Float64Array.of(0, 0));
  });

  it.each([
    ['features', 5, 2],
    ['images', 3, 6],
  ])('has exact derivatives on %s', (_, samples, size) => {
    expectExactDerivatives(moments(samples, size, 0.1).f, distinctValues(samples * size, 3));
  });
});
