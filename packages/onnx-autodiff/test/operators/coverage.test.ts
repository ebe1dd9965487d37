import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { coveredOperators } from '../../src/index.ts';

/** The operators in the first column of the README's table of them. */
function listedOperators(): string[] {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, section = ''] = readme.split('## Operators');
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => Array.from(row.split(' | ')[0]!.matchAll(/`([\w.]+)`/g), ([, name]) => name!));
}

describe('the table of operators in the README', () => {
  it('lists each covered operator once, and no other', () => {
    expect(listedOperators().sort()).toEqual([...coveredOperators.keys()].sort());
  });
});
