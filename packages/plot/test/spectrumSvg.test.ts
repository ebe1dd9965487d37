import { DOMParser } from 'linkedom';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spectrumSvg, type SpectrumSeries, type SvgDocument } from '../src/index.ts';
import { falling, three, withZeros } from './curves.ts';

interface Element {
  readonly tagName: string;
  readonly textContent: string;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<Element>;
}

/** What a test asks of a figure. */
function read(svg: string): {
  root: Element;
  curves: { color: string; dashes: string; points: (readonly [number, number])[] }[];
  dots: number;
  texts: string[];
} {
  const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement as Element;
  const all = (selector: string): Element[] => [...root.querySelectorAll(selector)];
  return {
    root,
    curves: all('g[aria-label=line]').map((group) => ({
      color: group.getAttribute('stroke') ?? '',
      dashes: group.getAttribute('stroke-dasharray') ?? '',
      points: [...group.querySelectorAll('path')].flatMap((path) =>
        [...(path.getAttribute('d') ?? '').matchAll(/[ML]([-\d.]+),([-\d.]+)/g)].map(
          ([, x, y]) => [Number(x), Number(y)] as const,
        ),
      ),
    })),
    dots: all('g[aria-label=dot] circle').length,
    texts: all('text').map((text) => text.textContent),
  };
}

