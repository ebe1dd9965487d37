import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { spectrumText, type SpectrumSeries } from '../src/index.ts';
import { falling, three, withZeros } from './curves.ts';

const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

describe('spectrumText', () => {
  it('draws what it drew before', () => {
    expect(spectrumText(three, { width: 60, height: 12, title: 'Depth' })).toMatchInlineSnapshot(`
      "                           Depth
      σ / max σ (mean over outputs)
          │
         1┤■
          │▲■■■
          │ ●▲▲■■■■
      10⁻¹┤  ●●▲▲▲▲■■■■■
          │   ●●●●●▲▲▲▲▲■■■■■■■
      10⁻²┤       ●●●●●●●▲▲▲▲▲■■■■■■■■
          │              ●●●●●●●●▲▲▲▲▲■■■■■■■■■
          │                        ●●●●●●●▲▲▲▲■■■■■■■■■■
      10⁻³┤                                      ●●●●●▲▲■■■■■■■■
          │
          │
      10⁻⁴┤
          └┬──────┬─────┬──────┬─────┬──────┬──────┬─────┬───────
           1    100   200    300   400    500    600   700
                        index of singular value
      ● 1 × 240 (score 4.25)
      ▲ 2 × 120 (score 5.49)
      ■ 3 × 80 (score 7.35)"
    `);
    expect(spectrumText([withZeros], { width: 40, height: 8, xScale: 'log' })).toMatchInlineSnapshot(`
      "σ / max σ (mean over outputs)
          │
         1┤●●●●●●●
          │       ●●●●●●●●
          │               ●●●●●●
      10⁻¹┤                    ●●
          │                      ●●
          │                        ●●
          │                          ●●
      10⁻²┤                            ●●
          └┬─────────────────────────────────
           1
              index of singular value
      ● rank 4"
    `);
  });

  it.each([30, 47, 80, 200])('keeps within %i columns', (width) => {
    const long = { label: `a long label ${'x'.repeat(300)}`, values: falling(3072, 0.4), score: 12 };
    for (const xScale of ['linear', 'log'] as const) {
      for (const yScale of ['linear', 'log'] as const) {
        const text = spectrumText([...three, long], { width, xScale, yScale, title: 't'.repeat(300) });
        expect(widest(text)).toBeLessThanOrEqual(width);
        expect(widest(text)).toBeGreaterThan(width - 4);
      }
    }
  });

  it('counts wide characters twice', () => {
    const text = spectrumText([{ label: '数'.repeat(40), values: [1, 0.5] }], { width: 41 });
    expect(text).toContain(`● ${'数'.repeat(19)}…`);
  });

  it('marks each curve by a sign of its own, with and without color', () => {
    const plain = spectrumText(three);
    const colored = spectrumText(three, { color: true, title: 'Depth' });
    for (const mark of ['●', '▲', '■']) expect(plain.split(mark).length).toBeGreaterThan(10);
    expect(plain).not.toContain('\u001b');
    for (const code of [34, 31, 32]) expect(colored).toContain(`\u001b[${code}m`);
    expect(stripVTControlCharacters(colored)).toBe(spectrumText(three, { title: 'Depth' }));
  });

  it('leaves no gap where a curve falls steeply', () => {
    const cliff = spectrumText([{ label: 'cliff', values: [1, 1, 1, 1e-3, 1e-3] }], { height: 15 });
    const rows = cliff.split('\n').filter((line) => /[│┤]/.test(line));
    const first = rows.findIndex((line) => line.includes('●'));
    const last = rows.findLastIndex((line) => line.includes('●'));
    expect(last - first).toBeGreaterThan(8);
    for (const row of rows.slice(first, last + 1)) expect(row).toContain('●');
  });

  it('draws one value, zeros and very many values', () => {
    expect(spectrumText([{ label: 'one', values: [1] }]).split('●')).toHaveLength(3);
    expect(spectrumText([{ label: 'zeros', values: [0, 0] }])).toContain('● zeros');
    expect(spectrumText([{ label: 'many', values: falling(150_000, 0.5) }])).toContain('150000');
  });

  it('lets no label move the cursor', () => {
    const text = spectrumText([{ label: 'a\u001b[2Jb\r\nc', values: [1] }], { title: 'x\ny' });
    for (const character of ['\u001b', '\r']) expect(text).not.toContain(character);
    expect(text).toContain('● a [2Jb c');
  });

  it.each<[string, readonly SpectrumSeries[], object]>([
    ['no series', [], {}],
    ['no values', [{ label: 'a', values: [] }], {}],
    ['a width of 29', three, { width: 29 }],
    ['a width of 80.5', three, { width: 80.5 }],
    ['a height of 4', three, { height: 4 }],
    ['a floor of 2', three, { floor: 2 }],
  ])('refuses %s', (_, series, options) => {
    expect(() => spectrumText(series, options)).toThrow(
      expect.objectContaining({ name: 'EdjmError', code: 'INVALID_ARGUMENT' }) as Error,
    );
  });
});
