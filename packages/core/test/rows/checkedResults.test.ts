import { describe, expect, it } from 'vitest';
import { analyze, type DifferentiableNetwork } from '../../src/index.ts';
import { fakeDataset } from '../fakeDataset.ts';
import { fakeNetwork, type KnownFunction, linear, randomSamples } from '../fakeNetworks.ts';
import { everyPath } from '../paths.ts';

describe('gradients', () => {
  it.each(everyPath)(
    'that are not finite are refused by $method of $n samples, $paths, and their place named',
    async ({ n, dOut, paths }) => {
      const samples = randomSamples(n, 13, 1);
      const atSample8 = samples.data[8 * 13];
      const f: KnownFunction = {
        dIn: 13,
        dOut,
        output: () => 0,
        gradient: (x, k) => Array.from(x, (_, j) => (k === 2 && j === 4 && x[0] === atSample8 ? NaN : 1)),
      };
      const data = fakeDataset(samples);
      const place = 'sample 8, input 4';
      const run = analyze(fakeNetwork(f, { paths }), data, { outputs: [0, 2], maxMemory: Infinity });
      await expect(run).rejects.toMatchObject({
        code: 'INVALID_DATA',
        message: expect.stringMatching(
          `^fake: expected finite gradients .* got NaN in .* of output 2 at ${place} `,
        ) as string,
      });
      expect(data.passes).toEqual({ begun: 1, ended: 1 });
    },
  );

  it.each([
    { paths: [], got: '1e\\+155 in the derivative of output 0 at sample 0, input 10' },
    { paths: ['gram'], got: 'Infinity in the squared derivatives of output 0 at sample 0, input 10' },
  ] as const)('whose squares overflow are refused, with the fast paths $paths', async ({ paths, got }) => {
    const gradient = () => Array.from({ length: 13 }, (_, j) => (j === 10 ? 1e155 : 1));
    const f = { dIn: 13, dOut: 1, output: () => 0, gradient };
    const data = fakeDataset(randomSamples(60, 13, 1));
    const run = analyze(fakeNetwork(f, { paths }), data, { outputs: [0], maxMemory: Infinity });
    await expect(run).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringMatching(`below 1e\\+150, got ${got} `) as string,
    });
  });
});

describe('a network', () => {
  const small = fakeNetwork(linear([[1, 2, 3]]));
  const f = { dIn: 3, dOut: 1, output: () => 0, gradient: () => [1, 2, 3] };
  const forming = fakeNetwork(f, { paths: ['gram'] });
  const block = (rows: number, columns: number, length = rows * columns) => ({
    rows,
    columns,
    data: new Float64Array(length),
  });

  it.each<{ what: string; network: DifferentiableNetwork; says: RegExp }>([
    {
      what: 'too few rows',
      network: { ...small, vjp: async () => block(2, 3) },
      says: /^fake: expected from its backend rows of 7 × 3 for each of 1 outputs, got 2 × 3 in an array of 6/,
    },
    {
      what: 'rows of another width',
      network: { ...small, vjp: async () => block(7, 4) },
      says: /got 7 × 4/,
    },
    {
      what: 'an array that is too short',
      network: { ...small, vjp: async () => block(7, 3, 20) },
      says: /in an array of 20/,
    },
    { what: 'no rows', network: { ...small, jacobian: async () => [] }, says: /got none/ },
    {
      what: 'Gram matrices that stop short of the diagonal',
      network: { ...forming, gram: async () => [[block(2, 3), block(1, 2)]] },
      says: /the 3 rows of a Gram matrix up to its diagonal for each of 1 outputs, got 2 × 3 .*; 1 × 2 /,
    },
    {
      what: 'Gram matrices with too few rows',
      network: { ...forming, gram: async () => [[block(2, 3)]] },
      says: /got 2 × 3/,
    },
    { what: 'no Gram matrices', network: { ...forming, gram: async () => [] }, says: /got none/ },
  ])('that gives $what is refused', async ({ network, says }) => {
    const data = fakeDataset(randomSamples(2000, 3, 1));
    await expect(analyze(network, data, { outputs: [0], maxMemory: Infinity })).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
      message: expect.stringMatching(says) as string,
    });
  });
});
