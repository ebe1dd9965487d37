import type { BlockRows, DenseMatrix, DifferentiableNetwork } from '../src/index.ts';

/** A function of which the Jacobian is known. */
export interface KnownFunction {
  readonly dIn: number;
  readonly dOut: number;
  /** f_k(x). */
  output(x: Float64Array, k: number): number;
  /** ∂f_k(x)/∂x. */
  gradient(x: Float64Array, k: number): number[];
}

/** How a network gives what it knows; by default through `forward` and `vjp` alone. */
export interface FakeOptions extends Partial<
  Pick<
    DifferentiableNetwork,
    'outputKind' | 'head' | 'precision' | 'preferredBatchSize' | 'workspaceBytes' | 'inputShape'
  >
> {
  readonly paths?: readonly ('jacobian' | 'gram')[];
}

/** A network of plain TypeScript that overwrites the results of a call in the next one, as an engine may. */
export function fakeNetwork(
  f: KnownFunction,
  options: FakeOptions = {},
): DifferentiableNetwork & { readonly calls: string[] } {
  const { dIn, dOut } = f;
  const { paths = [], ...described } = options;
  const calls: string[] = [];
  let given: Float64Array[] = [];
  const begin = (call: string): void => {
    calls.push(call);
    for (const array of given) array.fill(NaN);
    given = [];
  };
  const matrix = (rows: number, columns: number, entry: (i: number, j: number) => number): DenseMatrix => {
    const data = Float64Array.from({ length: rows * columns }, (_, at) =>
      entry(Math.floor(at / columns), at % columns),
    );
    given.push(data);
    return { rows, columns, data };
  };
  const rowsOf = (batch: DenseMatrix, k: number): DenseMatrix => {
    const gradients = samplesOf(batch).map((x) => f.gradient(x, k));
    return matrix(batch.rows, dIn, (i, j) => gradients[i]![j]!);
  };
  /** Two block rows; what is above the diagonal is not to be read. */
  const gramOf = ({ rows, data }: DenseMatrix): BlockRows => {
    const product = (i: number, j: number): number =>
      Array.from({ length: rows }, (_, r) => data[r * dIn + i]! * data[r * dIn + j]!).reduce((a, b) => a + b);
    const half = Math.ceil(dIn / 2);
    return [
      [0, half],
      [half, dIn],
    ].map(([first, end]) =>
      matrix(end! - first!, end!, (i, j) => (j > first! + i ? NaN : product(first! + i, j))),
    );
  };
  return {
    name: 'fake',
    inputShape: [dIn],
    sampleSize: dIn,
    dIn,
    dOut,
    outputKind: 'logit',
    precision: 'float64',
    preferredBatchSize: 7,
    calls,
    forward: async (batch) => {
      begin('forward');
      const samples = samplesOf(batch);
      return matrix(batch.rows, dOut, (i, k) => f.output(samples[i]!, k));
    },
    vjp: async (batch, { data }) => {
      const cotangents = data.slice();
      begin('vjp');
      const samples = samplesOf(batch);
      const products = samples.map((x, i) => {
        const sum = new Array<number>(dIn).fill(0);
        for (let k = 0; k < dOut; k++) {
          const c = cotangents[i * dOut + k]!;
          if (c !== 0) f.gradient(x, k).forEach((value, j) => (sum[j]! += c * value));
        }
        return sum;
      });
      return matrix(batch.rows, dIn, (i, j) => products[i]![j]!);
    },
    ...(paths.includes('jacobian') && {
      jacobian: async (batch: DenseMatrix, outputs: readonly number[]) => {
        begin('jacobian');
        return outputs.map((k) => rowsOf(batch, k));
      },
    }),
    ...(paths.includes('gram') && {
      gram: async (batch: DenseMatrix, outputs: readonly number[]) => {
        begin('gram');
        return outputs.map((k) => gramOf(rowsOf(batch, k)));
      },
    }),
    workspaceBytes: (n, outputs) => 8 * n * outputs * dIn,
    dispose: async () => {
      calls.push('dispose');
    },
    async [Symbol.asyncDispose]() {
      await this.dispose();
    },
    ...described,
  };
}

/** f(x) = W x. */
export function linear(weights: readonly (readonly number[])[]): KnownFunction {
  return {
    dIn: weights[0]!.length,
    dOut: weights.length,
    output: (x, k) => weights[k]!.reduce((sum, weight, j) => sum + weight * x[j]!, 0),
    gradient: (_, k) => [...weights[k]!],
  };
}

/** f(x) = W₂ max(0, W₁ x) with random weights; any number of outputs, since their weights are drawn when needed. */
export function twoLayerRelu(shape: {
  readonly dIn: number;
  readonly hidden: number;
  readonly dOut: number;
  readonly seed: number;
}): KnownFunction {
  const { dIn, hidden, dOut, seed } = shape;
  const next = randomNumbers(seed);
  const first = Array.from({ length: hidden }, () => Array.from({ length: dIn }, next));
  const second = (k: number): number[] => Array.from({ length: hidden }, randomNumbers(seed + 1000 + k));
  const unit = (x: Float64Array, h: number): number => first[h]!.reduce((sum, w, j) => sum + w * x[j]!, 0);
  return {
    dIn,
    dOut,
    output: (x, k) => second(k).reduce((sum, w, h) => sum + w * Math.max(0, unit(x, h)), 0),
    gradient: (x, k) => {
      const active = second(k).map((w, h) => (unit(x, h) > 0 ? w : 0));
      return Array.from({ length: dIn }, (_, j) => active.reduce((sum, w, h) => sum + w * first[h]![j]!, 0));
    },
  };
}

/** The EDJM of an output: its rows over all samples. */
export function edjm(
  f: KnownFunction,
  samples: DenseMatrix,
  output: number,
): DenseMatrix & { readonly data: Float64Array } {
  const data = Float64Array.from(samplesOf(samples).flatMap((x) => f.gradient(x, output)));
  return { rows: samples.rows, columns: f.dIn, data };
}

function samplesOf({ rows, columns, data }: DenseMatrix): Float64Array[] {
  return Array.from({ length: rows }, (_, row) =>
    Float64Array.from(data.subarray(row * columns, (row + 1) * columns)),
  );
}

export function randomSamples(
  rows: number,
  columns: number,
  seed: number,
): DenseMatrix & { readonly data: Float64Array } {
  const data = Float64Array.from({ length: rows * columns }, randomNumbers(seed));
  return { rows, columns, data };
}

/** Numbers in [-0.5, 0.5) from a seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32 - 0.5;
  };
}

/** The largest difference of the squares of two spectra, relative to the largest: what products of rows are held to. */
export function squaredDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  const largest = Math.max(...Array.from(expected)) || 1;
  const differences = Array.from(expected, (value, index) =>
    Math.abs((actual[index]! / largest) ** 2 - (value / largest) ** 2),
  );
  return Math.max(0, ...differences.map((difference) => (Number.isNaN(difference) ? Infinity : difference)));
}
