import { describe, expect, it } from 'vitest';
import { partOf } from '../src/index.ts';
import { runTests } from '../src/page/index.ts';

const pass = () => Promise.resolve();

describe('partOf', () => {
  it('defines what is chosen of the outermost group, whole, and nothing else', async () => {
    const results = await runTests((runner) => {
      const part = partOf(runner, (title) => title.startsWith('chosen'));
      part.describe('outer', () => {
        part.describe('chosen group', () => {
          part.describe('inner', () => {
            part.it('test', pass);
          });
          part.it('test', pass);
          part.it.skip('skipped', pass);
        });
        part.describe('other group', () => {
          part.it('chosen by title, in a group that is not', pass);
        });
        part.it('chosen test', pass);
        part.it('other test', pass);
      });
    });
    expect(Object.keys(results)).toEqual([
      'outer > chosen group > inner > test',
      'outer > chosen group > test',
      'outer > chosen test',
    ]);
  });
});
