import { type DenseMatrix, type DifferentiableNetwork, EdjmError, type OutputKind } from '@edjm/core';
import { inferShapes, type Network, type Shape, valueCount } from '@edjm/network';
import type { LayerFunction } from './layerFunction.ts';
import { networkFunction } from './networkFunction.ts';

/** Large enough to make the calls few, small enough for steady progress. */
const BATCH_SIZE = 64;

/** A network as data, run sample by sample. */
export class CpuNetwork implements DifferentiableNetwork {
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly inputSize: number;
  readonly rowSize: number;
  readonly outputSize: number;
  readonly outputKind: OutputKind;
  readonly precision = 'float64';
  readonly preferredBatchSize: number = BATCH_SIZE;
  /** Of one sample, input and all layers' outputs together. */
  readonly #activationCount: number;
  #linearize: LayerFunction | undefined;

  constructor(network: Network, outputKind: OutputKind) {
    const sizes = inferShapes(network).map(valueCount);
    this.name = network.name;
    this.inputShape = network.inputShape;
    this.inputSize = sizes[0] as number;
    this.rowSize = this.inputSize;
    this.outputSize = sizes.at(-1) as number;
    this.outputKind = outputKind;
    this.#activationCount = sizes.reduce((total, size) => total + size);
    this.#linearize = networkFunction(network);
  }

  async forward(batch: DenseMatrix): Promise<DenseMatrix> {
    const linearize = this.#ready(batch);
    return eachRow(batch, this.outputSize, (x) => linearize(x).y);
  }

  async vjp(batch: DenseMatrix, cotangents: DenseMatrix): Promise<DenseMatrix> {
    const linearize = this.#ready(batch);
    checkShape(cotangents, [batch.rows, this.outputSize], `${this.name}, cotangents`);
    return eachRow(batch, this.inputSize, (x, i) => linearize(x).vjp(row(cotangents, i)));
  }

  async jvp(batch: DenseMatrix, tangents: DenseMatrix): Promise<DenseMatrix> {
    const linearize = this.#ready(batch);
    checkShape(tangents, [batch.rows, this.inputSize], `${this.name}, tangents`);
    return eachRow(batch, this.outputSize, (x, i) => linearize(x).jvp(row(tangents, i)));
  }

  workspaceBytes(n: number, outputs: number): number {
    const perSample = this.inputSize * (outputs + 1) + 2 * this.outputSize;
    // A layer keeps its input, its output and at most one more array of that size (slopes), and a product is on its way.
    return Float64Array.BYTES_PER_ELEMENT * (n * perSample + 4 * this.#activationCount);
  }

  async dispose(): Promise<void> {
    this.#linearize = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  #ready(batch: DenseMatrix): LayerFunction {
    if (!this.#linearize) {
      throw new EdjmError(
        'INVALID_ARGUMENT',
        `expected a loaded network, got ${this.name} after dispose(). Load it again.`,
      );
    }
    checkShape(batch, [batch.rows, this.inputSize], `${this.name}, batch`);
    return this.#linearize;
  }
}

function eachRow(
  batch: DenseMatrix,
  columns: number,
  f: (x: Float64Array, i: number) => Float64Array,
): DenseMatrix {
  const data = new Float64Array(batch.rows * columns);
  for (let i = 0; i < batch.rows; i++) data.set(f(row(batch, i), i), i * columns);
  return { rows: batch.rows, columns, data };
}

function row({ columns, data }: DenseMatrix, i: number): Float64Array {
  return Float64Array.from(data.subarray(i * columns, (i + 1) * columns));
}

function checkShape(matrix: DenseMatrix, [rows, columns]: Shape, what: string): void {
  if (
    matrix.rows !== rows ||
    matrix.columns !== columns ||
    matrix.data.length !== valueCount([matrix.rows, matrix.columns])
  ) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${what}: expected ${rows} × ${columns} values, got ${matrix.rows} × ${matrix.columns} in an array of ${matrix.data.length}.`,
    );
  }
}
