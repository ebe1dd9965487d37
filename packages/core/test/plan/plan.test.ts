import { gramAccumulator, multiply } from '@edjm/linalg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EdjmError,
  type Metric,
  planRun,
  type DifferentiableNetwork,
  type PlanRequest,
} from '../../src/index.ts';
import { fakeNetwork, type FakeOptions } from '../fakeNetworks.ts';

function network(dIn: number, dOut: number, options: FakeOptions = {}): DifferentiableNetwork {
  const f = { dIn, dOut, output: () => 0, gradient: () => [] };
  return fakeNetwork(f, { preferredBatchSize: 500, workspaceBytes: () => 0, ...options });
}

function plan(request: Partial<PlanRequest> & Pick<PlanRequest, 'network'>) {
  return planRun({ n: 1000, outputs: [0], maxMemory: Infinity, ...request });
}

function metric(parts: Partial<Metric>): Metric {
  return { name: 'm', description: 'm', needs: ['singularValues'], compute: () => 0, ...parts };
}

function allOf({ dOut }: DifferentiableNetwork): number[] {
  return Array.from({ length: dOut }, (_, index) => index);
}

function refusal(request: PlanRequest): EdjmError {
  try {
    planRun(request);
  } catch (error) {
    if (EdjmError.is(error)) return error;
    throw error;
  }
  throw new Error('expected no plan');
}

