import {
  EdjmError,
  type BlockRows,
  type DenseMatrix,
  type DifferentiableNetwork,
  type FloatArray,
  type NarrowedNetwork,
  type OutputKind,
  type Step,
} from '@edjm/core';
import { gramBlocks, tensorNames, type NetworkGraph } from '@edjm/onnx-autodiff';
import { constantJacobian } from './constantJacobian.ts';
import { probeSamples } from './freeBatch.ts';
import type { EngineTensor, Feeds, SessionPool } from '../runtime/sessionPool.ts';
import { checkWhole, wholeColumns } from './wholeNumbers.ts';

/** Samples a run, at most: more of them make the products no faster, and their operands leave the cache. */
const LARGEST_RUN = 500;
/** Samples a run, at least: fewer make the products thin. */
const SMALLEST_RUN = 4;
/** What the intermediate values of a run may take for most of them to stay in a processor's last cache. */
const CACHED_BYTES = 2 ** 25;
/** Rows, about, whose Gram matrix is formed at once: fewer make it thin. */
const GRAM_ROWS = 256;
/** What a session holds of the memory that it has used: it keeps it, in pieces that double, so that no run asks for new pages. */
const KEPT_MEMORY = 2;
/** Copies of the weights that a session takes: the file it is made from, its own, and one packed for its products. */
const WEIGHT_COPIES = 3;
/** Outputs that a run is taken to serve, for the choice of the batch size. */
const USUAL_OUTPUTS = 10;
/** Samples at which a map that is said to be affine is looked at. */
const PROBES = 5;

/** The number of samples at which a run is fastest, by the intermediate values that one more adds. */
function fastestRun(graph: NetworkGraph): number {
  const outputs = Math.min(graph.dOut, USUAL_OUTPUTS);
  const bytes = (n: number) => graph.vjpGraph(n, outputs).workspaceBytes;
  const fitting = Math.floor(CACHED_BYTES / Math.max(1, bytes(2) - bytes(1)));
  // A run that forms its Gram matrices alone writes fewer of them the longer it is, which is worth some of the cache.
  return fitting >= GRAM_ROWS ? LARGEST_RUN : Math.max(SMALLEST_RUN, fitting);
}

/**
 * A network in ONNX Runtime. Every run has one number of samples: smaller batches are filled up, and the filling left out;
 * larger ones take several runs.
 */
export class OnnxNetwork implements DifferentiableNetwork {
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly sampleSize: number;
  readonly dIn: number;
  readonly dOut: number;
  readonly outputKind: OutputKind;
  readonly precision: 'float32' | 'float64';
  readonly preferredBatchSize: number;
  readonly gram?: (batch: DenseMatrix, outputs: readonly number[]) => Promise<readonly BlockRows[]>;
  readonly #graph: NetworkGraph;
  readonly #pool: SessionPool;
  /** Samples a run, but for batches that are smaller. */
  readonly #run: number;
  /** Sizes that sessions have been made for, ascending. */
  #sizes: readonly number[] = [];
  /** Rows of several runs on their way to their Gram matrix. */
  #collected: Float32Array | Float64Array | undefined;
  readonly #wholeColumns: readonly number[];
  /** Inputs of every run: the parameters of a network that is trained. */
  readonly #given: (() => Feeds) | undefined;
  #disposed = false;

  constructor(graph: NetworkGraph, pool: SessionPool, given?: () => Feeds) {
    this.#graph = graph;
    this.#given = given;
    this.#pool = pool;
    this.#wholeColumns = wholeColumns(graph);
    this.name = graph.name;
    this.inputShape = graph.inputShape;
    this.sampleSize = graph.sampleSize;
    this.dIn = graph.dIn;
    this.dOut = graph.dOut;
    this.outputKind = graph.outputKind;
    this.precision = graph.precision;
    this.#run = graph.fixedBatchSize ?? fastestRun(graph);
    this.preferredBatchSize = this.#run * Math.max(1, Math.floor(GRAM_ROWS / this.#run));
    // Products in float32 would drown small singular values.
    if (pool.float64) this.gram = (batch, outputs) => this.#gram(batch, outputs);
  }

