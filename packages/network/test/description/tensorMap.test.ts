import { describe, expect, it } from 'vitest';
import { mapped } from '../../src/description/tensorMap.ts';
import { thrown } from './thrown.ts';

const tensor = (value: number) => ({ shape: [1], data: Float32Array.of(value) });
const expected = ['0.weight', '0.bias', '2.body.0.weight'];

describe('mapped', () => {
  it('gives tensors the names of the network, by layer and by tensor', () => {
    const tensors = new Map([
      ['fc.weight', tensor(1)],
      ['fc.bias', tensor(2)],
      ['inner', tensor(3)],
    ]);
    const found = mapped(tensors, expected, { '0': 'fc', '2.body.0.weight': 'inner' });
    expect([...found].map(([name, { data }]) => [name, data[0]])).toEqual([
      ['0.weight', 1],
      ['0.bias', 2],
      ['2.body.0.weight', 3],
    ]);
  });

  it('exchanges names, and keeps those that it does not name', () => {
    const tensors = new Map([
      ['0.weight', tensor(1)],
      ['0.bias', tensor(2)],
      ['2.body.0.weight', tensor(3)],
    ]);
    const found = mapped(tensors, expected, { '0.weight': '2.body.0.weight', '2.body.0.weight': '0.weight' });
    expect(found.get('0.weight')?.data[0]).toBe(3);
    expect(found.get('2.body.0.weight')?.data[0]).toBe(1);
    expect(found.get('0.bias')?.data[0]).toBe(2);
  });

  it.each<[string, Record<string, string>, string]>([
    ['a name that is not of the network', { '1': 'fc' }, 'got "1"'],
    ['a tensor that is not in the file', { '0.weight': 'fc' }, 'got "fc"'],
    ['a tensor for two names', { '0.weight': '0.bias', '0.bias': '0.bias' }, 'got "0.bias" twice'],
    ['half of an exchange', { '0.weight': '2.body.0.weight' }, 'got "0.weight" without one'],
  ])('refuses %s', (_, map, says) => {
    const tensors = new Map(expected.map((name) => [name, tensor(1)]));
    const error = thrown(() => mapped(tensors, expected, map));
    expect(error).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(says) as string,
    });
  });
});