describe('the method', () => {
  const withGram = { paths: ['gram'] } as const;

  it.each([
    ['fewer samples than inputs', 783, 'dual'],
    ['as many samples as inputs', 784, 'dual'],
    ['more samples than inputs', 785, 'gram'],
  ] as const)('for %s is %s', (_, n, method) => {
    expect(plan({ network: network(784, 10, withGram), n }).method).toBe(method);
  });

  it('is gram-of-rows for any number of samples where the engine forms no products', () => {
    expect(plan({ network: network(784, 10), n: 1e7 }).method).toBe('gram-of-rows');
  });

  it('does not depend on which outputs are asked for', () => {
    const large = network(784, 10, withGram);
    for (const outputs of [[3], [9, 0], allOf(large)]) {
      expect(plan({ network: large, n: 10_000, outputs }).method).toBe('gram');
    }
  });

  it('is one that is as accurate as is asked for, by a metric too', () => {
    const net = network(784, 10, withGram);
    expect(plan({ network: net, n: 10_000, accuracy: 1e-5 }).method).toBe('gram');
    expect(plan({ network: net, n: 10_000, accuracy: 1e-7 })).toMatchObject({ method: 'tsqr' });
    const strict = metric({ name: 'strict', accuracy: 1e-9 });
    const { method, accuracy, reasons } = plan({ network: net, n: 300, metrics: [strict] });
    expect(method).toBe('tsqr');
    expect(accuracy).toBeLessThan(1e-9);
    expect(reasons.join()).toMatch(/accuracy of 1e-9 is asked for by strict/);
    // So many rows that no method is sure to be so accurate: the best there is, but never less than the user asks for.
    const many = { network: net, n: 10_000_000, metrics: [strict] };
    const best = plan({ ...many, accuracy: 1e-7 });
    expect(best.method).toBe('tsqr');
    expect(best.reasons.join()).toMatch(/strict asks for an accuracy of 1e-9, which it does not have/);
    expect(refusal({ ...many, outputs: [0], maxMemory: Infinity, accuracy: 1e-9 }).message).toMatch(
      /expected an accuracy of .*e-9 or more for 10000000 × 784 rows, got 1e-9/,
    );
    expect(
      refusal({ network: net, n: 300, outputs: [0], maxMemory: Infinity, accuracy: 1e-16 }),
    ).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(
        /expected an accuracy of .*e-1\d or more for 300 × 784 rows, got 1e-16/,
      ) as string,
    });
  });

  it.each([1, 32, 250, 1000])('is as accurate as its plan says, with batches of %i', async (batchSize) => {
    // Columns of equal length, and one of zeros: the largest norm for a largest value, and the value that is off the most.
    const [n, columns] = [1000, 40];
    const rows = (from: number, count: number) =>
      Float64Array.from({ length: count * columns }, (_, at) =>
        at % columns < columns - 1 && (from + Math.floor(at / columns)) % columns === at % columns ? 1 : 0,
      );
    const engine = gramAccumulator(columns);
    const outside = gramAccumulator(columns);
    for (let from = 0; from < n; from += batchSize) {
      const count = Math.min(batchSize, n - from);
      const block = { rows: count, columns, data: rows(from, count) };
      engine.addGram([multiply(block, block, { transposeA: true })], count);
      outside.add(block);
    }
    for (const [method, accumulator] of [
      ['gram', engine],
      ['gram-of-rows', outside],
    ] as const) {
      const { singularValues, errorBounds } = await accumulator.finish();
      const { accuracy } = plan({ network: network(columns, 1, withGram), n, batchSize, method });
      expect(Math.max(...errorBounds) / singularValues[0]!).toBeLessThanOrEqual(accuracy);
    }
  });

  it('is the one that is asked for, if it can do what is asked', () => {
    const net = network(784, 10);
    for (const method of ['gram-of-rows', 'tsqr', 'frequent-directions'] as const) {
      const { reasons, ...planned } = plan({ network: net, n: 300, method });
      expect(planned.method).toBe(method);
      expect(reasons).toContain('the method was asked for');
    }
    const strict = metric({ name: 'strict', accuracy: 1e-9 });
    expect(plan({ network: net, n: 300, method: 'gram-of-rows', metrics: [strict] }).reasons).toContain(
      'strict asks for an accuracy of 1e-9, which it does not have',
    );
    const request = { network: net, n: 1000, outputs: [0], maxMemory: Infinity };
    // What the user asks for is met; what the metric asks for beyond it is no condition.
    expect(planRun({ ...request, method: 'gram-of-rows', accuracy: 1e-4, metrics: [strict] }).method).toBe(
      'gram-of-rows',
    );
    expect(refusal({ ...request, method: 'gram-of-rows', accuracy: 1e-9 }).message).toMatch(
      /method gram-of-rows expected an accuracy of .*e-6 or more for 1000 × 784 rows, got 1e-9/,
    );
    expect(refusal({ ...request, method: 'dual' }).message).toMatch(
      /dual expected at most as many samples as a row has values, 784/,
    );
    expect(refusal({ ...request, method: 'gram' }).message).toMatch(
      /gram expected an engine that forms Gram/,
    );
    expect(refusal({ ...request, method: 'krylov' }).message).toMatch(/krylov expected a number of largest/);
    expect(refusal({ ...request, method: 'krylov', values: 5, stacked: true }).message).toMatch(
      /each output by itself, got all of them to be stacked/,
    );
  });

  it('finds the largest values alone if there is no memory for more, and these suffice', () => {
    const images = network(150_528, 1, { precision: 'float32' });
    const score = metric({ largest: (total) => Math.ceil(total / 100) });
    const run = { network: images, n: 20_000, batchSize: 8, maxMemory: 1.2e9 };
    const { method, values, blockSize, reasons } = plan({ ...run, metrics: [score] });
    expect([method, values]).toEqual(['krylov', 200]);
    expect(blockSize).toBeGreaterThanOrEqual(8);
    expect(reasons.join()).toMatch(/fit the memory, .*: dual, .*dual-blocks/);
    expect(plan({ ...run, values: 50 })).toMatchObject({ method: 'krylov', values: 50 });
    expect(refusal({ ...run, outputs: [0] }).message).toMatch(
      /Raise the memory limit, or ask for the largest/,
    );
  });

  it('holds some rows after others if there is no memory for all, as long as that is less work', () => {
    const images = network(150_528, 1, { precision: 'float32' });
    const run = { network: images, n: 2000, batchSize: 8 };
    const roomy = plan({ ...run, maxMemory: 1.2e9 });
    expect(roomy).toMatchObject({ method: 'dual-blocks', values: 2000, blockSize: 1000, passes: 1.5 });
    const tight = plan({ ...run, maxMemory: 2e8, values: 50 });
    expect(tight.method).toBe('dual-blocks');
    expect(tight.blockSize).toBeLessThan(300);
    expect(tight.passes).toBeGreaterThan(4);
    expect(
      refusal({ ...run, outputs: [0], maxMemory: 1e9, method: 'dual-blocks', stacked: true }).message,
    ).toMatch(/each output by itself, got all of them to be stacked/);
  });

  it('computes as many values as are asked for, which must be enough for the metrics', () => {
    const net = network(784, 10);
    expect(plan({ network: net, n: 2000 }).values).toBe(784);
    expect(plan({ network: net, n: 2000, values: 20 }).values).toBe(20);
    expect(plan({ network: net, n: 2000, values: 5000 }).values).toBe(784);
    expect(
      refusal({ network: net, n: 2000, outputs: [0], maxMemory: Infinity, values: 20, metrics: [metric({})] })
        .message,
    ).toMatch(/metric m: expected at least 784 of the 784 singular values, got 20/);
  });

  it('sums products where the rows of one output are too many to be kept', () => {
    const wide = network(1000, 1);
    const rows = plan({ network: wide, batchSize: 1 });
    expect(rows.method).toBe('dual');
    const sums = plan({ network: wide, batchSize: 1, maxMemory: rows.bytes - 1 });
    expect(sums.method).toBe('gram-of-rows');
  });
});

