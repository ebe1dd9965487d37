import {
  type BlockRows,
  type DenseMatrix,
  type DifferentiableNetwork,
  EdjmError,
  type OutputKind,
  type Step,
} from '@edjm/core';
import { valueCount } from '@edjm/network';
import type { Tensor } from '@tensorflow/tfjs';
import { checkColumns, checkOutputs, checkRows } from './checks.ts';
import { type Engine, inEngine, type TfjsEngine } from '../engines/engine.ts';
import { engineError } from '../engines/engineError.ts';
import { float64Gram, type GramBlock, hasFloat64 } from '../engines/tensorflowKernels.ts';
import { outputsOf } from './outputs.ts';
import type { TensorFunction } from '../sources/tensorFunction.ts';
import { Tape, type Way } from '../tape/tape.ts';

/** Samples a run, at most: more of them make the products no faster, and their operands leave the cache. */
const LARGEST_RUN = 500;
/** Samples a run on slow engines, at most: a process in a run hears of nothing else, such as of Ctrl-C. */
const SLOW_RUNS: Readonly<Partial<Record<TfjsEngine, number>>> = { cpu: 16, wasm: 128 };
/** Samples a run, at least: fewer make the products thin. */
const SMALLEST_RUN = 16;
/** What the intermediate values of a run may take for most of them to stay in a processor's last cache. */
const CACHED_BYTES = 2 ** 25;
/** Values that a reverse pass holds for each one that the forward pass left. */
const REVERSE_SHARE = 1;

/** What is known of a model once it has run. */
export interface Description {
  readonly dOut: number;
  readonly outputKind: OutputKind;
  /** Bytes of intermediate values for one sample. */
  readonly sampleBytes: number;
  /** What leads from the samples to the outputs, by the names of TensorFlow's operations. */
  readonly operations: readonly string[];
  /** Whether derivatives of the reverse pass are to be had, for Jacobian-vector products. */
  readonly twice: boolean;
}

/** A model in TensorFlow.js. Each call runs it once, in inference mode, and goes backwards once for each output. */
export class TfjsNetwork implements DifferentiableNetwork {
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly sampleSize: number;
  readonly dIn: number;
  readonly dOut: number;
  readonly outputKind: OutputKind;
  readonly precision = 'float32';
  readonly preferredBatchSize: number;
  readonly gram?: (batch: DenseMatrix, outputs: readonly number[]) => Promise<readonly BlockRows[]>;
  readonly jvp?: (batch: DenseMatrix, tangents: DenseMatrix) => Promise<DenseMatrix>;
  readonly #engine: Engine;
  readonly #model: TensorFunction;
  readonly #sampleBytes: number;
  readonly #operations: readonly string[];
  #disposed = false;

