import { largestSingularValues, singularValuesOfRows, transposed } from '@edjm/linalg';
import { describe, expect, it } from 'vitest';
import {
  type DenseMatrix,
  derivedJvp,
  type DifferentiableNetwork,
  jacobianOperator,
} from '../../src/index.ts';
import { fakeDataset } from '../fakeDataset.ts';
import {
  edjm,
  fakeNetwork,
  type FakeOptions,
  type KnownFunction,
  randomSamples,
  twoLayerRelu,
} from '../fakeNetworks.ts';

const f = twoLayerRelu({ dIn: 9, hidden: 12, dOut: 3, seed: 31 });
const samples = randomSamples(20, 9, 32);
const OUTPUT = 2;
const rows = edjm(f, samples, OUTPUT);

/** The fake network with forward-mode products. */
function withJvp(of: KnownFunction, options: FakeOptions = {}): ReturnType<typeof fakeNetwork> {
  const network = fakeNetwork(of, options);
  return {
    ...network,
    jvp: async (batch, tangents) => {
      network.calls.push('jvp');
      const { dIn, dOut } = of;
      const data = new Float64Array(batch.rows * dOut);
      for (let at = 0; at < data.length; at++) {
        const i = Math.floor(at / dOut);
        const x = Float64Array.from(batch.data.subarray(i * dIn, (i + 1) * dIn));
        const gradient = of.gradient(x, at % dOut);
        data[at] = gradient.reduce((sum, value, j) => sum + value * tangents.data[i * dIn + j]!, 0);
      }
      return { rows: batch.rows, columns: dOut, data };
    },
  };
}

function product(a: DenseMatrix, b: DenseMatrix): number[] {
  return Array.from({ length: a.rows * b.columns }, (_, at) => {
    const i = Math.floor(at / b.columns);
    let sum = 0;
    for (let k = 0; k < a.columns; k++)
      sum += a.data[i * a.columns + k]! * b.data[k * b.columns + (at % b.columns)]!;
    return sum;
  });
}

function expectClose(actual: DenseMatrix, expected: readonly number[]): void {
  expect(actual.data).toHaveLength(expected.length);
  actual.data.forEach((value, at) => {
    expect(value).toBeCloseTo(expected[at]!, 12);
  });
}

/** For how many columns which call is made. */
interface Expectation {
  readonly width: number;
  readonly call: string;
}