describe('the sizes', () => {
  it('start with what the network prefers, or with what is asked for, and never exceed the data', () => {
    const net = network(10, 8);
    expect(plan({ network: net, outputs: allOf(net) })).toMatchObject({
      batchSize: 500,
      groups: [[0, 1, 2, 3, 4, 5, 6, 7]],
    });
    expect(plan({ network: net, batchSize: 3 }).batchSize).toBe(3);
    expect(plan({ network: net, n: 20, batchSize: 100 }).batchSize).toBe(20);
    expect(plan({ network: net, n: 20 }).batchSize).toBe(20);
  });

  it('give up batch, then outputs at once, then batch again', () => {
    const net = network(10, 8, {
      preferredBatchSize: 256,
      workspaceBytes: (n, outputs) => n * outputs * 1e6,
    });
    const sizes = [2.1e9, 1.1e9, 3e8, 2e8, 3.3e7, 2e7, 1.4e6].map((maxMemory) => {
      const { batchSize, groups } = plan({ network: net, outputs: allOf(net), maxMemory });
      return [batchSize, groups[0]?.length];
    });
    expect(sizes).toEqual([
      [256, 8],
      [128, 8],
      [32, 8],
      [32, 4],
      [32, 1],
      [2, 8],
      [1, 1],
    ]);
  });

  it('keep a batch size that was asked for', () => {
    const net = network(10, 8, { workspaceBytes: (n, outputs) => n * outputs * 1e6 });
    const request = { network: net, outputs: allOf(net), batchSize: 64 };
    expect(plan({ ...request, maxMemory: 7e7 })).toMatchObject({ batchSize: 64, groups: { length: 8 } });
    expect(() => plan({ ...request, maxMemory: 6e7 })).toThrow(/expected at least 65 MB .* got 60 MB/);
  });

  it('take into account what metrics ask for', () => {
    for (const n of [500, 2000]) {
      const withGram = plan({ network: network(1000, 1), n, metrics: [metric({ needs: ['gram'] })] });
      expect(withGram.bytes).toBeGreaterThan(8 * 1000 * 1000);
    }
  });
});

