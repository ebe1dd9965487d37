import type { DenseMatrix, DifferentiableNetwork } from '@edjm/core';
import { describe, expect, it } from 'vitest';
import { type BackendUnderTest, referenceCases, testBackend } from '../../src/index.ts';
import { failures, type Outcome, outcomesOf } from '../collectingRunner.ts';
import { goldenNetwork } from './goldenNetwork.ts';

type Parts = Partial<DifferentiableNetwork>;

function run(backend: Partial<BackendUnderTest>, filter?: string): Promise<readonly Outcome[]> {
  const load: BackendUnderTest['load'] = (network, options) =>
    Promise.resolve(goldenNetwork(network, options?.outputKind));
  return outcomesOf((runner) => {
    testBackend({ name: 'golden', load, ...backend }, runner);
  }, filter);
}

/** The results of the tests for a backend with some replaced parts. */
async function messagesWith(replace: (network: Required<DifferentiableNetwork>) => Parts): Promise<string[]> {
  const load: BackendUnderTest['load'] = (source, options) => {
    const network = goldenNetwork(source, options?.outputKind);
    return Promise.resolve({ ...network, ...replace(network) });
  };
  return Object.values(failures(await run({ load }, 'multilayer perceptron >')));
}

async function scaled(matrix: Promise<DenseMatrix>, factor: number): Promise<DenseMatrix> {
  const { rows, columns, data } = await matrix;
  return { rows, columns, data: data.map((value) => value * factor) };
}

async function shifted(matrix: Promise<DenseMatrix>): Promise<DenseMatrix> {
  const { rows, columns, data } = await matrix;
  return { rows, columns, data: data.map((value) => value + 0.01) };
}

function identity(order: number): DenseMatrix {
  const data = Float64Array.from({ length: order * order }, (_, at) => Number(at % (order + 1) === 0));
  return { rows: order, columns: order, data };
}

/** A network that leaves out its last input. */
function firstFive({ rows, columns, data }: DenseMatrix): DenseMatrix {
  return { rows, columns: 5, data: data.filter((_, at) => at % columns < 5) };
}

