import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logSoftmax, softmax } from '../../src/layers/softmax.ts';
import { expectExactLayer } from '../jacobians.ts';
import { distinctValues } from '../samples.ts';

describe.each([
  ['softmax', softmax],
  ['logSoftmax', logSoftmax],
])('%s', (_, f) => {
  it('has exact derivatives', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer(), (length, seed) => {
        expectExactLayer(f, distinctValues(length, seed));
      }),
      { numRuns: 20 },
    );
  });

  it('does not change when all inputs rise alike, however far', () => {
    const near = f.value(Float64Array.of(0, 1, 3)).y;
    const far = f.value(Float64Array.of(2000, 2001, 2003)).y;
    for (const [i, value] of near.entries()) expect(far[i]).toBeCloseTo(value, 12);
  });
});

it('softmax gives shares of powers of e', () => {
  const { y } = softmax.value(Float64Array.of(0, Math.LN2, Math.log(5)));
  for (const [i, share] of [1 / 8, 2 / 8, 5 / 8].entries()) expect(y[i]).toBeCloseTo(share, 15);
});

it('logSoftmax is the logarithm of softmax', () => {
  const x = Float64Array.of(-1, 0.5, 2);
  const { y } = logSoftmax.value(x);
  for (const [i, share] of softmax.value(x).y.entries()) expect(y[i]).toBeCloseTo(Math.log(share), 14);
});