describe('any plan', () => {
  const requests = fc
    .record({
      dIn: fc.integer({ min: 1, max: 2000 }),
      dOut: fc.integer({ min: 1, max: 40 }),
      n: fc.integer({ min: 1, max: 20_000 }),
      preferredBatchSize: fc.integer({ min: 1, max: 600 }),
      batchSize: fc.option(fc.integer({ min: 1, max: 600 }), { nil: undefined }),
      precision: fc.constantFrom('float32', 'float64'),
      paths: fc.constantFrom([], ['gram'] as const),
      needs: fc.constantFrom(['singularValues'] as const, ['gram', 'singularValues'] as const),
      accuracy: fc.constantFrom(1e-4, 1e-8),
      largest: fc.constantFrom(undefined, 1, 5),
      stacked: fc.boolean(),
      threads: fc.integer({ min: 1, max: 4 }),
      fixed: fc.nat(1e6),
      each: fc.nat(1e5),
    })
    .chain(({ dIn, dOut, n, batchSize, needs, accuracy, largest, ...rest }) => {
      const { stacked, threads, fixed, each, ...options } = rest;
      const metrics = [
        metric({ needs, ...(largest !== undefined && { largest: (total) => Math.min(largest, total) }) }),
      ];
      const net = network(dIn, dOut, {
        ...options,
        workspaceBytes: (samples, outputs) => fixed + each * samples * outputs,
      });
      return fc.record({
        request: fc.shuffledSubarray(allOf(net), { minLength: 1 }).map((outputs) => ({
          ...{ network: net, n, outputs, metrics, accuracy, stacked, threads },
          ...(batchSize && { batchSize }),
        })),
        shares: fc.tuple(
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.double({ min: 0, max: 1, noNaN: true }),
        ),
      });
    });

  it('stays within its limit, and takes the outputs in their order', () => {
    fc.assert(
      fc.property(requests, ({ request, shares: [share] }) => {
        const maxMemory = limitBetween(request, share);
        const { bytes, groups, batchSize } = planRun({ ...request, maxMemory });
        expect(bytes).toBeLessThanOrEqual(maxMemory);
        expect(groups.flat()).toEqual(request.outputs);
        expect(new Set(groups.slice(0, -1).map(({ length }) => length)).size).toBeLessThanOrEqual(1);
        expect(groups.every(({ length }) => length > 0 && length <= groups[0]!.length)).toBe(true);
        expect(batchSize).toBeGreaterThanOrEqual(1);
        expect(batchSize).toBeLessThanOrEqual(
          Math.min(request.n, request.batchSize ?? request.network.preferredBatchSize),
        );
      }),
    );
  });

  it('takes no more bytes with a lower limit, and is the same with just the bytes that it takes', () => {
    fc.assert(
      fc.property(requests, ({ request, shares }) => {
        const [lower, higher] = shares.map((share) => limitBetween(request, share)).sort((a, b) => a - b);
        const small = planRun({ ...request, maxMemory: lower! });
        const large = planRun({ ...request, maxMemory: higher! });
        expect(small.bytes).toBeLessThanOrEqual(large.bytes);
        expect(planRun({ ...request, maxMemory: small.bytes })).toEqual(small);
        expect(planRun({ ...request, maxMemory: large.bytes })).toEqual(large);
      }),
    );
  });

  it('is refused with an amount that suffices, where a megabyte less does not', () => {
    fc.assert(
      fc.property(requests, ({ request }) => {
        const needed = amountNeeded(request);
        expect(planRun({ ...request, maxMemory: needed }).bytes).toBeLessThanOrEqual(needed);
        if (needed > 1e6) expect(amountNeeded({ ...request, maxMemory: needed - 1e6 })).toBe(needed);
      }),
    );
  });

  /** The amount that the refusal of a run names, by default of one that may hold a byte. */
  function amountNeeded(request: Omit<PlanRequest, 'maxMemory'> & { maxMemory?: number }): number {
    const error = refusal({ maxMemory: 1, ...request });
    expect(error.code).toBe('MEMORY_LIMIT');
    const [, needed, got] = /^fake: expected at least (\d+) MB of working memory .*, got (\d+) MB\./.exec(
      error.message,
    )!;
    expect(Number(got)).toBeLessThan(Number(needed));
    return Number(needed) * 1e6;
  }

  function limitBetween(request: Omit<PlanRequest, 'maxMemory'>, share: number): number {
    const least = amountNeeded(request);
    const most = planRun({ ...request, maxMemory: Infinity }).bytes;
    return least + share * Math.max(0, most - least);
  }
});

describe('a request', () => {
  const net = network(4, 3);

  it.each([
    ['no outputs', { outputs: [] }, /different outputs from 0 to 2, got none/],
    ['an output that does not exist', { outputs: [0, 3] }, /got 0, 3/],
    ['an output that is no whole number', { outputs: [0.5] }, /got 0.5/],
    ['an output twice', { outputs: [1, 1] }, /got 1, 1/],
    ['no samples', { n: 0 }, /number of samples of 1 or more, got 0/],
    ['half a sample', { batchSize: 0.5 }, /batch size of 1 or more, got 0.5/],
    ['a limit that is no number', { maxMemory: NaN }, /memory limit above 0 bytes, got NaN/],
    ['an accuracy of nothing', { accuracy: 0 }, /accuracy between 0 and 1, got 0/],
    ['half a value', { values: 0.5 }, /number of singular values of 1 or more, got 0.5/],
    ['a limit of nothing', { maxMemory: 0 }, /memory limit above 0 bytes, got 0/],
  ])('with %s is refused', (_, wrong, message) => {
    const error = refusal({ network: net, n: 10, outputs: [0], maxMemory: 1e9, ...wrong });
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toMatch(message);
  });
});
