import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { comparisonTable } from '../src/index.ts';

const rows = [
  { label: '1 × 240', values: { 'edjm-score': 4.2537, accuracy: 0.961 } },
  { label: '2 × 120', values: { 'edjm-score': 15.4861, parameters: 123_456_789, accuracy: 'unknown' } },
  { label: '日本語', values: { 'edjm-score': 1.2e-8, accuracy: NaN } },
];

describe('comparisonTable', () => {
  it('sets labels to the left, numbers to the right, and dashes for what is missing', () => {
    expect(comparisonTable(rows)).toMatchInlineSnapshot(`
      "model    edjm-score  accuracy  parameters
      ─────────────────────────────────────────
      1 × 240      4.2537   0.96100           –
      2 × 120      15.486   unknown   123456789
      日本語    1.2000e-8       NaN           –"
    `);
  });

  it('takes the number of digits and the title of the first column', () => {
    const text = comparisonTable(rows.slice(0, 1), { digits: 2, labelTitle: 'epoch' });
    expect(text).toMatch(/^epoch +edjm-score +accuracy$/m);
    expect(text).toMatch(/^1 × 240 +4\.3 +0\.96$/m);
  });

  it('sets titles in bold where color is asked for', () => {
    const colored = comparisonTable(rows, { color: true });
    expect(colored).toContain('\u001b[1mmodel');
    expect(stripVTControlCharacters(colored)).toBe(comparisonTable(rows));
  });

  it('lets no text move the cursor', () => {
    const text = comparisonTable([{ label: 'a\nb', values: { 'x\u001b[2J': 'y\r' } }]);
    expect(text.split('\n')).toHaveLength(3);
    for (const character of ['\u001b', '\r']) expect(text).not.toContain(character);
  });

  it('refuses no rows, and digits that no number has', () => {
    for (const call of [
      () => comparisonTable([]),
      () => comparisonTable(rows, { digits: 0 }),
      () => comparisonTable(rows, { digits: 22 }),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }) as Error);
    }
  });
});
