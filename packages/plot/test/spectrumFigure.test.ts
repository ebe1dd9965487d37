import { DOMParser } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { spectrumFigure, spectrumSvg } from '../src/index.ts';
import { falling, three } from './curves.ts';

interface Element {
  readonly textContent: string;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<Element>;
}

function read(svg: string): { root: Element; all: (selector: string) => Element[] } {
  const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement as Element;
  return { root, all: (selector) => [...root.querySelectorAll(selector)] };
}

const colorsOf = (svg: string) =>
  read(svg)
    .all('g[aria-label=line]')
    .map((group) => group.getAttribute('stroke'));

describe('spectrumFigure', () => {
  it('draws each curve in two panels, the steep start and the whole, with one legend', () => {
    const svg = spectrumFigure(three, { title: 'Depth', caption: 'n = 10,000 points' });
    const { root, all } = read(svg);
    expect(all('svg')).toHaveLength(2);
    expect(all('g[aria-label=line]')).toHaveLength(6);
    expect(all('g[aria-label=legend]')).toHaveLength(1);
    expect(root.getAttribute('width')).toBe('900');
    const texts = all('text').map(({ textContent }) => textContent);
    for (const text of ['Depth', 'n = 10,000 points', '10⁻²', '0.8']) expect(texts).toContain(text);
    expect(spectrumFigure(three, { title: 'Depth', caption: 'n = 10,000 points' })).toBe(svg);
  });

  it('ends where the last curve falls below the floor', () => {
    const values = [...falling(50, 0.8), ...new Array<number>(700).fill(1e-9)];
    const ends = read(spectrumSvg([{ label: 'a', values }]))
      .all('text')
      .map(({ textContent }) => Number(textContent));
    expect(Math.max(...ends.filter(Number.isFinite))).toBeLessThan(60);
  });

  it('shades what the score adds up, and marks its end', () => {
    const { all } = read(spectrumFigure(three, { region: { count: 3, label: 'ε' } }));
    expect(all('g[aria-label=rect]')).toHaveLength(2);
    expect(all('text').map(({ textContent }) => textContent)).toContain('ε');
  });

  it('draws bands behind curves, and what noise gives thin and dotted', () => {
    const values = falling(30, 0.8);
    const { all } = read(
      spectrumFigure([
        { label: 'a', values, band: { low: values.map((v) => v / 2), high: values } },
        { label: 'noise', values, isNull: true },
      ]),
    );
    const areas = all('g[aria-label=area] path, path[aria-label=area]').length;
    expect(areas).toBeGreaterThanOrEqual(2);
    expect(all('g[aria-label=line]').map((line) => line.getAttribute('stroke-dasharray'))).toContain('1.5 3');
  });

  it('colors series that have an order from dark to light, each with its own color', () => {
    const ten = Array.from({ length: 10 }, (_, i) => ({
      label: `epoch ${i}`,
      values: falling(30, 0.5 + i / 25),
    }));
    const colors = colorsOf(spectrumSvg(ten, { ordered: true }));
    expect(new Set(colors).size).toBe(10);
    expect(colors[0]).toBe('#440154');
    expect(colorsOf(spectrumSvg(three))).toEqual(['#0072B2', '#D55E00', '#009E73']);
  });

  it('has linear axes up to a ceiling, as the paper does', () => {
    const texts = read(spectrumSvg(three, { yScale: 'linear', ceiling: 0.25 }))
      .all('text')
      .map(({ textContent }) => textContent);
    expect(texts).toContain('0.25');
    expect(texts).not.toContain('1.00');
    expect(() => spectrumSvg(three, { yScale: 'linear', ceiling: 2 })).toThrow(
      /ceiling above 0 and up to 1, got 2/,
    );
  });

  it('keeps names from markup', () => {
    const svg = spectrumFigure([{ label: '<script>alert(1)</script>', values: [1] }], { caption: '<b>&' });
    expect(svg).not.toContain('<script>');
    expect(svg).not.toContain('<b>');
  });
});
