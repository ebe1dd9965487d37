import { dense as denseLayer } from '@edjm/network';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dense } from '../../src/layers/dense.ts';
import { expectExactLayer } from '../jacobians.ts';
import { distinctValues, randomVector, randomWeight, weightOf } from '../samples.ts';

it('multiplies and adds', () => {
  const layer = denseLayer({ weight: weightOf([2, 3]), bias: Float32Array.of(10, 20) });
  const { y, jvp, vjp } = dense(layer).value(Float64Array.of(1, 0, -1));
  expect(y).toEqual(Float64Array.of(8, 18));
  expect(jvp(Float64Array.of(0, 1, 0))).toEqual(Float64Array.of(2, 5));
  expect(vjp(Float64Array.of(0, 1))).toEqual(Float64Array.of(4, 5, 6));
});

it('has exact derivatives', () => {
  const size = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(size, size, fc.integer(), (units, inputs, seed) => {
      const layer = denseLayer({
        weight: randomWeight([units, inputs], seed),
        bias: randomVector(units, seed),
      });
      expectExactLayer(dense(layer), distinctValues(inputs, seed));
    }),
    { numRuns: 20 },
  );
});
