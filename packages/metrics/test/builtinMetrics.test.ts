import { testMetric } from '@edjm/conformance';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtinMetrics } from '../src/index.ts';

/** The values of all metrics, by name. */
function valuesOf(singularValues: readonly number[]): Record<string, number> {
  const context = { output: 0, n: singularValues.length, dIn: singularValues.length };
  const spectrum = {
    singularValues: Float64Array.from(singularValues),
    gram: { rows: 0, columns: 0, data: new Float64Array() },
    rightSingularVectors: { rows: 0, columns: 0, data: new Float64Array() },
  };
  return Object.fromEntries(
    builtinMetrics().map((metric) => [metric.name, metric.compute(spectrum, context)]),
  );
}

const dimensionless = ['edjm-score', 'effective-rank', 'stable-rank', 'participation-ratio'];
const norms = ['nuclear-norm', 'frobenius-norm', 'spectral-norm'];

for (const metric of builtinMetrics()) testMetric(metric, { describe, it });

describe('builtinMetrics', () => {
  it('starts with the EDJM score and holds each metric once', () => {
    const names = builtinMetrics().map(({ name }) => name);
    expect(names[0]).toBe('edjm-score');
    expect(names.toSorted()).toEqual([...dimensionless, ...norms].sort());
  });

  it.each([
    // Σ σ = 8, Σ σ² = 20, Σ σ⁴ = 112; shares 1/2, 1/4, 1/8, 1/8 have an entropy of 7/4 log 2.
    [[4, 2, 1, 1], 2 ** 1.75, 22 / 16, 22 ** 2 / 274, 8, Math.sqrt(22), 4],
    [[3, 3, 3, 3], 4, 4, 4, 12, 6, 3],
    [[5, 0, 0], 1, 1, 1, 5, 5, 5],
    [[2], 1, 1, 1, 2, 2, 2],
    [[0, 0, 0], 0, 0, 0, 0, 0, 0],
  ])('has closed forms for %j', (spectrum, ...expected) => {
    const values = valuesOf(spectrum);
    for (const [i, name] of [...dimensionless.slice(1), ...norms].entries()) {
      expect(values[name], name).toBeCloseTo(expected[i]!, 14);
    }
  });

  const spectra = fc
    .array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 60 })
    .map((values) => values.sort((a, b) => b - a));

  it('has ranks that no scale changes, and norms that scale', () => {
    fc.assert(
      fc.property(spectra, fc.integer({ min: -900, max: 900 }), (spectrum, exponent) => {
        const values = valuesOf(spectrum);
        const scaled = valuesOf(spectrum.map((value) => value * 2 ** exponent));
        for (const name of dimensionless) expect(scaled[name]).toBe(values[name]);
        for (const name of norms) expect(scaled[name]).toBe(values[name]! * 2 ** exponent);
      }),
    );
  });

  it('orders the ranks: 1 ≤ stable ≤ participation, effective ≤ length; and the norms', () => {
    fc.assert(
      fc.property(spectra, (spectrum) => {
        const values = valuesOf(spectrum);
        const [effective, stable, participation] = dimensionless.slice(1).map((name) => values[name]!) as [
          number,
          number,
          number,
        ];
        const [nuclear, frobenius, spectral] = norms.map((name) => values[name]!) as [number, number, number];
        const rounding = 1 + 1e-12;
        expect(1).toBeLessThanOrEqual(stable);
        expect(stable).toBeLessThanOrEqual(participation * rounding);
        expect(participation).toBeLessThanOrEqual(effective * rounding);
        expect(effective).toBeLessThanOrEqual(spectrum.length * rounding);
        expect(spectral).toBeLessThanOrEqual(frobenius);
        expect(frobenius).toBeLessThanOrEqual(nuclear * rounding);
      }),
    );
  });
});
