import { describe, expect, it } from 'vitest';
import { jacobianRows } from '../../src/index.ts';
import { edjm, fakeNetwork, randomSamples, twoLayerRelu } from '../fakeNetworks.ts';

const f = twoLayerRelu({ dIn: 5, hidden: 7, dOut: 4, seed: 21 });
const batch = randomSamples(6, 5, 22);

describe('jacobianRows', () => {
  it.each([
    ['jacobian', ['jacobian'], ['jacobian']],
    ['a vjp for each output', [], ['vjp', 'vjp', 'vjp']],
  ] as const)('come from %s', async (_, paths, calls) => {
    const network = fakeNetwork(f, { paths });
    const outputs = [3, 0, 2];
    const blocks = await jacobianRows(network, batch, outputs);
    expect(network.calls).toEqual(calls);
    for (const [index, { rows, columns, data }] of blocks.entries()) {
      const expected = edjm(f, batch, outputs[index]!);
      expect({ rows, columns }).toEqual({ rows: 6, columns: 5 });
      data.forEach((value, at) => {
        expect(value).toBeCloseTo(expected.data[at]!, 14);
      });
    }
  });

  it.each([[[4]], [[-1]], [[0.5]], [[]]])('of outputs %j are refused', async (outputs) => {
    const network = fakeNetwork(f);
    await expect(jacobianRows(network, batch, outputs)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(network.calls).toEqual([]);
  });
});
