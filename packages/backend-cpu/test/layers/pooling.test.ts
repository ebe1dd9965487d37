import {
  averagePool2d,
  globalAveragePool2d,
  globalMaxPool2d,
  type Layer,
  maxPool2d,
  valueCount,
} from '@edjm/network';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LayerFunction } from '../../src/layerFunction.ts';
import { networkFunction } from '../../src/networkFunction.ts';
import { expectExactDerivatives } from '../jacobians.ts';
import { distinctValues } from '../samples.ts';

function pool(inputShape: readonly number[], layer: Layer): LayerFunction {
  return networkFunction({ name: 'pooling', inputShape, layers: [layer] });
}

const image = Float64Array.of(1, 9, 3, 4, 5, 6, 7, 8, 2);

describe('maxPool2d', () => {
  it('takes the largest value of each window', () => {
    const overlapping = pool([1, 3, 3], maxPool2d({ kernel: 2, stride: 1 }));
    expect(overlapping(image).y).toEqual(Float64Array.of(9, 9, 8, 8));
    expect(overlapping(image).vjp(Float64Array.of(1, 2, 4, 8))).toEqual(
      Float64Array.of(0, 3, 0, 0, 0, 0, 0, 12, 0),
    );
  });

  it('never takes the padding', () => {
    const padded = pool([1, 1, 1], maxPool2d({ kernel: 2, stride: 1, padding: [1, 0, 0, 1] }));
    expect(padded(Float64Array.of(-5)).y).toEqual(Float64Array.of(-5));
  });

  it('sends the gradient of a tie to the first place in row-major order', () => {
    const whole = pool([1, 2, 2], maxPool2d({ kernel: 2 }));
    expect(whole(Float64Array.of(0, 3, 3, 3)).vjp(Float64Array.of(1))).toEqual(Float64Array.of(0, 1, 0, 0));
    expect(whole(Float64Array.of(2, 2, 2, 2)).jvp(Float64Array.of(5, 6, 7, 8))).toEqual(Float64Array.of(5));
  });
});

describe('averagePool2d', () => {
  it('takes the mean of each window', () => {
    expect(pool([1, 3, 3], averagePool2d({ kernel: [1, 3] }))(image).y.map(Math.round)).toEqual(
      Float64Array.of(4, 5, 6),
    );
  });

  it('counts padding only where told to', () => {
    const window = { kernel: 2, stride: 2, padding: [1, 1, 0, 0] } as const;
    const corner = Float64Array.of(8, 4, 2, 6);
    expect(pool([1, 2, 2], averagePool2d(window))(corner).y[0]).toBe(8);
    expect(pool([1, 2, 2], averagePool2d({ ...window, countIncludePad: true }))(corner).y[0]).toBe(2);
  });
});

describe('global pooling', () => {
  it('gives one value a channel', () => {
    const channels = Float64Array.of(1, 3, 8, -8);
    expect(pool([2, 1, 2], globalAveragePool2d())(channels).y).toEqual(Float64Array.of(2, 0));
    expect(pool([2, 1, 2], globalMaxPool2d())(channels).y).toEqual(Float64Array.of(3, 8));
  });
});

describe.each<[string, (options: Parameters<typeof averagePool2d>[0]) => Layer]>([
  ['maxPool2d', maxPool2d],
  ['averagePool2d', averagePool2d],
  ['globalMaxPool2d', globalMaxPool2d],
  ['globalAveragePool2d', globalAveragePool2d],
])('%s', (_, build) => {
  it('has exact derivatives', () => {
    const axis = fc
      .integer({ min: 1, max: 3 })
      .chain((kernel) =>
        fc.tuple(
          fc.constant(kernel),
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 0, max: kernel - 1 }),
          fc.integer({ min: 0, max: kernel - 1 }),
        ),
      );
    const shape = fc.tuple(
      fc.integer({ min: 1, max: 2 }),
      fc.integer({ min: 3, max: 5 }),
      fc.integer({ min: 3, max: 5 }),
    );
    const more = fc.record({ seed: fc.integer(), countIncludePad: fc.boolean() });
    fc.assert(
      fc.property(
        fc.tuple(axis, axis),
        shape,
        more,
        ([down, across], inputShape, { seed, countIncludePad }) => {
          const layer = build({
            kernel: [down[0], across[0]],
            stride: [down[1], across[1]],
            padding: [down[2], across[2], down[3], across[3]],
            countIncludePad,
          });
          expectExactDerivatives(pool(inputShape, layer), distinctValues(valueCount(inputShape), seed));
        },
      ),
      { numRuns: 15 },
    );
  });
});
