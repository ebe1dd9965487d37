import { tmpdir } from 'node:os';
import { spectrumMethods } from '@edjm/core';
import { describe, expect, it } from 'vitest';
import { edjm } from '../fixture.ts';

describe('--help', () => {
  it.each(['analyze', 'compare', 'train', 'doctor'])(
    'of %s fits terminals of 80 and 120 columns',
    async (command) => {
      for (const columns of [80, 120]) {
        const { code, stdout, stderr } = await edjm(tmpdir(), [command, '--help'], { columns });
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        const longest = Math.max(...stdout.split('\n').map((line) => line.length));
        expect(longest).toBeLessThanOrEqual(columns);
        expect(longest).toBeGreaterThan(command === 'doctor' ? 60 : columns - 10);
      }
    },
  );

  it.each([
    [
      'analyze',
      ['data', 'out', 'picture', 'json', 'metric', 'engine'],
      ['Samples', 'Network and rows', 'Spectrum', 'Machine'],
    ],
    ['train', ['data', 'out', 'json', 'epochs', 'engine'], ['Samples', 'Network', 'Steps', 'Regularization']],
  ])('of %s stands in groups, first the options that most people need', async (command, first, groups) => {
    const { stdout } = await edjm(tmpdir(), [command, '--help']);
    const [, options = '', ...others] = stdout.split(/^(?=[A-Z][a-z ]+:$)/m).slice(1);
    expect([...options.matchAll(/^ {2}--([\w-]+)/gm)].map(([, name]) => name)).toEqual(first);
    expect(others.map((text) => text.split(':')[0])).toEqual(expect.arrayContaining(groups));
  });

  it('explains every method', async () => {
    const { stdout } = await edjm(tmpdir(), ['analyze', '--help'], { columns: 120 });
    for (const { name, use } of spectrumMethods) expect(stdout).toContain(`${name}: ${use}`);
    const wrong = await edjm(tmpdir(), ['analyze', 'a.onnx', '--data', 'b.npy', '--method', 'svd']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('expected one of dual, gram,');
  });
});