  constructor(engine: Engine, model: TensorFunction, description: Description) {
    this.#engine = engine;
    this.#model = model;
    this.#sampleBytes = description.sampleBytes;
    this.#operations = description.operations;
    this.name = model.name;
    this.inputShape = model.inputShape;
    this.sampleSize = valueCount(model.inputShape);
    this.dIn = this.sampleSize;
    this.dOut = description.dOut;
    this.outputKind = description.outputKind;
    const fitting = Math.floor(CACHED_BYTES / Math.max(1, this.#sampleBytes));
    this.preferredBatchSize =
      model.fixedBatchSize ??
      Math.min(SLOW_RUNS[engine.name] ?? LARGEST_RUN, Math.max(SMALLEST_RUN, fitting));
    // Products in float32 would drown small singular values.
    if (inEngine(engine, () => hasFloat64(engine.tf))) this.gram = (...call) => this.#gram(...call);
    if (description.twice) this.jvp = (...call) => this.#jvp(...call);
  }

  async forward(batch: DenseMatrix): Promise<DenseMatrix> {
    this.#checkSamples(batch);
    // A copy: a function may return a tensor that it keeps.
    return this.#byRuns(batch, this.dOut, ({ y }) => y.clone());
  }

  async vjp(batch: DenseMatrix, cotangents: DenseMatrix): Promise<DenseMatrix> {
    this.#checkVectors(batch, cotangents, { columns: this.dOut, what: 'cotangent' });
    return this.#byRuns(batch, this.dIn, ({ way, y }, part) =>
      first(way.back(this.#tensor(cotangents, part).reshape(y.shape))),
    );
  }

  async jacobian(batch: DenseMatrix, outputs: readonly number[]): Promise<readonly DenseMatrix[]> {
    this.#checkSamples(batch);
    checkOutputs(this.name, outputs, this.dOut);
    const blocks = outputs.map(() => zeros(batch.rows, this.dIn));
    for (const part of this.#parts(batch)) {
      await turn();
      const rows = this.#recorded(batch, part, (recorded) =>
        outputs.map((output) => this.#rows(recorded, output, part.size)),
      );
      for (const [index, tensor] of rows.entries()) await this.#read(tensor, part, blocks[index]);
    }
    return blocks;
  }

  workspaceBytes(n: number, outputs: number, call: 'gram' | 'rows'): number {
    const size = this.#model.fixedBatchSize ?? n;
    const rows = size * this.dIn * Float32Array.BYTES_PER_ELEMENT;
    const products = Float64Array.BYTES_PER_ELEMENT * (size * this.dIn + 3 * this.dIn ** 2);
    const held = call === 'gram' && this.gram !== undefined ? 2 * rows + products : (outputs + 1) * rows;
    return Math.ceil((1 + REVERSE_SHARE) * size * this.#sampleBytes + held);
  }

  explain(n: number, outputs: number): readonly Step[] {
    const size = this.#model.fixedBatchSize ?? n;
    const engine = `${this.#engine.name}, ${String(size)} samples`;
    const each = `${String(outputs)} times, once for each output`;
    const forward: Step = { pass: 'forward', of: engine, nodes: this.#operations };
    const reverse: Step = { pass: 'reverse', of: each, nodes: this.#operations.toReversed() };
    const gram: Step = { pass: 'gram', of: each, nodes: ['Transpose', 'Cast to float64', 'MatMul'] };
    return this.gram === undefined ? [forward, reverse] : [forward, reverse, gram];
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    inEngine(this.#engine, this.#model.dispose);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  /** @throws EdjmError `INVALID_ARGUMENT` after `dispose`. */
  protected checkInUse(): void {
    if (!this.#disposed) return;
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${this.name}: expected a network in use, got one that was disposed. Load it again.`,
    );
  }

  /** Does work in the engine. */
  protected run<T>(work: () => T): T {
    try {
      return inEngine(this.#engine, work);
    } catch (cause) {
      throw engineError(this.name, this.#engine, cause);
    }
  }

  async #jvp(batch: DenseMatrix, tangents: DenseMatrix): Promise<DenseMatrix> {
    this.#checkVectors(batch, tangents, { columns: this.dIn, what: 'tangent' });
    return this.#byRuns(batch, this.dOut, (output, part) =>
      jvpOfVjp(this.#engine, output, this.#tensor(tangents, part).reshape([part.size, ...this.inputShape])),
    );
  }

  /** One run for all outputs: their rows never leave the engine. */
  async #gram(batch: DenseMatrix, outputs: readonly number[]): Promise<readonly BlockRows[]> {
    this.#checkSamples(batch);
    checkOutputs(this.name, outputs, this.dOut);
    const { tf } = this.#engine;
    const sums: (readonly GramBlock[] | undefined)[] = outputs.map(() => undefined);
    for (const part of this.#parts(batch)) {
      await turn();
      this.#recorded(batch, part, (recorded) => {
        for (const [index, output] of outputs.entries()) {
          tf.tidy(() => {
            const rows = this.#rows(recorded, output, part.size).reshape([part.size, this.dIn]);
            const blocks = float64Gram(tf, part.rows < part.size ? rows.slice(0, part.rows) : rows);
            sums[index] = added(sums[index], blocks);
          });
        }
        return undefined;
      });
    }
    return sums.map((blocks = []) => blocks);
  }

  /** Rows ∂f_k(x_i)/∂x of one output, in the engine. */
  #rows({ way, y }: Output, output: number, size: number): Tensor {
    const { tf } = this.#engine;
    return tf.tidy(() => {
      const unit = new Float32Array(size * this.dOut);
      for (let row = 0; row < size; row++) unit[row * this.dOut + output] = 1;
      return first(way.back(tf.tensor(unit, y.shape)));
    });
  }

  /** Runs the model on a part of a batch, and does something with what was recorded; in the end only the result is left. */
  #recorded<T extends Tensor | Tensor[] | undefined>(
    batch: DenseMatrix,
    part: Part,
    use: (output: Output) => T,
  ): T {
    const { tf } = this.#engine;
    return this.run(() =>
      tf.tidy(() => {
        const x = this.#tensor(batch, part).reshape([part.size, ...this.inputShape]);
        const tape = new Tape(tf, outputsOf(tf, this.#model, { x, outputKind: this.outputKind }));
        try {
          return use({ y: tape.y, way: tape.way([x], tape.y) });
        } finally {
          tape.dispose();
        }
      }),
    );
  }

  /** Does something with every run of a batch that gives one row for each sample, and puts the rows together. */
  async #byRuns(
    batch: DenseMatrix,
    columns: number,
    use: (output: Output, part: Part) => Tensor,
  ): Promise<DenseMatrix> {
    const result = zeros(batch.rows, columns);
    for (const part of this.#parts(batch)) {
      await turn();
      await this.#read(
        this.#recorded(batch, part, (output) => use(output, part)),
        part,
        result,
      );
    }
    return result;
  }

  async #read(tensor: Tensor, { start, rows }: Part, into: DenseMatrix | undefined): Promise<void> {
    try {
      const values = await tensor.data();
      if (into === undefined) return;
      into.data.set(values.subarray(0, rows * into.columns), start * into.columns);
    } finally {
      tensor.dispose();
    }
  }

  /** Rows of a matrix, filled up with the last one to the size of a run. */
  #tensor({ data, columns }: DenseMatrix, { start, rows, size }: Part): Tensor {
    const values = new Float32Array(size * columns);
    values.set(data.subarray(start * columns, (start + rows) * columns));
    for (let row = rows; row < size; row++)
      values.copyWithin(row * columns, (rows - 1) * columns, rows * columns);
    return this.#engine.tf.tensor(values, [size, columns]);
  }

  /** A batch as it is, or in runs of the one size that the model takes. */
  #parts({ rows }: DenseMatrix): readonly Part[] {
    const size = this.#model.fixedBatchSize;
    if (size === undefined) return [{ start: 0, rows, size: rows }];
    return Array.from({ length: Math.ceil(rows / size) }, (_, index) => ({
      start: index * size,
      rows: Math.min(size, rows - index * size),
      size,
    }));
  }

  #checkSamples(batch: DenseMatrix): void {
    this.checkInUse();
    checkColumns(this.name, batch, { columns: this.sampleSize, what: 'samples' });
  }

  #checkVectors(
    batch: DenseMatrix,
    vectors: DenseMatrix,
    { columns, what }: { columns: number; what: string },
  ): void {
    this.#checkSamples(batch);
    checkColumns(this.name, vectors, { columns, what: `${what}s` });
    checkRows(this.name, vectors, { batch, what });
  }
}

/** The outputs of a run, [n, …], and the way back to its samples. */
export interface Output {
  readonly y: Tensor;
  readonly way: Way;
}

/** A run's share of a batch: `rows` samples from `start` on, filled up to `size`. */
interface Part {
  readonly start: number;
  readonly rows: number;
  readonly size: number;
}

/** J t as the derivative, with respect to c, of the vector-Jacobian product cᵀJ, which is linear in c. */
function jvpOfVjp({ tf }: Engine, { way, y }: Output, tangents: Tensor): Tensor {
  return tf.tidy(() => {
    const cotangent = tf.zeros(y.shape);
    const tape = new Tape(tf, () => first(way.back(cotangent)));
    try {
      return first(tape.way([cotangent], tape.y).back(tangents));
    } finally {
      tape.dispose();
    }
  });
}

/** Lets the process do what has come up meanwhile. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

function first(tensors: readonly Tensor[]): Tensor {
  const [tensor] = tensors;
  if (tensor === undefined) throw new EdjmError('ENGINE_FAILED', 'expected a gradient, got none.');
  return tensor;
}

function zeros(rows: number, columns: number): DenseMatrix & { readonly data: Float32Array } {
  return { rows, columns, data: new Float32Array(rows * columns) };
}

/** Adds blocks to those that are there, if any are. */
function added(sums: readonly GramBlock[] | undefined, blocks: readonly GramBlock[]): readonly GramBlock[] {
  for (const [index, { data }] of (sums ?? []).entries()) {
    const more = blocks[index]?.data;
    for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) + (more?.[i] ?? 0);
  }
  return sums ?? blocks;
}
