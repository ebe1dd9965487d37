import { describe, expect, it } from 'vitest';
import { type RawNetwork, EdjmError, engineNetwork, type StackedRows } from '../../src/index.ts';
import { countingNetwork, gramOf, samples } from './countingNetwork.ts';

/** Samples (1, 2), (3, 4), (5, 6), with f = (1, 2), (9, 12), (25, 30). */
const three = samples(1, 2, 3, 4, 5, 6);
const outputsOfThree = [1, 2, 9, 12, 25, 30];
/** Σ r rᵀ of the rows (2 x₀, 0) of output 0 and (x₁, x₀) of output 1. */
const gramsOfThree = [
  [4 * (1 + 9 + 25), 0, 0, 0],
  [4 + 16 + 36, 2 + 12 + 30, 2 + 12 + 30, 1 + 9 + 25],
];

function network(parts: Partial<RawNetwork> = {}) {
  const engine = countingNetwork(parts);
  return { engine, network: engineNetwork(engine) };
}

describe('engineNetwork', () => {
  it('describes the engine', () => {
    const { network: made } = network({ inputShape: [2, 3, 4], dIn: 7 });
    expect(made).toMatchObject({ name: 'counting', inputShape: [2, 3, 4], sampleSize: 24, dIn: 7, dOut: 2 });
    expect(network().network.dIn).toBe(2);
  });

  it('has the optional calls that the engine has', () => {
    expect(network().network).toMatchObject({ jvp: undefined, narrowed: undefined, explain: undefined });
    const least: RawNetwork = countingNetwork();
    delete least.jacobian;
    delete least.gram;
    expect(engineNetwork(least)).toMatchObject({ jacobian: undefined, gram: undefined });
  });

  it('hands samples on as they are if they fit', async () => {
    let seen: unknown;
    const other = countingNetwork();
    const { network: made } = network({
      forward: (run) => {
        seen = run.samples;
        return other.forward(run);
      },
    });
    const { data } = await made.forward(three);
    expect([...data]).toEqual(outputsOfThree);
    expect(seen).toMatchObject({ buffer: three.data.buffer });
    await made.forward({ ...three, data: Float64Array.from(three.data) });
    expect(seen).toBeInstanceOf(Float32Array);
  });

  it.each([
    ['one run of any size', {}, [[3, 3]]],
    ['the largest run', { largestRun: 2 }, [[2, 2], [2, 1]]], // prettier-ignore
    ['a fixed size', { fixedRunSize: 2 }, [[2, 2], [2, 1]]], // prettier-ignore
    ['a fixed size above the batch', { fixedRunSize: 5 }, [[5, 3]]],
    ['a size that the engine has', { largestRun: 9, runSize: () => 8 }, [[8, 3]]],
  ])('splits and fills batches up for %s', async (_, parts, expected) => {
    const { network: made, engine } = network(parts);
    const { data } = await made.forward(three);
    expect([...data]).toEqual(outputsOfThree);
    expect(engine.calls.map(({ size, rows }) => [size, rows])).toEqual(expected);
    for (const { samples: given, rows } of engine.calls) {
      for (let at = 2 * rows; at < given.length; at++) expect(given[at]).toBe(given[2 * rows - 2 + (at % 2)]);
    }
  });

  it.each([{}, { fixedRunSize: 2 }, { fixedRunSize: 5 }, { largestRun: 1 }])(
    'gives rows and Gram matrices with %o',
    async (parts) => {
      const { network: made } = network(parts);
      const cotangents = samples(1, 0, 0, 1, 2, 1);
      expect([...(await made.vjp(three, cotangents)).data]).toEqual([2, 0, 4, 3, 26, 5]);
      const blocks = await made.jacobian!(three, [1, 0]);
      expect(blocks.map(({ data }) => [...data])).toEqual([
        [2, 1, 4, 3, 6, 5],
        [2, 0, 6, 0, 10, 0],
      ]);
      const grams = await made.gram!(three, [0, 1]);
      expect(grams.map(([block]) => [...block!.data])).toEqual(gramsOfThree);
    },
  );

  it('forms Gram matrices of the rows of several runs at once if the engine can', async () => {
    const asked: StackedRows[] = [];
    const { network: made, engine } = network({
      largestRun: 2,
      gramOfRows: async (rows) => {
        asked.push({ ...rows, data: rows.data.slice() });
        return rows.outputs.map((_, place) => gramOf(rows.data.subarray(2 * place * rows.n), rows.n));
      },
    });
    const grams = await made.gram!(three, [1, 0]);
    expect(grams.map(([block]) => [...block!.data])).toEqual(gramsOfThree.toReversed());
    expect([...asked[0]!.data]).toEqual([2, 1, 4, 3, 6, 5, 0, 0, 2, 0, 6, 0, 10, 0, 0, 0]);
    expect(engine.calls.map(({ call }) => call)).toEqual(['jacobian', 'jacobian']);
    await made.gram!(samples(1, 2), [1]);
    expect(engine.calls.at(-1)).toMatchObject({ call: 'gram' });
  });

  it('asks for the bytes of its runs', () => {
    const { network: made } = network({ largestRun: 4 });
    expect(made.workspaceBytes(3, 2, 'rows')).toBe(8 * 3 * 2);
    expect(made.workspaceBytes(10, 2, 'gram')).toBe(8 * 4 * 3 * 2);
    expect(network({ fixedRunSize: 4 }).network.workspaceBytes(1, 1, 'rows')).toBe(8 * 4);
  });

  it.each<[string, (made: ReturnType<typeof engineNetwork>) => Promise<unknown>, RegExp]>([
    [
      'samples',
      (made) => made.forward({ ...three, columns: 3 }),
      /^counting: expected 3 samples of 2 values/,
    ],
    ['no samples', (made) => made.forward(samples()), /expected some samples of 2 values each, got 0 × 2/],
    [
      'half a sample',
      (made) => made.forward({ ...samples(1, 2, 3), rows: 1.5 }),
      /expected some samples of 2 values each, got 1\.5 × 2 values in an array of 3/,
    ],
    ['cotangents', (made) => made.vjp(three, samples(1, 2)), /expected 3 cotangents of 2 values each, got 1/],
    ['tangents', (made) => made.jvp!(three, samples(1, 2)), /expected 3 tangents of 2 values each, got 1/],
    ['outputs', (made) => made.jacobian!(three, [2]), /expected different outputs from 0 to 1, got 2/],
    [
      'outputs twice',
      (made) => made.gram!(three, [1, 1]),
      /expected different outputs from 0 to 1, got 1, 1/,
    ],
  ])('refuses %s that do not fit, before the engine runs', async (_, call, message) => {
    const { network: made, engine } = network({ jvp: async () => new Float32Array(6) });
    await expect(call(made)).rejects.toThrow(EdjmError);
    await expect(call(made)).rejects.toThrow(message);
    expect(engine.calls).toEqual([]);
  });

  it('lets the engine refuse samples', async () => {
    const checkSamples = () => {
      throw new EdjmError('INVALID_DATA', 'no.');
    };
    await expect(network({ checkSamples }).network.vjp(three, three)).rejects.toThrow('no.');
  });

  it('makes one call after the other, also after one that failed', async () => {
    const events: string[] = [];
    const { network: made } = network({
      forward: async ({ samples: [first] }) => {
        events.push(`start ${String(first)}`);
        await new Promise((resolve) => setTimeout(resolve, 2));
        events.push(`end ${String(first)}`);
        if (first === 1) throw new Error('failed');
        return new Float32Array(2);
      },
    });
    const calls = [made.forward(samples(1, 0)), made.forward(samples(2, 0)), made.dispose()];
    await Promise.allSettled(calls);
    expect(events).toEqual(['start 1', 'end 1', 'start 2', 'end 2']);
  });

  it('disposes of the engine once, and refuses every call afterwards', async () => {
    const { network: made, engine } = network({
      jvp: async () => new Float32Array(6),
      narrowed: async () => undefined,
    });
    await made.dispose();
    await made[Symbol.asyncDispose]();
    expect(engine.calls.map(({ call }) => call)).toEqual(['dispose']);
    const calls = [
      () => made.forward(three),
      () => made.vjp(three, three),
      () => made.jvp!(three, three),
      () => made.jacobian!(three, [0]),
      () => made.gram!(three, [0]),
      () => made.narrowed!(),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('expected a network in use, got a call after dispose()') as string,
      });
    }
  });
});