describe('spectrumSvg', () => {
  it('draws a curve, a legend line and a score for each series', () => {
    const { root, curves, texts, dots } = read(spectrumSvg(three, { title: 'Depth' }));
    expect(curves).toHaveLength(3);
    expect(dots).toBe(0);
    expect(new Set(curves.map(({ color }) => color))).toEqual(new Set(['#0072B2', '#D55E00', '#009E73']));
    for (const text of ['1 × 240 (score 4.25)', '2 × 120 (score 5.49)', '3 × 80 (score 7.35)', 'Depth']) {
      expect(texts).toContain(text);
    }
    expect(texts).toContain('index of singular value');
    expect(texts).toContain('σ / max σ (mean over outputs)');
    expect(root.getAttribute('aria-label')).toBe('Normalized spectra of 1 × 240, 2 × 120, 3 × 80');
    expect(root.getAttribute('xmlns')).toBe('http://www.w3.org/2000/svg');
  });

  it('draws the same text every time, without generated names', () => {
    const svg = spectrumSvg(three);
    expect(spectrumSvg(three)).toBe(svg);
    expect(svg).not.toMatch(/\bid=|<style|plot-/);
    expect(svg).not.toMatch(/\d\.\d{3}/);
  });

  it('draws what it drew before', async () => {
    const series = [withZeros, { label: 'rank 1', values: [1], score: 1 }];
    await expect(spectrumSvg(series, { title: 'Ranks', width: 400, height: 240 })).toMatchFileSnapshot(
      'golden/ranks.svg',
    );
  });

  it('puts values where the logarithmic axes say', () => {
    const { curves } = read(
      spectrumSvg([{ label: 'a', values: [1, 0.1, 0.01] }], { width: 400, height: 300, floor: 0.01 }),
    );
    const [first, second, third] = curves[0]?.points ?? [];
    expect(curves[0]?.points).toHaveLength(3);
    expect((second?.[0] ?? 0) - (first?.[0] ?? 0)).toBeCloseTo((400 - 64 - 20) / 2, 1);
    expect((second?.[1] ?? 0) - (first?.[1] ?? 0)).toBeCloseTo(150, 1);
    expect((third?.[1] ?? 0) - (first?.[1] ?? 0)).toBeCloseTo(300, 1);
  });

  it('ends a curve where it falls below the axis, and marks no value there', () => {
    const { curves, dots, texts } = read(spectrumSvg([withZeros], { height: 200 }));
    expect(curves[0]?.points).toHaveLength(5);
    expect(dots).toBe(4);
    expect(texts).toContain('10⁻²');
    const bottom = (curves[0]?.points[0]?.[1] ?? 0) + 200;
    expect(curves[0]?.points[4]?.[1]).toBeCloseTo(bottom, 1);
  });

  it('draws zeros on a linear axis', () => {
    const { curves, dots } = read(spectrumSvg([withZeros], { yScale: 'linear' }));
    expect(curves[0]?.points).toHaveLength(8);
    expect(dots).toBe(8);
  });

  it('chooses the floor by the data, down to 1e-4', () => {
    const labels = (values: readonly number[]): string[] => read(spectrumSvg([{ label: 'a', values }])).texts;
    expect(labels([1, 0.5])).not.toContain('10⁻²');
    expect(labels([1, 0.002])).toContain('10⁻³');
    expect(labels([1, 0.002])).not.toContain('10⁻⁴');
    expect(labels([1, 1e-9])).toContain('10⁻⁴');
    expect(labels([1, 1e-9])).not.toContain('10⁻⁵');
    expect(read(spectrumSvg([{ label: 'a', values: [1, 1e-9] }], { floor: 1e-12 })).texts).toContain('10⁻¹²');
  });

  it('draws no more points than there are pixels', () => {
    const long = { label: 'long', values: falling(150_000, 0.5) };
    for (const xScale of ['linear', 'log'] as const) {
      const points = read(spectrumSvg([long], { xScale, width: 500 })).curves[0]?.points ?? [];
      expect(points.length).toBeGreaterThan(200);
      expect(points.length).toBeLessThanOrEqual(500 + 2);
      expect(points.at(-1)?.[0]).toBeCloseTo(480, 1);
    }
  });

  it('draws a spectrum of one value, and one of nothing but zeros', () => {
    const series = [
      { label: 'one', values: [1] },
      { label: 'none', values: [0, 0, 0] },
    ];
    const { texts, dots } = read(spectrumSvg(series));
    expect(dots).toBe(1);
    expect(texts).toContain('none');
  });

  it('tells many curves apart, in a legend of several columns', () => {
    const many = Array.from({ length: 14 }, (_, i) => ({
      label: `net ${i}`,
      values: falling(100, 0.2 + i / 20),
    }));
    const { curves, root } = read(spectrumSvg(many));
    expect(new Set(curves.map(({ color, dashes }) => `${color} ${dashes}`)).size).toBe(14);
    const places = [...root.querySelectorAll('g[aria-label=legend] text')].map(
      (text) => `${text.getAttribute('x') ?? ''} ${text.getAttribute('y') ?? ''}`,
    );
    expect(new Set(places).size).toBe(14);
    expect(new Set(places.map((place) => place.split(' ')[0])).size).toBeGreaterThan(1);
  });

  it('cuts labels that are too long, not their scores', () => {
    const [text] = read(spectrumSvg([{ label: 'x'.repeat(300), values: [1], score: 2 }])).texts.slice(-1);
    expect(text).toMatch(/^x{50,80}… \(score 2\.00\)$/);
  });

  it('labels no more powers of ten than can be read', () => {
    const { texts } = read(spectrumSvg(three, { floor: 1e-200 }));
    const powers = texts.filter((text) => text.startsWith('10⁻'));
    expect(powers.length).toBeLessThan(9);
    expect(powers.length).toBeGreaterThan(5);
  });

  it.each([1, 2, 3, 4, 5, 7, 12, 100, 784, 3072])('labels each tick of %i indices once', (n) => {
    const { root } = read(spectrumSvg([{ label: 'flat', values: Array.from({ length: n }, () => 1) }]));
    const labels = [...root.querySelectorAll('g[aria-label="x-axis tick label"] text')].map(
      (text) => text.textContent,
    );
    expect(labels).toEqual([...new Set(labels)]);
    expect(labels[0]).toBe('1');
    expect(labels.length).toBeLessThan(11);
  });

  it('keeps labels as they are, whatever they hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (label) => {
        const { texts } = read(spectrumSvg([{ label: `a${label}z`, values: [1, 0.5] }]));
        expect(texts).toContain(`a${label}z`);
      }),
      { numRuns: 50 },
    );
    const hostile = spectrumSvg([{ label: '<b>&"\'\n\u001b[2J\u0000\uffff', values: [1] }]);
    expect(read(hostile).texts).toContain('<b>&"\' [2J');
    expect(hostile).toContain(`aria-label="Normalized spectra of &lt;b&gt;&amp;&quot;' [2J"`);
  });

  it('has a background of its own, or the colors of the page', () => {
    expect(read(spectrumSvg(three)).root.getAttribute('color')).toBe('#222222');
    expect(spectrumSvg(three)).toContain('fill="white"');
    expect(spectrumSvg(three, { background: '#eee' })).toContain('fill="#eee"');
    const bare = read(spectrumSvg(three, { background: 'none' }));
    expect(bare.root.getAttribute('color')).toBeNull();
    expect([...bare.root.querySelectorAll('rect[width="100%"]')]).toEqual([]);
  });

  it('draws with a document that is given', () => {
    const made: string[] = [];
    const document: SvgDocument = {
      implementation: {
        createDocument(namespace, name) {
          made.push(`${namespace} ${name}`);
          return new DOMParser().parseFromString(`<${name} xmlns="${namespace}"/>`, 'image/svg+xml');
        },
      },
    };
    expect(spectrumSvg(three, { document })).toBe(spectrumSvg(three));
    expect(made).toEqual(['http://www.w3.org/2000/svg svg']);
  });

  it.each<[string, readonly SpectrumSeries[], object]>([
    ['no series', [], {}],
    ['no values', [{ label: 'a', values: [] }], {}],
    ['NaN', [{ label: 'a', values: [1, NaN] }], {}],
    ['values that are not normalized', [{ label: 'a', values: [45.2, 3] }], {}],
    ['negative values', [{ label: 'a', values: [1, -0.1] }], {}],
    ['a floor of 0', three, { floor: 0 }],
    ['a floor of 1', three, { floor: 1 }],
    ['a width of 0', three, { width: 0 }],
    ['a height of NaN', three, { height: NaN }],
  ])('refuses %s', (_, series, options) => {
    expect(() => spectrumSvg(series, options)).toThrow(
      expect.objectContaining({ name: 'EdjmError', code: 'INVALID_ARGUMENT' }) as Error,
    );
  });
});
