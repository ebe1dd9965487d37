import type { BlockRows, DenseMatrix, FloatArray } from '@edjm/linalg';
import type { SamplePart } from '../contracts/dataset.ts';
import { EdjmError } from '../contracts/errors.ts';
import type { Head } from '../contracts/head.ts';
import type {
  ActivationPatterns,
  DifferentiableNetwork,
  NarrowedNetwork,
  OutputKind,
  ParameterChange,
  Step,
} from '../contracts/network.ts';
import { checkOutputs } from '../derivatives/outputs.ts';
import { addedGrams } from './addedGrams.ts';
import { checkMatrix, type ExpectedMatrix } from './checkMatrix.ts';
import type { RawNetwork, Run, StackedRows } from './rawNetwork.ts';
import { rowsOfRun, runSize, type Share, sharesOf, unitCotangents, valueCount, zeros } from './runs.ts';
import { serialQueue } from './serialQueue.ts';

/**
 * Makes a network of an engine. Optional calls are there if the engine has them.
 *
 * Every call throws `SHAPE_MISMATCH` for matrices that do not fit, and `INVALID_ARGUMENT` for outputs that do not exist and after `dispose`.
 *
 * @example
 * ```ts
 * import { type DifferentiableNetwork, engineNetwork } from '@edjm/core';
 *
 * // f(x) = x² for each of `width` values.
 * export function squares(width: number): DifferentiableNetwork {
 *   return engineNetwork({
 *     name: 'squares',
 *     inputShape: [width],
 *     dOut: width,
 *     outputKind: 'logit',
 *     precision: 'float64',
 *     preferredBatchSize: 256,
 *     forward: async ({ samples }) => samples.map((x) => x * x),
 *     vjp: async ({ samples }, cotangents) => cotangents.map((c, at) => 2 * c * (samples[at] ?? 0)),
 *     workspaceBytes: ({ size }) => 8 * size * width,
 *     dispose: async () => {},
 *   });
 * }
 * ```
 */
export function engineNetwork(raw: RawNetwork): DifferentiableNetwork {
  return new EngineNetwork(raw);
}

/** An engine that has a certain call. */
type With<K extends keyof RawNetwork> = RawNetwork & Required<Pick<RawNetwork, K>>;

function has<K extends keyof RawNetwork>(raw: RawNetwork, call: K): raw is With<K> {
  return raw[call] !== undefined;
}

/** A network that runs in an engine. */
export class EngineNetwork implements DifferentiableNetwork {
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly inputs?: readonly SamplePart[];
  readonly sampleSize: number;
  readonly dIn: number;
  readonly dOut: number;
  readonly outputKind: OutputKind;
  readonly head?: Head;
  readonly precision: 'float32' | 'float64';
  readonly preferredBatchSize: number;
  readonly jvp?: (batch: DenseMatrix, tangents: DenseMatrix) => Promise<DenseMatrix>;
  readonly jacobian?: (batch: DenseMatrix, outputs: readonly number[]) => Promise<readonly DenseMatrix[]>;
  readonly gram?: (batch: DenseMatrix, outputs: readonly number[]) => Promise<readonly BlockRows[]>;
  readonly narrowed?: (atMost?: number) => Promise<NarrowedNetwork | undefined>;
  readonly nearKinks?: (batch: DenseMatrix) => Promise<DenseMatrix>;
  readonly activationPatterns?: (batch: DenseMatrix) => Promise<ActivationPatterns>;
  readonly reparameterized?: (change: ParameterChange) => Promise<DifferentiableNetwork>;
  readonly explain?: (n: number, outputs: number) => readonly Step[];
  readonly #raw: RawNetwork;
  readonly #serially = serialQueue();
  /** Rows of several runs on their way to their Gram matrices. */
  #collected: FloatArray | undefined;
  #disposed = false;