  async forward(batch: DenseMatrix): Promise<DenseMatrix> {
    this.#checkSamples(batch);
    const data = this.#array(batch.rows * this.dOut);
    for (const part of this.#parts(batch)) {
      const outputs = await this.#pool.run(
        `forward ${String(part.size)}`,
        () => this.#graph.forwardGraph(part.size).graph,
        {
          ...this.#given?.(),
          [tensorNames.batch]: this.#filled(batch, part),
        },
      );
      data.set(outputs.subarray(0, part.rows * this.dOut), part.start * this.dOut);
    }
    return { rows: batch.rows, columns: this.dOut, data };
  }

  async vjp(batch: DenseMatrix, cotangents: DenseMatrix): Promise<DenseMatrix> {
    this.#checkSamples(batch);
    this.check(cotangents, this.dOut, 'cotangents');
    if (cotangents.rows !== batch.rows) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${this.name}: expected one cotangent for each of ${String(batch.rows)} samples, got ${String(cotangents.rows)}.`,
      );
    }
    const data = this.#array(batch.rows * this.dIn);
    for (const part of this.#parts(batch)) {
      const seeds = this.#array(part.size * this.dOut);
      seeds.set(cotangents.data.subarray(part.start * this.dOut, (part.start + part.rows) * this.dOut));
      const rows = await this.#rows(batch, part, { shape: [1, part.size, this.dOut], data: seeds });
      data.set(rows.subarray(0, part.rows * this.dIn), part.start * this.dIn);
    }
    return { rows: batch.rows, columns: this.dIn, data };
  }

  async jacobian(batch: DenseMatrix, outputs: readonly number[]): Promise<readonly DenseMatrix[]> {
    this.#checkSamples(batch);
    this.#checkOutputs(outputs);
    const blocks = outputs.map(() => this.#array(batch.rows * this.dIn));
    for (const part of this.#parts(batch)) {
      const rows = await this.#rows(batch, part, this.#unitCotangents(part, outputs));
      blocks.forEach((block, index) => {
        const from = index * part.size * this.dIn;
        block.set(rows.subarray(from, from + part.rows * this.dIn), part.start * this.dIn);
      });
    }
    return blocks.map((data) => ({ rows: batch.rows, columns: this.dIn, data }));
  }

  async narrowed(atMost = Infinity): Promise<NarrowedNetwork | undefined> {
    this.checkInUse();
    // The map would move with the parameters.
    if (this.#given !== undefined) return undefined;
    const parts = this.#graph.narrowed();
    if (parts === undefined || parts.rest.dIn > atMost) return undefined;
    const rows = Math.max(PROBES, this.#graph.fixedBatchSize ?? 0);
    const probes = { rows, columns: this.sampleSize, data: probeSamples(this.#graph, rows) };
    const [h, dIn] = [parts.rest.dIn, this.dIn];
    const matrix = { rows: h, columns: dIn, data: new Float64Array(h * dIn) };
    let filled = 0;
    for (const part of parts.first) {
      await using first = new OnnxNetwork(part, this.#pool.another());
      const jacobian = await constantJacobian(first, probes);
      if (jacobian === undefined) return undefined;
      matrix.data.set(jacobian.data, filled);
      filled += jacobian.data.length;
    }
    return { network: new OnnxNetwork(parts.rest, this.#pool.another()), matrix };
  }

  explain(n: number, outputs: number): readonly Step[] {
    return this.#graph.explain(this.#graph.fixedBatchSize ?? Math.min(n, this.#run), outputs);
  }

  workspaceBytes(n: number, outputs: number, call: 'gram' | 'rows'): number {
    const size = this.#graph.fixedBatchSize ?? Math.min(n, this.#run);
    const runs = Math.ceil(n / size);
    const formsGrams = call === 'gram' && this.gram !== undefined;
    const isWhole = runs === 1 && formsGrams;
    const run = isWhole ? this.#graph.gramGraph(size, outputs) : this.#graph.vjpGraph(size, outputs);
    const weights = [...run.graph.initializers.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
    const own = KEPT_MEMORY * run.workspaceBytes + WEIGHT_COPIES * weights;
    if (runs === 1 || !formsGrams) return own;
    const grams = this.#graph.gramOfRowsGraph(runs * size, outputs);
    return own + KEPT_MEMORY * grams.workspaceBytes;
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#collected = undefined;
    await this.#pool.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #gram(batch: DenseMatrix, outputs: readonly number[]): Promise<readonly BlockRows[]> {
    this.#checkSamples(batch);
    this.#checkOutputs(outputs);
    const parts = this.#parts(batch);
    const [part, ...others] = parts;
    const blocks =
      part !== undefined && others.length === 0
        ? await this.#gramOfRun(batch, outputs, part)
        : await this.#gramOfRuns(batch, outputs, parts);
    return outputs.map((_, output) =>
      gramBlocks(this.dIn).map(({ first, end }, index) => {
        const size = (end - first) * end;
        const data = blocks[index]?.subarray(output * size, (output + 1) * size) ?? new Float64Array();
        return { rows: end - first, columns: end, data };
      }),
    );
  }

  /** In one graph: rows never leave the engine. */
  #gramOfRun(
    batch: DenseMatrix,
    outputs: readonly number[],
    part: Part,
  ): Promise<readonly (Float32Array | Float64Array)[]> {
    return this.#pool.runAll(
      `gram ${String(part.size)} ${String(outputs.length)}`,
      () => this.#graph.gramGraph(part.size, outputs.length).graph,
      {
        ...this.#given?.(),
        [tensorNames.batch]: this.#filled(batch, part),
        [tensorNames.cotangents]: this.#unitCotangents(part, outputs),
      },
    );
  }

  /** Of the rows of several runs, [K, n, d_in]; those of filling are zero. */
  async #gramOfRuns(
    batch: DenseMatrix,
    outputs: readonly number[],
    parts: readonly Part[],
  ): Promise<readonly (Float32Array | Float64Array)[]> {
    const k = outputs.length;
    const n = parts.reduce((sum, { size }) => sum + size, 0);
    const length = k * n * this.dIn;
    if (this.#collected?.length !== length) this.#collected = this.#array(length);
    const data = this.#collected;
    for (const part of parts) {
      const rows = await this.#rows(batch, part, this.#unitCotangents(part, outputs));
      const size = part.size * this.dIn;
      for (let index = 0; index < k; index++) {
        data.set(rows.subarray(index * size, (index + 1) * size), (index * n + part.start) * this.dIn);
      }
    }
    return this.#pool.runAll(
      `gram of rows ${String(n)} ${String(k)}`,
      () => this.#graph.gramOfRowsGraph(n, k).graph,
      { [tensorNames.rows]: { shape: [k, n, this.dIn], data } },
    );
  }

  #rows(batch: DenseMatrix, part: Part, cotangents: EngineTensor): Promise<FloatArray> {
    const [k = 1] = cotangents.shape;
    return this.#pool.run(
      `vjp ${String(part.size)} ${String(k)}`,
      () => this.#graph.vjpGraph(part.size, k).graph,
      {
        ...this.#given?.(),
        [tensorNames.batch]: this.#filled(batch, part),
        [tensorNames.cotangents]: cotangents,
      },
    );
  }

  /** e_k for every sample of a part, zeros for its filling, so that the filling adds nothing: K × size × d_out. */
  #unitCotangents({ rows, size }: Part, outputs: readonly number[]): EngineTensor {
    const data = this.#array(outputs.length * size * this.dOut);
    outputs.forEach((output, index) => {
      for (let row = 0; row < rows; row++) data[(index * size + row) * this.dOut + output] = 1;
    });
    return { shape: [outputs.length, size, this.dOut], data };
  }

  /** The samples of a part; its filling repeats the last one, where the network is known to be finite. */
  #filled({ data }: DenseMatrix, { start, rows, size }: Part): EngineTensor {
    const shape = [size, this.sampleSize];
    const samples = data.subarray(start * this.sampleSize, (start + rows) * this.sampleSize);
    const sameType = data instanceof Float64Array === (this.precision === 'float64');
    if (rows === size && sameType) return { shape, data: samples };
    const filled = this.#array(size * this.sampleSize);
    filled.set(samples);
    for (let row = rows; row < size; row++)
      filled.copyWithin(row * this.sampleSize, (rows - 1) * this.sampleSize, rows * this.sampleSize);
    return { shape, data: filled };
  }

  /** A batch in runs: one of a size that a session exists for where it is small, or several that are full but for the last. */
  #parts({ rows }: DenseMatrix): readonly Part[] {
    if (this.#graph.fixedBatchSize === undefined && rows <= this.#run) {
      const size =
        this.#sizes.find((known) => known >= rows && known <= 2 * rows + LARGEST_RUN) ?? Math.max(rows, 2);
      if (!this.#sizes.includes(size)) this.#sizes = [...this.#sizes, size].sort((a, b) => a - b);
      return [{ start: 0, rows, size }];
    }
    return Array.from({ length: Math.ceil(rows / this.#run) }, (_, index) => {
      const start = index * this.#run;
      return { start, rows: Math.min(this.#run, rows - start), size: this.#run };
    });
  }

  #array(length: number): Float32Array | Float64Array {
    return this.precision === 'float64' ? new Float64Array(length) : new Float32Array(length);
  }

  protected checkInUse(): void {
    if (!this.#disposed) return;
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${this.name}: expected a network in use, got one that was disposed. Load it again.`,
    );
  }

  /** @throws EdjmError `SHAPE_MISMATCH` for a matrix of other columns, or none. */
  protected check(matrix: DenseMatrix, columns: number, what: string): void {
    this.checkInUse();
    const { rows, data } = matrix;
    if (rows > 0 && matrix.columns === columns && data.length === rows * columns) return;
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${this.name}: expected ${what} of ${String(columns)} values each, got ${String(rows)} × ${String(matrix.columns)} (${String(data.length)} numbers).`,
    );
  }

  #checkSamples(batch: DenseMatrix): void {
    this.check(batch, this.sampleSize, 'samples');
    checkWhole(this.#graph, batch, this.#wholeColumns);
  }

  #checkOutputs(outputs: readonly number[]): void {
    const wrong = outputs.find((output) => !Number.isInteger(output) || output < 0 || output >= this.dOut);
    if (wrong === undefined && outputs.length > 0) return;
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${this.name}: expected outputs from 0 to ${String(this.dOut - 1)}, got ${wrong === undefined ? 'none' : String(wrong)}.`,
    );
  }
}

/** A run's share of a batch: `rows` samples from `start` on, filled up to `size`. */
interface Part {
  readonly start: number;
  readonly rows: number;
  readonly size: number;
}
