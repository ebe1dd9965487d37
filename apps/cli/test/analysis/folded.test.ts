import { describe, expect, it } from 'vitest';
import { folded } from '../../src/analysis/folded.ts';

const repeated = (items: readonly string[], times: number) =>
  Array.from({ length: times }, () => items).flat();

describe('folded', () => {
  it.each<[string, readonly string[], string]>([
    ['nothing', [], ''],
    ['steps that differ', ['A', 'B', 'C'], 'A → B → C'],
    ['two of a kind, which are short', ['A', 'A', 'B'], 'A → A → B'],
    ['one step many times', ['A', ...repeated(['B'], 12), 'C'], 'A → B × 12 → C'],
    ['several steps many times', ['A', ...repeated(['B', 'C'], 20), 'B'], 'A → (B → C) × 20 → B'],
    ['parts that hold a part twice', repeated(['A', 'A', 'B'], 5), '(A → A → B) × 5'],
  ])('%s', (_, items, line) => {
    expect(folded(items)).toBe(line);
  });
});
