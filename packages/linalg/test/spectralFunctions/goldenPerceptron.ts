import { readFileSync } from 'node:fs';
import { type DenseMatrix, multiply } from '../../src/index.ts';

type Matrix = DenseMatrix & { readonly data: Float32Array };

/** A trained perceptron with two hidden layers of ReLUs. */
export interface Perceptron {
  /** `0.weight`, `2.weight` and `4.weight`, each outputs × inputs. */
  readonly weights: readonly [Matrix, Matrix, Matrix];
  readonly biases: readonly [Matrix, Matrix, Matrix];
}

/** Reads float32 tensors from a safetensors file: a length, a header in JSON, and the numbers. */
export function readPerceptron(path: string): Perceptron {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  >;
  const tensor = (name: string): Matrix => {
    const { shape, data_offsets: offsets } = header[name]!;
    const [rows, columns] = shape.length === 2 ? [shape[0]!, shape[1]!] : [1, shape[0]!];
    const part = Uint8Array.from(bytes.subarray(start + offsets[0], start + offsets[1]));
    return { rows, columns, data: new Float32Array(part.buffer) };
  };
  return {
    weights: [tensor('0.weight'), tensor('2.weight'), tensor('4.weight')],
    biases: [tensor('0.bias'), tensor('2.bias'), tensor('4.bias')],
  };
}

/** The first samples of a file of float32 numbers as numpy writes it. */
export function readSamples(path: string, count: number, width: number): Matrix {
  const bytes = readFileSync(path);
  const start = 10 + bytes.readUInt16LE(8);
  const part = Uint8Array.from(bytes.subarray(start, start + 4 * count * width));
  return { rows: count, columns: width, data: new Float32Array(part.buffer) };
}

/**
 * The EDJM of an output is A W₁: its rows are those of the third layer's weights, times the second's where units of both are
 * active. The first factor A, one row a sample.
 */
export function outerFactors(network: Perceptron, samples: DenseMatrix): DenseMatrix[] {
  const { weights, biases } = network;
  const hidden = (inputs: DenseMatrix, layer: 0 | 1): DenseMatrix => {
    const sums = multiply(inputs, weights[layer], { transposeB: true });
    const bias = biases[layer].data;
    return { ...sums, data: sums.data.map((sum, at) => Math.max(0, sum + bias[at % bias.length]!)) };
  };
  const first = hidden(samples, 0);
  const second = hidden(first, 1);
  const active = (rows: DenseMatrix, units: DenseMatrix): DenseMatrix => ({
    ...rows,
    data: rows.data.map((entry, at) => (units.data[at]! > 0 ? entry : 0)),
  });
  const [, middle, last] = weights;
  return Array.from({ length: last.rows }, (_, output) => {
    const row = last.data.subarray(output * last.columns, (output + 1) * last.columns);
    const repeated = Float64Array.from(
      { length: samples.rows * last.columns },
      (__, at) => row[at % last.columns]!,
    );
    const rows = active({ rows: samples.rows, columns: last.columns, data: repeated }, second);
    return active(multiply(rows, middle), first);
  });
}
