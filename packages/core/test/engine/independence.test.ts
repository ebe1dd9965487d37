import { describe, expect, it } from 'vitest';
import { checkIndependence, EdjmError, type RawNetwork } from '../../src/index.ts';

const WIDTH = 3;

/** A batch as a list of samples. */
type Rows = readonly (readonly number[])[];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (rows: Rows, column: number): number => sum(rows.map((row) => row[column]!)) / rows.length;
const mapped = (rows: Rows, f: (value: number, column: number, row: number) => number): Rows =>
  rows.map((row, place) => row.map((value, column) => f(value, column, place)));

/** A network of three values to three, in float32, whose gradients are differences. */
function networkOf(f: (rows: Rows) => Rows, parts: Partial<RawNetwork> = {}): RawNetwork {
  const rowsOf = (data: ArrayLike<number>): Rows =>
    Array.from({ length: data.length / WIDTH }, (_, row) =>
      Array.from(data).slice(row * WIDTH, (row + 1) * WIDTH),
    );
  const STEP = 2 ** -20;
  return {
    name: 'f',
    inputShape: [WIDTH],
    dOut: WIDTH,
    outputKind: 'logit',
    precision: 'float32',
    preferredBatchSize: 4,
    forward: async ({ samples }) => Float32Array.from(f(rowsOf(samples)).flat()),
    vjp: async ({ samples }, cotangents) => {
      const product = (values: Float64Array) =>
        sum(
          f(rowsOf(values))
            .flat()
            .map((value, at) => (cotangents[at] === 0 ? 0 : value * cotangents[at]!)),
        );
      return Float32Array.from(samples, (_, at) => {
        const [up, down] = [Float64Array.from(samples), Float64Array.from(samples)];
        up[at] = up[at]! + STEP;
        down[at] = down[at]! - STEP;
        return (product(up) - product(down)) / (2 * STEP);
      });
    },
    workspaceBytes: () => 0,
    dispose: async () => undefined,
    ...parts,
  };
}

const squares = (rows: Rows): Rows => mapped(rows, (value) => value * value + 1);

const mixing: Readonly<Record<string, (rows: Rows) => Rows>> = {
  'the mean of a batch is taken off': (rows) => mapped(rows, (value, column) => value - mean(rows, column)),
  'batch statistics': (rows) =>
    mapped(rows, (value, column) => {
      const center = mean(rows, column);
      const spread = mean(
        mapped(rows, (other) => (other - center) ** 2),
        column,
      );
      return (value - center) / Math.sqrt(spread + 1e-5);
    }),
  'a mean that counts little': (rows) => mapped(rows, (value, column) => value + 1e-4 * mean(rows, column)),
  'the largest of a batch': (rows) =>
    mapped(rows, (value, column) => value / (1 + Math.max(...rows.map((row) => row[column]!)))),
  'a sum up to each sample': (rows) =>
    mapped(rows, (_, column, row) => sum(rows.slice(0, row + 1).map((values) => values[column]!))),
  'the sample behind it': (rows) =>
    mapped(rows, (value, column, row) => value + (rows[row + 1]?.[column] ?? 0)),
  'its place': (rows) => mapped(rows, (value, _, row) => value * (1 + row / 8)),
  'the number of samples': (rows) => mapped(rows, (value) => value / rows.length),
  'a gate that opens for large values': (rows) =>
    mapped(rows, (value) => (rows.flat().some((other) => other > 5) ? value + 1 : value)),
  'a small output beside a large one': (rows) =>
    mapped(rows, (value, column) => (column === 0 ? 1e5 : value + 0.01 * mean(rows, column))),
};

const apart: Readonly<Record<string, RawNetwork>> = {
  'each sample alone': networkOf(squares),
  'no numbers at all': networkOf((rows) => mapped(rows, () => NaN)),
  'sums in an order that depends on the place, where digits cancel': rounding(
    (rows) => rows,
    (rows) =>
      mapped(rows, (value, _, row) =>
        row % 2 === 0 ? Math.fround(value + 1e3) - 1e3 : Math.fround(value + 1e3 + 2 ** -14) - 1e3,
      ),
  ),
  'softmax shifted by the largest of the batch': rounding(
    softmax((value) => value),
    softmax(Math.fround),
  ),
};

/** A network that does in float32 what its derivatives are of. */
function rounding(exact: (rows: Rows) => Rows, rounded: (rows: Rows) => Rows): RawNetwork {
  const inFloat32 = networkOf(rounded);
  return networkOf(exact, { forward: (run) => inFloat32.forward(run) });
}

function softmax(round: (value: number) => number): (rows: Rows) => Rows {
  return (rows) => {
    const logits = mapped(rows, (value) => round(value / 100));
    const most = Math.max(...logits.flat());
    const powers = mapped(logits, (value) => round(Math.exp(round(value - most))));
    return powers.map((row) => row.map((value) => value / sum(row)));
  };
}

describe('checkIndependence', () => {
  it.each(Object.entries(mixing))('refuses %s', async (_, f) => {
    await expect(checkIndependence(networkOf(f))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(
        /^f: expected outputs of a sample that do not depend on the other samples/,
      ) as string,
    });
    if (f === mixing['the number of samples']) return;
    await expect(checkIndependence(networkOf(f, { fixedRunSize: 4 }))).rejects.toThrow(EdjmError);
    await expect(checkIndependence(networkOf(f, { largestRun: 2 }))).rejects.toThrow(EdjmError);
  });

  it.each(Object.entries(apart))('lets pass: %s', async (_, network) => {
    await checkIndependence(network);
    await checkIndependence({ ...network, fixedRunSize: 4 });
  });

  it('sees gradients that reach other samples where outputs do not show it', async () => {
    const plain = networkOf(squares);
    const network = networkOf(squares, {
      vjp: async (run, cotangents) =>
        (await plain.vjp(run, cotangents)).map((value, at) => (at === 0 ? 1e-4 : value)),
    });
    await expect(checkIndependence(network)).rejects.toThrow(/change with the samples beside it/);
  });

  it('asks nothing of a network that takes one sample at a time', async () => {
    await checkIndependence(networkOf(mixing['the number of samples']!, { fixedRunSize: 1 }));
  });

  it('gives whole numbers where the network takes them, and the advice of the backend', async () => {
    const seen: number[] = [];
    const network = networkOf((rows) => {
      seen.push(...rows.map((row) => row[1]!));
      return mixing['batch statistics']!(rows);
    });
    const options = { wholeColumns: [1], advice: 'Ask its author.' };
    await expect(checkIndependence(network, options)).rejects.toThrow(/Ask its author\.$/);
    expect(new Set(seen)).toEqual(new Set([0, 1]));
  });

  it('leaves it to the analysis if the engine fails at the probes', async () => {
    const failing = async () => Promise.reject(new EdjmError('ENGINE_FAILED', 'out of range'));
    await checkIndependence(networkOf(squares, { forward: failing }));
  });
});
