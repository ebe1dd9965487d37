import { batchNorm } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { networkFunction } from '../../src/networkFunction.ts';
import { expectExactDerivatives } from '../jacobians.ts';
import { distinctValues, randomVector } from '../samples.ts';

describe('batchNorm', () => {
  it('normalizes each channel by its own statistics', () => {
    const layer = batchNorm({
      scale: Float32Array.of(2, 1),
      bias: Float32Array.of(100, 0),
      mean: Float32Array.of(1, -1),
      variance: Float32Array.of(3, 8),
      epsilon: 1,
    });
    const channels = networkFunction({ name: 'channels', inputShape: [2, 1, 2], layers: [layer] });
    const { y } = channels(Float64Array.of(1, 3, 2, 5));
    for (const [i, value] of [100, 102, 1, 2].entries()) expect(y[i]).toBeCloseTo(value, 13);
    const features = networkFunction({ name: 'features', inputShape: [2], layers: [layer] });
    expect(features(Float64Array.of(3, 2)).y[1]).toBeCloseTo(1, 13);
  });

  it.each([[[3]], [[3, 2, 4]]])('has exact derivatives on samples of shape %j', (inputShape) => {
    const layer = batchNorm({
      scale: randomVector(3, 1),
      bias: randomVector(3, 2),
      mean: randomVector(3, 3),
      variance: randomVector(3, 4).map((value) => value ** 2),
    });
    const f = networkFunction({ name: 'batchNorm', inputShape, layers: [layer] });
    expectExactDerivatives(f, distinctValues(inputShape.length === 1 ? 3 : 24, 5));
  });
});