describe('jacobianOperator', () => {
  it.each([
    ['rows of the network', () => fakeNetwork(f, { paths: ['jacobian'] }), {}],
    ['vjp', () => fakeNetwork(f), { batchSize: 6 }],
    ['jvp where there are few columns', () => withJvp(f), { batchSize: 6 }],
    ['kept rows', () => withJvp(f), { batchSize: 6, keepRows: 1e6 }],
    ['some kept rows', () => fakeNetwork(f), { batchSize: 6, keepRows: 8 * 9 * 13 }],
    ['scaled rows', () => withJvp(f), { inputScale: Array.from({ length: 9 }, (_, j) => 1 / (j + 1)) }],
  ])('multiplies by J and its transpose from %s', async (_, make, options) => {
    const operator = jacobianOperator(make(), fakeDataset(samples), { output: OUTPUT, ...options });
    const scale = 'inputScale' in options ? options.inputScale : undefined;
    const matrix = { ...rows, data: rows.data.map((value, at) => value * (scale?.[at % 9] ?? 1)) };
    expect(operator).toMatchObject({ rows: 20, columns: 9 });
    for (const width of [1, 2, 5]) {
      const z = randomSamples(9, width, 33);
      const x = randomSamples(20, width, 34);
      expectClose(await operator.multiply(z), product(matrix, z));
      expectClose(await operator.multiplyTransposed(x), product(transposed(matrix), x));
      expectClose(await operator.multiply(z), product(matrix, z));
    }
  });

  it('has the singular values of the EDJM', async () => {
    const operator = jacobianOperator(fakeNetwork(f), fakeDataset(samples), { output: OUTPUT });
    const { singularValues } = await largestSingularValues(operator, { count: 9 });
    const expected = singularValuesOfRows(rows);
    singularValues.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 12);
    });
  });

  it.each<[string, () => DifferentiableNetwork & { readonly calls: string[] }, Expectation]>([
    ['for one column of a float64 network', () => withJvp(f), { width: 1, call: 'jvp' }],
    ['for three columns not', () => withJvp(f), { width: 3, call: 'vjp' }],
    [
      'from float32 networks not, whose roundings would differ',
      () => withJvp(f, { precision: 'float32' }),
      { width: 1, call: 'vjp' },
    ],
  ])('takes jvp %s', async (_, make, { width, call }) => {
    const network = make();
    await jacobianOperator(network, fakeDataset(samples), { output: OUTPUT, batchSize: 20 }).multiply(
      randomSamples(9, width, 35),
    );
    expect(new Set(network.calls)).toEqual(new Set([call]));
  });

  it('computes kept rows once, reads no data when it has all, and says how far it is', async () => {
    const network = fakeNetwork(f);
    const data = fakeDataset(samples);
    const seen: number[] = [];
    const operator = jacobianOperator(network, data, {
      output: OUTPUT,
      batchSize: 8,
      keepRows: 8 * 9 * 20,
      onRows: (count) => seen.push(count),
    });
    const z = randomSamples(9, 4, 36);
    await operator.multiply(z);
    await operator.multiplyTransposed(await operator.multiply(z));
    expect(network.calls).toHaveLength(3);
    expect(data.passes).toEqual({ begun: 1, ended: 1 });
    expect(seen).toEqual([8, 8, 4, 8, 8, 4, 8, 8, 4]);
  });

  it('keeps no more rows than it may', async () => {
    const network = fakeNetwork(f);
    const operator = jacobianOperator(network, fakeDataset(samples), {
      output: OUTPUT,
      batchSize: 8,
      keepRows: 8 * 9 * 15,
    });
    const z = randomSamples(9, 4, 36);
    await operator.multiply(z);
    await operator.multiply(z);
    // Of 8 + 8 + 4 rows, the first and the last batch.
    expect(network.calls).toHaveLength(3 + 1);
  });

  it('refuses outputs, data, scales and factors that do not fit', async () => {
    const network = fakeNetwork(f);
    const data = fakeDataset(samples);
    expect(() => jacobianOperator(network, data, { output: 3 })).toThrow(/outputs from 0 to 2/);
    expect(() => jacobianOperator(network, fakeDataset(randomSamples(4, 8, 1)), { output: 0 })).toThrow(
      /9 values/,
    );
    expect(() => jacobianOperator(network, data, { output: 0, inputScale: [1, 2] })).toThrow(/inputScale/);
    const operator = jacobianOperator(network, data, { output: 0 });
    await expect(operator.multiply(randomSamples(8, 2, 1))).rejects.toThrow(RangeError);
    await expect(operator.multiplyTransposed(randomSamples(21, 2, 1))).rejects.toThrow(RangeError);
    expect(network.calls).toEqual([]);
  });

  it('refuses gradients that are not finite', async () => {
    const broken: KnownFunction = { ...f, gradient: () => new Array<number>(9).fill(NaN) };
    const operator = jacobianOperator(fakeNetwork(broken), fakeDataset(samples), { output: 0 });
    await expect(operator.multiply(randomSamples(9, 3, 1))).rejects.toMatchObject({ code: 'INVALID_DATA' });
  });

  it.each([0, 1e6])('ends when its signal is given, %f bytes kept', async (keepRows) => {
    const controller = new AbortController();
    const network = fakeNetwork(f);
    const { signal } = controller;
    const operator = jacobianOperator(network, fakeDataset(samples), {
      output: 0,
      batchSize: 5,
      keepRows,
      signal,
    });
    await operator.multiply(randomSamples(9, 3, 1));
    const before = network.calls.length;
    controller.abort();
    await expect(operator.multiply(randomSamples(9, 3, 1))).rejects.toMatchObject({ code: 'ABORTED' });
    expect(network.calls).toHaveLength(before);
  });
});

describe('derivedJvp', () => {
  const tangents = randomSamples(20, 9, 37);

  it.each([
    ['the network itself', () => withJvp(f), 'jvp'],
    ['its rows', () => fakeNetwork(f), 'vjp'],
  ])('comes from %s', async (_, make, call) => {
    const network = make();
    const result = await derivedJvp(network, samples, tangents);
    expect(new Set(network.calls)).toEqual(new Set([call]));
    expect(result).toMatchObject({ rows: 20, columns: 3 });
    for (let k = 0; k < 3; k++) {
      const { data } = edjm(f, samples, k);
      for (let i = 0; i < 20; i++) {
        let expected = 0;
        for (let j = 0; j < 9; j++) expected += data[i * 9 + j]! * tangents.data[i * 9 + j]!;
        expect(result.data[i * 3 + k]).toBeCloseTo(expected, 12);
      }
    }
  });

  it('refuses tangents of another shape', async () => {
    await expect(derivedJvp(fakeNetwork(f), samples, randomSamples(19, 9, 1))).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
    });
  });
});
