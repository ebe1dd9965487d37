import { testMetric } from '@edjm/conformance';
import { describe, expect, it } from 'vitest';
import { conditionNumber, logDeterminant, numericalRank, tailMetrics } from '../../src/index.ts';

for (const metric of tailMetrics()) testMetric(metric, { describe, it });

describe('tailMetrics', () => {
  const context = { output: 0, n: 4, dIn: 4 };

  it.each([
    [[8, 4, 2, 1], {}, [4, 8, Math.log(64)]],
    [[8, 4, 1e-9, 0], {}, [2, 2, Math.log(32)]],
    [[8, 4, 2 ** -30, 0], { tolerance: 1e-12 }, [3, 2 ** 33, -25 * Math.LN2]],
    [[8, 4, 2, 1], { tolerance: 0.25 }, [2, 2, Math.log(32)]],
    [[5, 0, 0, 0], { tolerance: 0 }, [1, 1, Math.log(5)]],
    [[0, 0, 0, 0], {}, [0, 0, 0]],
  ])('has closed forms for %j with %j', (values, options, expected) => {
    const singularValues = Float64Array.from(values);
    const metrics = [numericalRank(options), conditionNumber(options), logDeterminant(options)];
    metrics.forEach((metric, index) => {
      expect(metric.compute({ singularValues }, context)).toBeCloseTo(expected[index]!, 12);
    });
  });

  it('asks for the small end, and for all values', () => {
    for (const { accuracy, largest } of tailMetrics()) {
      expect(accuracy).toBeLessThanOrEqual(1e-9);
      expect(largest).toBeUndefined();
    }
  });

  it.each([1, -1e-9, NaN])('is refused with a tolerance of %f', (tolerance) => {
    expect(() => numericalRank({ tolerance })).toThrow(/tolerance of at least 0 and below 1/);
  });
});
