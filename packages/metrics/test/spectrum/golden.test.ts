import { testMetric } from '@edjm/conformance';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import golden from '../golden/metrics.json' with { type: 'json' };
import { fitPowerLaw, networkMetrics, schattenNorm, spectrumMetrics, tailMetrics } from '../../src/index.ts';

const metrics = spectrumMetrics();
for (const metric of metrics.slice(7)) testMetric(metric, { describe, it });

describe('metrics of a spectrum, against NumPy and SciPy in float64', () => {
  it.each(golden.spectra)('agree for $name', (spectrum) => {
    const singularValues = Float64Array.from(spectrum.singularValues);
    const context = { output: 0, n: singularValues.length, dIn: singularValues.length };
    const quantities = {
      singularValues,
      gram: { rows: 0, columns: 0, data: singularValues },
      rightSingularVectors: { rows: 0, columns: 0, data: singularValues },
    };
    for (const [name, expected] of Object.entries(spectrum)) {
      const metric = metrics.find((one) => one.name === name);
      if (metric === undefined || typeof expected === 'string') continue;
      expect(metric.compute(quantities, context) / (expected as number), name).toBeCloseTo(1, 5);
    }
    const fit = fitPowerLaw(singularValues.map((value) => (value / singularValues[0]!) ** 2));
    expect(fit!.from / spectrum['power-law-from']).toBeCloseTo(1, 9);
  });

  const spectra = fc
    .array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 60 })
    .map((values) => Float64Array.from(values).sort().reverse());

  it('do not depend on scale, except the norm, which scales', () => {
    fc.assert(
      fc.property(spectra, fc.integer({ min: -300, max: 300 }), (singularValues, exponent) => {
        const context = { output: 0, n: singularValues.length, dIn: singularValues.length };
        for (const metric of metrics.slice(7)) {
          const of = (values: Float64Array) =>
            metric.compute(
              {
                singularValues: values,
                gram: { rows: 0, columns: 0, data: values },
                rightSingularVectors: { rows: 0, columns: 0, data: values },
              },
              context,
            );
          const factor = metric.name === 'schatten-norm' ? 2 ** exponent : 1;
          expect(of(singularValues.map((value) => value * 2 ** exponent)), metric.name).toBe(
            factor * of(singularValues),
          );
        }
      }),
    );
  });

  it('fall from the nuclear to the spectral norm as p grows', () => {
    fc.assert(
      fc.property(spectra, fc.double({ min: 1, max: 20, noNaN: true }), (singularValues, p) => {
        const context = { output: 0, n: singularValues.length, dIn: singularValues.length };
        const norm = (power: number) => schattenNorm({ p: power }).compute({ singularValues }, context);
        expect(norm(p + 1)).toBeLessThanOrEqual(norm(p) * (1 + 1e-12));
        expect(norm(p)).toBeGreaterThanOrEqual(singularValues[0]! * (1 - 1e-12));
      }),
    );
  });
});

describe('every metric', () => {
  it('says how its value is read', () => {
    for (const metric of [...spectrumMetrics(), ...tailMetrics(), ...networkMetrics()]) {
      for (const text of Object.values(metric.reading ?? { none: '' })) {
        expect(text, metric.name).toMatch(/\S$/);
        expect(text, metric.name).not.toMatch(/\.$/);
      }
    }
  });
});
