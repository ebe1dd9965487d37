import type { Report } from '@edjm/core';
import { DOMParser } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { reportHtml, spectrumFigure } from '../../src/index.ts';

interface Element {
  readonly textContent: string;
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
}

const hostile = '<script>alert(1)</script>"\'&';

const report: Report = {
  version: 1,
  environment: { edjm: '0.0.0' },
  model: { name: hostile, sha256: '0'.repeat(64) },
  data: { name: hostile, n: 10_000, sha256: '1'.repeat(64), transform: hostile },
  dIn: 3,
  options: { [hostile]: hostile },
  outputKind: 'logit',
  head: { kind: 'softmax', at: hostile },
  jacobianOf: 'fed',
  method: 'gram',
  precision: 'float32',
  batchSize: 2,
  seconds: 1,
  outputs: [{ index: 0, singularValues: [2, 1], errorBounds: [0, 0] }],
  normalizedSpectrum: [1, 0.5],
  metrics: {
    'edjm-score': {
      value: 1.5,
      perOutput: [1.25, 1.75],
      interval: { level: 0.95, low: 1.125, high: 1.875, standardError: 0.2, bias: 0, groups: 50 },
      caution: hostile,
      description: hostile,
      reading: { formula: 'Σ σ', range: hostile, high: 'many directions', low: 'few directions' },
    },
  },
  nullModels: [{ kind: 'init', seeds: [1], metrics: { 'edjm-score': [8.5] }, normalizedSpectrum: [1] }],
};

describe('reportHtml', () => {
  const picture = spectrumFigure([{ label: hostile, values: report.normalizedSpectrum }]);
  const text = reportHtml([report], { picture });
  const root = new DOMParser().parseFromString(text, 'text/html').documentElement as Element;
  const all = (selector: string) => [...root.querySelectorAll(selector)];

  it('escapes every name from a file', () => {
    expect(text).not.toContain('<script');
    expect(all('script')).toHaveLength(0);
    expect(root.querySelector('h2')?.textContent).toBe(hostile);
    expect(root.querySelector('dl')?.textContent).toContain(hostile);
  });

  it('shows value, interval, range and null models of a metric, with headers', () => {
    const cells = all('tbody td').map(({ textContent }) => textContent);
    expect(cells).toEqual(['1.5000', '1.1250 … 1.8750', '1.2500', '1.7500', '8.5000']);
    expect(all('thead th[scope=col]')).toHaveLength(6);
    expect(all('tbody th[scope=row]')).toHaveLength(1);
    expect(root.textContent).toContain('many directions');
  });

  it('loads nothing, and says so to the browser', () => {
    expect(text).toContain("default-src 'none'");
    expect(all('[src], [href], link')).toHaveLength(0);
    expect(all('figure svg').length).toBeGreaterThan(0);
  });
});