  constructor(raw: RawNetwork) {
    this.#raw = raw;
    this.name = raw.name;
    this.inputShape = raw.inputShape;
    if (raw.inputs) this.inputs = raw.inputs;
    this.sampleSize = valueCount(raw.inputShape);
    this.dIn = raw.dIn ?? this.sampleSize;
    this.dOut = raw.dOut;
    this.outputKind = raw.outputKind;
    if (raw.head) this.head = raw.head;
    this.precision = raw.precision;
    this.preferredBatchSize = raw.preferredBatchSize;
    if (has(raw, 'jvp')) this.jvp = (batch, tangents) => this.#jvp(raw, batch, tangents);
    if (has(raw, 'jacobian')) this.jacobian = (batch, outputs) => this.#jacobian(raw, batch, outputs);
    if (has(raw, 'gram')) this.gram = (batch, outputs) => this.#gram(raw, batch, outputs);
    if (has(raw, 'nearKinks')) {
      this.nearKinks = (batch) =>
        this.call(() => {
          this.checkSamples(batch);
          return this.#rowwise(batch, 1, (run) => raw.nearKinks(run));
        });
    }
    if (has(raw, 'activationPatterns')) this.activationPatterns = (batch) => this.#patterns(raw, batch);
    if (has(raw, 'reparameterized')) {
      this.reparameterized = (change) => this.call(() => raw.reparameterized(change));
    }
    if (has(raw, 'narrowed')) {
      this.narrowed = (atMost = Infinity) => this.call(() => raw.narrowed(atMost));
    }
    if (has(raw, 'explain')) this.explain = (n, outputs) => raw.explain(runSize(raw, n), outputs);
  }

  forward(batch: DenseMatrix): Promise<DenseMatrix> {
    return this.call(() => {
      this.checkSamples(batch);
      return this.#rowwise(batch, this.dOut, (run) => this.#raw.forward(run));
    });
  }

