import {
  EdjmError,
  type BlockRows,
  type DenseMatrix,
  type DifferentiableNetwork,
  type FloatArray,
  type OutputKind,
} from '@edjm/core';
import { gramBlocks, tensorNames, type NetworkGraph } from '@edjm/onnx-autodiff';
import type { EngineTensor, SessionPool } from './sessionPool.ts';
import { checkWhole, wholeColumns } from './wholeNumbers.ts';

/** Samples a run, at most: more of them make the products no faster, and their operands leave the cache. */
const LARGEST_BATCH_SIZE = 250;
/** Samples a run, at least: fewer make the products thin. */
const SMALLEST_BATCH_SIZE = 16;
/** What the intermediate values of a run may take for most of them to stay in a processor's last cache. */
const CACHED_BYTES = 2 ** 26;
/** Copies of the weights that a session takes: the file it is made from, its own, and one packed for its products. */
const WEIGHT_COPIES = 3;
/** Outputs that a run is taken to serve, for the choice of the batch size. */
const USUAL_OUTPUTS = 10;

/** The batch size at which a graph runs fastest, by the intermediate values that one more sample adds. */
function fastestBatchSize(graph: NetworkGraph): number {
  const outputs = Math.min(graph.outputSize, USUAL_OUTPUTS);
  const bytes = (n: number) => graph.vjpGraph(n, outputs).workspaceBytes;
  const fitting = Math.floor(CACHED_BYTES / Math.max(1, bytes(2) - bytes(1)));
  return Math.min(LARGEST_BATCH_SIZE, Math.max(SMALLEST_BATCH_SIZE, fitting));
}

/** A network in ONNX Runtime. Every run has one batch size: smaller batches are filled up, and the filling left out. */
export class OnnxNetwork implements DifferentiableNetwork {
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly inputSize: number;
  readonly rowSize: number;
  readonly outputSize: number;
  readonly outputKind: OutputKind;
  readonly precision: 'float32' | 'float64';
  readonly preferredBatchSize: number;
  readonly gram?: (batch: DenseMatrix, outputs: readonly number[]) => Promise<readonly BlockRows[]>;
  readonly #graph: NetworkGraph;
  readonly #pool: SessionPool;
  /** Batch sizes that sessions have been made for, ascending. */
  #sizes: readonly number[] = [];
  readonly #wholeColumns: readonly number[];
  #disposed = false;

  constructor(graph: NetworkGraph, pool: SessionPool) {
    this.#graph = graph;
    this.#pool = pool;
    this.#wholeColumns = wholeColumns(graph);
    this.name = graph.name;
    this.inputShape = graph.inputShape;
    this.inputSize = graph.inputSize;
    this.rowSize = graph.rowSize;
    this.outputSize = graph.outputSize;
    this.outputKind = graph.outputKind;
    this.precision = graph.precision;
    this.preferredBatchSize = graph.fixedBatchSize ?? fastestBatchSize(graph);
    // With a small fixed batch a run's products would be a few rows thin: the rows are better collected first.
    if (graph.fixedBatchSize === undefined) this.gram = (batch, outputs) => this.#gram(batch, outputs);
  }

