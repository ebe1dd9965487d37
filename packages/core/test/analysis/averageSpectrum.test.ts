import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averageNormalizedSpectrum } from '../../src/index.ts';

describe('averageNormalizedSpectrum', () => {
  it('divides by the largest value, then averages index by index', () => {
    const spectra = [Float64Array.of(4, 2, 0), Float64Array.of(1, 1, 0.5)];
    expect(averageNormalizedSpectrum(spectra)).toEqual(Float64Array.of(1, 0.75, 0.25));
  });

  it('starts at exactly one for any number of outputs', () => {
    for (let outputs = 1; outputs <= 200; outputs++) {
      const spectra = Array.from({ length: outputs }, (_, index) => Float64Array.of(index + 1, 1));
      expect(averageNormalizedSpectrum(spectra)[0]).toBe(1);
    }
  });

  it('counts an EDJM of zeros as zeros', () => {
    expect(averageNormalizedSpectrum([Float64Array.of(2, 1), new Float64Array(2)])).toEqual(
      Float64Array.of(0.5, 0.25),
    );
    expect(averageNormalizedSpectrum([new Float64Array(2)])).toEqual(new Float64Array(2));
    expect(averageNormalizedSpectrum([])).toEqual(new Float64Array());
  });

  it('falls, and does not depend on the scale of an output', () => {
    const positive = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
    const spectra = fc.array(fc.array(positive, { minLength: 4, maxLength: 4 }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(spectra, positive, (lists, factor) => {
        const sorted = lists.map((list) => Float64Array.from(list).sort().reverse());
        const average = averageNormalizedSpectrum(sorted);
        expect(Array.from(average)).toEqual(Array.from(average).sort((a, b) => b - a));
        const scaled = sorted.map((list, index) =>
          index === 0 ? list.map((value) => value * factor) : list,
        );
        averageNormalizedSpectrum(scaled).forEach((value, index) => {
          expect(value).toBeCloseTo(average[index]!, 12);
        });
      }),
    );
  });

  it('refuses spectra of different lengths', () => {
    const spectra = [new Float64Array(3), new Float64Array(2)];
    expect(() => averageNormalizedSpectrum(spectra)).toThrow(
      expect.objectContaining({
        code: 'SHAPE_MISMATCH',
        message: expect.stringMatching(/got 3 and 2 values/) as string,
      }) as Error,
    );
  });
});