  vjp(batch: DenseMatrix, cotangents: DenseMatrix): Promise<DenseMatrix> {
    return this.call(() => {
      this.checkSamples(batch);
      this.checkVectors(cotangents, { rows: batch.rows, columns: this.dOut, of: 'cotangents' });
      return this.#rowwise(batch, this.dIn, (run, share) =>
        this.#raw.vjp(run, rowsOfRun(this.#raw, cotangents, share)),
      );
    });
  }

  workspaceBytes(n: number, outputs: number, call: 'gram' | 'rows'): number {
    const size = runSize(this.#raw, n);
    return this.#raw.workspaceBytes({ size, runs: Math.ceil(n / size), outputs, call });
  }

  async dispose(): Promise<void> {
    await this.#serially(async () => {
      if (this.#disposed) return;
      this.#disposed = true;
      this.#collected = undefined;
      await this.#raw.dispose();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  /**
   * Does the work of one call once the calls before it are done.
   *
   * @throws EdjmError `INVALID_ARGUMENT` after `dispose`.
   */
  protected call<T>(work: () => Promise<T>): Promise<T> {
    return this.#serially(async () => {
      if (!this.#disposed) return work();
      throw new EdjmError(
        'INVALID_ARGUMENT',
        `${this.name}: expected a network in use, got a call after dispose(). Load it again.`,
      );
    });
  }

  /** @throws EdjmError `SHAPE_MISMATCH`, and as the engine's own check. */
  protected checkSamples(batch: DenseMatrix): void {
    this.checkVectors(batch, { rows: batch.rows, columns: this.sampleSize, of: 'samples' });
    this.#raw.checkSamples?.(batch.data);
  }

  /** @throws EdjmError `SHAPE_MISMATCH`. */
  protected checkVectors(matrix: DenseMatrix, expected: ExpectedMatrix): void {
    checkMatrix(this.name, matrix, expected);
  }

  #jvp(raw: With<'jvp'>, batch: DenseMatrix, tangents: DenseMatrix): Promise<DenseMatrix> {
    return this.call(() => {
      this.checkSamples(batch);
      this.checkVectors(tangents, { rows: batch.rows, columns: this.dIn, of: 'tangents' });
      return this.#rowwise(batch, this.dOut, (run, share) => raw.jvp(run, rowsOfRun(raw, tangents, share)));
    });
  }

  #patterns(raw: With<'activationPatterns'>, batch: DenseMatrix): Promise<ActivationPatterns> {
    return this.call(async () => {
      this.checkSamples(batch);
      const parts: Uint8Array[] = [];
      let columns = 0;
      for (const share of sharesOf(raw, batch.rows)) {
        const pieces = await raw.activationPatterns(this.#run(batch, share));
        columns = pieces.length / share.size;
        parts.push(Uint8Array.from(pieces).subarray(0, share.rows * columns));
      }
      const data = new Uint8Array(batch.rows * columns);
      let at = 0;
      for (const part of parts) {
        data.set(part, at);
        at += part.length;
      }
      return { rows: batch.rows, columns, data };
    });
  }

  #jacobian(
    raw: With<'jacobian'>,
    batch: DenseMatrix,
    outputs: readonly number[],
  ): Promise<readonly DenseMatrix[]> {
    return this.call(async () => {
      this.#checkQuestion(batch, outputs);
      const blocks = outputs.map(() => zeros(raw, batch.rows * this.dIn));
      for (const share of sharesOf(raw, batch.rows)) {
        const rows = await raw.jacobian(this.#run(batch, share), unitCotangents(raw, outputs, share));
        blocks.forEach((block, place) => {
          copyShare(rows[place], { into: block, columns: this.dIn, share });
        });
      }
      return blocks.map((data) => ({ rows: batch.rows, columns: this.dIn, data }));
    });
  }

  #gram(raw: With<'gram'>, batch: DenseMatrix, outputs: readonly number[]): Promise<readonly BlockRows[]> {
    return this.call(async () => {
      this.#checkQuestion(batch, outputs);
      const shares = sharesOf(raw, batch.rows);
      const gramOfRun = (share: Share) =>
        raw.gram(this.#run(batch, share), unitCotangents(raw, outputs, share));
      const [only, ...others] = shares as readonly [Share, ...Share[]];
      if (others.length === 0) return gramOfRun(only);
      if (has(raw, 'gramOfRows') && has(raw, 'jacobian')) {
        return raw.gramOfRows(await this.#collect(raw, { batch, outputs, shares }));
      }
      let sums: readonly BlockRows[] | undefined;
      for (const share of shares) sums = addedGrams(sums, await gramOfRun(share));
      return sums ?? [];
    });
  }

  /** The rows of several runs. The array is kept for the next batch of the same size. */
  async #collect(
    raw: With<'jacobian'>,
    { batch, outputs, shares }: { batch: DenseMatrix; outputs: readonly number[]; shares: readonly Share[] },
  ): Promise<StackedRows> {
    const { dIn } = this;
    const n = shares.reduce((sum, { size }) => sum + size, 0);
    const length = outputs.length * n * dIn;
    if (this.#collected?.length !== length) this.#collected = zeros(raw, length);
    const data = this.#collected;
    for (const share of shares) {
      const rows = await raw.jacobian(this.#run(batch, share), unitCotangents(raw, outputs, share));
      for (const [place, values] of rows.entries()) {
        // The whole run: rows of filling are 0, as their cotangents are, and replace those of the batch before.
        data.set(values.subarray(0, share.size * dIn), (place * n + share.start) * dIn);
      }
    }
    return { outputs, n, data };
  }

  /** Puts together what runs give for each sample. */
  async #rowwise(
    batch: DenseMatrix,
    columns: number,
    compute: (run: Run, share: Share) => Promise<FloatArray>,
  ): Promise<DenseMatrix> {
    const data = zeros(this.#raw, batch.rows * columns);
    for (const share of sharesOf(this.#raw, batch.rows)) {
      copyShare(await compute(this.#run(batch, share), share), { into: data, columns, share });
    }
    return { rows: batch.rows, columns, data };
  }

  #run(batch: DenseMatrix, share: Share): Run {
    const samples = rowsOfRun(this.#raw, batch, { ...share, filling: 'last row' });
    return { samples, size: share.size, rows: share.rows };
  }

  #checkQuestion(batch: DenseMatrix, outputs: readonly number[]): void {
    this.checkSamples(batch);
    checkOutputs(this, outputs);
  }
}

/** Copies what a run gives for the samples of its share. */
function copyShare(
  values: FloatArray = new Float64Array(),
  { into, columns, share }: { into: FloatArray; columns: number; share: Share },
): void {
  into.set(values.subarray(0, share.rows * columns), share.start * columns);
}