  async forward(batch: DenseMatrix): Promise<DenseMatrix> {
    this.#checkSamples(batch);
    const data = this.#array(batch.rows * this.outputSize);
    for (const part of this.#parts(batch)) {
      const outputs = await this.#pool.run(
        `forward ${String(part.size)}`,
        () => this.#graph.forwardGraph(part.size).graph,
        {
          [tensorNames.batch]: this.#filled(batch, part),
        },
      );
      data.set(outputs.subarray(0, part.rows * this.outputSize), part.start * this.outputSize);
    }
    return { rows: batch.rows, columns: this.outputSize, data };
  }

  async vjp(batch: DenseMatrix, cotangents: DenseMatrix): Promise<DenseMatrix> {
    this.#checkSamples(batch);
    this.#check(cotangents, this.outputSize, 'cotangents');
    if (cotangents.rows !== batch.rows) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${this.name}: expected one cotangent for each of ${String(batch.rows)} samples, got ${String(cotangents.rows)}.`,
      );
    }
    const data = this.#array(batch.rows * this.rowSize);
    for (const part of this.#parts(batch)) {
      const seeds = this.#array(part.size * this.outputSize);
      seeds.set(
        cotangents.data.subarray(part.start * this.outputSize, (part.start + part.rows) * this.outputSize),
      );
      const rows = await this.#rows(batch, part, { shape: [1, part.size, this.outputSize], data: seeds });
      data.set(rows.subarray(0, part.rows * this.rowSize), part.start * this.rowSize);
    }
    return { rows: batch.rows, columns: this.rowSize, data };
  }

  async jacobian(batch: DenseMatrix, outputs: readonly number[]): Promise<readonly DenseMatrix[]> {
    this.#checkSamples(batch);
    this.#checkOutputs(outputs);
    const blocks = outputs.map(() => this.#array(batch.rows * this.rowSize));
    for (const part of this.#parts(batch)) {
      const rows = await this.#rows(batch, part, this.#unitCotangents(part, outputs));
      blocks.forEach((block, index) => {
        const from = index * part.size * this.rowSize;
        block.set(rows.subarray(from, from + part.rows * this.rowSize), part.start * this.rowSize);
      });
    }
    return blocks.map((data) => ({ rows: batch.rows, columns: this.rowSize, data }));
  }

  workspaceBytes(n: number, outputs: number): number {
    const size = this.#graph.fixedBatchSize ?? n;
    const { graph, workspaceBytes } = this.gram
      ? this.#graph.gramGraph(size, outputs)
      : this.#graph.vjpGraph(size, outputs);
    const weights = [...graph.initializers.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
    return workspaceBytes + WEIGHT_COPIES * weights;
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#pool.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #gram(batch: DenseMatrix, outputs: readonly number[]): Promise<readonly BlockRows[]> {
    this.#checkSamples(batch);
    this.#checkOutputs(outputs);
    const [part = { start: 0, rows: 0, size: 0 }] = this.#parts(batch);
    const blocks = await this.#pool.runAll(
      `gram ${String(part.size)} ${String(outputs.length)}`,
      () => this.#graph.gramGraph(part.size, outputs.length).graph,
      {
        [tensorNames.batch]: this.#filled(batch, part),
        [tensorNames.cotangents]: this.#unitCotangents(part, outputs),
      },
    );
    return outputs.map((_, output) =>
      gramBlocks(this.rowSize).map(({ first, end }, index) => {
        const size = (end - first) * end;
        const data = blocks[index]?.subarray(output * size, (output + 1) * size) ?? new Float64Array();
        return { rows: end - first, columns: end, data };
      }),
    );
  }

  #rows(batch: DenseMatrix, part: Part, cotangents: EngineTensor): Promise<FloatArray> {
    const [k = 1] = cotangents.shape;
    return this.#pool.run(
      `vjp ${String(part.size)} ${String(k)}`,
      () => this.#graph.vjpGraph(part.size, k).graph,
      {
        [tensorNames.batch]: this.#filled(batch, part),
        [tensorNames.cotangents]: cotangents,
      },
    );
  }

  /** e_k for every sample of a part, zeros for its filling, so that the filling adds nothing: K × size × d_out. */
  #unitCotangents({ rows, size }: Part, outputs: readonly number[]): EngineTensor {
    const data = this.#array(outputs.length * size * this.outputSize);
    outputs.forEach((output, index) => {
      for (let row = 0; row < rows; row++) data[(index * size + row) * this.outputSize + output] = 1;
    });
    return { shape: [outputs.length, size, this.outputSize], data };
  }

  /** The samples of a part; its filling repeats the last one, where the network is known to be finite. */
  #filled({ data }: DenseMatrix, { start, rows, size }: Part): EngineTensor {
    const shape = [size, this.inputSize];
    const samples = data.subarray(start * this.inputSize, (start + rows) * this.inputSize);
    const sameType = data instanceof Float64Array === (this.precision === 'float64');
    if (rows === size && sameType) return { shape, data: samples };
    const filled = this.#array(size * this.inputSize);
    filled.set(samples);
    for (let row = rows; row < size; row++)
      filled.copyWithin(row * this.inputSize, (rows - 1) * this.inputSize, rows * this.inputSize);
    return { shape, data: filled };
  }

  /** A batch in pieces of the sizes that sessions exist for; one piece unless the model has a fixed batch size. */
  #parts({ rows }: DenseMatrix): readonly Part[] {
    const { fixedBatchSize } = this.#graph;
    if (fixedBatchSize === undefined) {
      const size =
        this.#sizes.find((known) => known >= rows && known <= 2 * rows + LARGEST_BATCH_SIZE) ??
        Math.max(rows, 2);
      if (!this.#sizes.includes(size)) this.#sizes = [...this.#sizes, size].sort((a, b) => a - b);
      return [{ start: 0, rows, size }];
    }
    return Array.from({ length: Math.ceil(rows / fixedBatchSize) }, (_, index) => {
      const start = index * fixedBatchSize;
      return { start, rows: Math.min(fixedBatchSize, rows - start), size: fixedBatchSize };
    });
  }

  #array(length: number): Float32Array | Float64Array {
    return this.precision === 'float64' ? new Float64Array(length) : new Float32Array(length);
  }

  #check(matrix: DenseMatrix, columns: number, what: string): void {
    if (this.#disposed) {
      throw new EdjmError(
        'INVALID_ARGUMENT',
        `${this.name}: expected a network in use, got one that was disposed. Load it again.`,
      );
    }
    const { rows, data } = matrix;
    if (rows > 0 && matrix.columns === columns && data.length === rows * columns) return;
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${this.name}: expected ${what} of ${String(columns)} values each, got ${String(rows)} × ${String(matrix.columns)} (${String(data.length)} numbers).`,
    );
  }

  #checkSamples(batch: DenseMatrix): void {
    this.#check(batch, this.inputSize, 'samples');
    checkWhole(this.#graph, batch, this.#wholeColumns);
  }

  #checkOutputs(outputs: readonly number[]): void {
    const wrong = outputs.find(
      (output) => !Number.isInteger(output) || output < 0 || output >= this.outputSize,
    );
    if (wrong === undefined && outputs.length > 0) return;
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${this.name}: expected outputs from 0 to ${String(this.outputSize - 1)}, got ${wrong === undefined ? 'none' : String(wrong)}.`,
    );
  }
}

/** A run's share of a batch: `rows` samples from `start` on, filled up to `size`. */
interface Part {
  readonly start: number;
  readonly rows: number;
  readonly size: number;
}