describe('testBackend', () => {
  it('passes a backend that is right, on every reference case', async () => {
    const outcomes = await run({});
    expect(failures(outcomes)).toEqual({});
    expect(outcomes.filter(({ result }) => result === 'passed')).toHaveLength(outcomes.length);
    for (const { name } of referenceCases()) {
      expect(
        outcomes.filter(({ title }) => title.startsWith(`backend golden > ${name} > `)).length,
      ).toBeGreaterThan(1);
    }
  });

  it('asks for no more than forward and vjp', async () => {
    const load: BackendUnderTest['load'] = (source, options) => {
      const network: DifferentiableNetwork = goldenNetwork(source, options?.outputKind);
      delete network.jvp;
      delete network.jacobian;
      delete network.gram;
      delete network.narrowed;
      return Promise.resolve(network);
    };
    expect(failures(await run({ load }))).toEqual({});
  });

  it('reports cases that are not supported as skipped, with the reason', async () => {
    const outcomes = await run({ unsupported: [{ case: 'convolution: groups', reason: 'no groups yet' }] });
    const skipped = outcomes.filter(({ result }) => result === 'skipped');
    expect(skipped.map(({ title }) => title)).toEqual([
      expect.stringMatching(/^backend golden > convolution: groups > .* \(not supported: no groups yet\)$/),
      expect.stringMatching(/^backend golden > convolution: groups > .* \(not supported: no groups yet\)$/),
      expect.stringMatching(/^backend golden > convolution: groups > .* \(not supported: no groups yet\)$/),
    ]);
  });

  it('refuses to skip what does not exist', async () => {
    await expect(run({ unsupported: [{ case: 'convolution', reason: 'none' }] })).rejects.toThrow(
      /got 'convolution'/,
    );
  });

  it.each<[string, (network: Required<DifferentiableNetwork>) => Parts, RegExp]>([
    [
      'outputs',
      ({ forward }) => ({ forward: (batch) => shifted(forward(batch)) }),
      /^forward, batch of 1: expected/,
    ],
    ['not a number', ({ forward }) => ({ forward: (batch) => scaled(forward(batch), NaN) }), /got NaN/],
    [
      'vjp',
      ({ vjp }) => ({ vjp: (batch, c) => scaled(vjp(batch, c), 1.0001) }),
      /^vjp, batch of 1: expected/,
    ],
    ['jvp', ({ jvp }) => ({ jvp: (batch, t) => scaled(jvp(batch, t), -1) }), /^jvp, batch of 1: expected/],
    [
      'order of outputs',
      ({ jacobian }) => ({ jacobian: (b, o) => jacobian(b, o.toSorted()) }),
      /^jacobian of output 2/,
    ],
    [
      'number of outputs',
      ({ gram }) => ({ gram: (b) => gram(b, [0, 1, 2]) }),
      /^gram of 1 outputs, number of matrices: expected 1, got 3/,
    ],
    [
      'padded batches',
      ({ gram }) => ({
        gram: (b, o) =>
          b.rows > 4 ? gram({ ...b, rows: 4, data: b.data.slice(0, 4 * b.columns) }, o) : gram(b, o),
      }),
      /^gram of output 2, batch of 5/,
    ],
    [
      'batches whose samples mix',
      ({ forward }) => ({
        forward: async (batch) => {
          const outputs = await forward(batch);
          return batch.rows > 1 ? { ...outputs, data: outputs.data.toReversed() } : outputs;
        },
      }),
      /^forward, batch of 3/,
    ],
    [
      'other parameters',
      (network) => ({ reparameterized: async () => ({ ...network, dispose: async () => {} }) }),
      /parameters: expected some of the role 'weight', got none/,
    ],
    [
      'patterns',
      () => ({
        activationPatterns: async ({ rows }) => ({ rows, columns: 1, data: new Uint8Array(rows).fill(rows) }),
      }),
      /^activationPatterns of a sample alone/,
    ],
    [
      'shape of results',
      ({ forward }) => ({ forward: async (b) => ({ ...(await forward(b)), rows: 7 }) }),
      /got 7 × 3/,
    ],
    [
      'narrowed sizes',
      (network) => ({ narrowed: async () => ({ network, matrix: identity(6) }) }),
      /^narrowed, dIn: expected less than 6, got 6/,
    ],
    [
      'narrowed rows',
      (network) => ({
        narrowed: async () => ({
          network: {
            ...network,
            dIn: 5,
            jacobian: async (batch, outputs) => (await network.jacobian(batch, outputs)).map(firstFive),
          },
          matrix: { rows: 5, columns: 6, data: identity(6).data.slice(0, 30) },
        }),
      }),
      /^narrowed, rows of output 0 times W, batch of 1: expected/,
    ],
    ['size', () => ({ dOut: 4 }), /^dOut: expected 3, got 4/],
    ['workspace', () => ({ workspaceBytes: () => 100 }), /^workspaceBytes: expected bytes that grow/],
    [
      'disposal',
      () => ({ dispose: async () => undefined, [Symbol.asyncDispose]: async () => undefined }),
      /^forward after dispose: expected an EdjmError, got a result/,
    ],
    [
      'outputs that are asked for',
      ({ gram }) => ({
        gram: (b, o) =>
          gram(
            b,
            o.map((k) => Math.max(0, k)),
          ),
      }),
      /^gram of the outputs \[-1\]: expected an EdjmError with code INVALID_ARGUMENT, got a result/,
    ],
    [
      'errors',
      ({ forward, sampleSize }) => ({
        forward: (b) => (b.columns === sampleSize ? forward(b) : Promise.reject(new TypeError('boom'))),
      }),
      /too wide: expected an EdjmError with code SHAPE_MISMATCH, got TypeError: boom/,
    ],
    [
      'repetition',
      ({ forward }) => {
        let calls = 0;
        return { forward: (batch) => scaled(forward(batch), 1 + 1e-10 * calls++) };
      },
      /^forward, second call/,
    ],
    [
      'output kind',
      () => ({ outputKind: 'log-probability' }),
      /^outputKind: expected logit, got log-probability/,
    ],
  ])('finds wrong %s', async (_, replace, message) => {
    expect(await messagesWith(replace)).toContainEqual(expect.stringMatching(message));
  });
});
