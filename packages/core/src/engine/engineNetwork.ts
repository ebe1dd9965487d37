import type { BlockRows, DenseMatrix, FloatArray } from '@edjm/linalg';
import { EdjmError } from '../contracts/errors.ts';
import type { DifferentiableNetwork, NarrowedNetwork, OutputKind, Step } from '../contracts/network.ts';
import { checkOutputs } from '../derivatives/outputs.ts';
import { addedGrams } from './addedGrams.ts';
import { checkMatrix, type ExpectedMatrix } from './checkMatrix.ts';
import type { Engine, Run, StackedRows } from './engine.ts';
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
export function engineNetwork(engine: Engine): DifferentiableNetwork {
  return new EngineNetwork(engine);
}

/** An engine that has a certain call. */
type With<K extends keyof Engine> = Engine & Required<Pick<Engine, K>>;

function has<K extends keyof Engine>(engine: Engine, call: K): engine is With<K> {
  return engine[call] !== undefined;
}

/** A network that runs in an engine. */
export class EngineNetwork implements DifferentiableNetwork {
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly sampleSize: number;
  readonly dIn: number;
  readonly dOut: number;
  readonly outputKind: OutputKind;
  readonly precision: 'float32' | 'float64';
  readonly preferredBatchSize: number;
  readonly jvp?: (batch: DenseMatrix, tangents: DenseMatrix) => Promise<DenseMatrix>;
  readonly jacobian?: (batch: DenseMatrix, outputs: readonly number[]) => Promise<readonly DenseMatrix[]>;
  readonly gram?: (batch: DenseMatrix, outputs: readonly number[]) => Promise<readonly BlockRows[]>;
  readonly narrowed?: (atMost?: number) => Promise<NarrowedNetwork | undefined>;
  readonly explain?: (n: number, outputs: number) => readonly Step[];
  readonly #engine: Engine;
  readonly #serially = serialQueue();
  /** Rows of several runs on their way to their Gram matrices. */
  #collected: FloatArray | undefined;
  #disposed = false;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.name = engine.name;
    this.inputShape = engine.inputShape;
    this.sampleSize = valueCount(engine.inputShape);
    this.dIn = engine.dIn ?? this.sampleSize;
    this.dOut = engine.dOut;
    this.outputKind = engine.outputKind;
    this.precision = engine.precision;
    this.preferredBatchSize = engine.preferredBatchSize;
    if (has(engine, 'jvp')) this.jvp = (batch, tangents) => this.#jvp(engine, batch, tangents);
    if (has(engine, 'jacobian')) this.jacobian = (batch, outputs) => this.#jacobian(engine, batch, outputs);
    if (has(engine, 'gram')) this.gram = (batch, outputs) => this.#gram(engine, batch, outputs);
    if (has(engine, 'narrowed')) {
      this.narrowed = (atMost = Infinity) => this.call(() => engine.narrowed(atMost));
    }
    if (has(engine, 'explain')) this.explain = (n, outputs) => engine.explain(runSize(engine, n), outputs);
  }

  forward(batch: DenseMatrix): Promise<DenseMatrix> {
    return this.call(() => {
      this.checkSamples(batch);
      return this.#rowwise(batch, this.dOut, (run) => this.#engine.forward(run));
    });
  }

  vjp(batch: DenseMatrix, cotangents: DenseMatrix): Promise<DenseMatrix> {
    return this.call(() => {
      this.checkSamples(batch);
      this.checkVectors(cotangents, { rows: batch.rows, columns: this.dOut, of: 'cotangents' });
      return this.#rowwise(batch, this.dIn, (run, share) =>
        this.#engine.vjp(run, rowsOfRun(this.#engine, cotangents, share)),
      );
    });
  }

  workspaceBytes(n: number, outputs: number, call: 'gram' | 'rows'): number {
    const size = runSize(this.#engine, n);
    return this.#engine.workspaceBytes({ size, runs: Math.ceil(n / size), outputs, call });
  }

  async dispose(): Promise<void> {
    await this.#serially(async () => {
      if (this.#disposed) return;
      this.#disposed = true;
      this.#collected = undefined;
      await this.#engine.dispose();
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
    this.#engine.checkSamples?.(batch.data);
  }

  /** @throws EdjmError `SHAPE_MISMATCH`. */
  protected checkVectors(matrix: DenseMatrix, expected: ExpectedMatrix): void {
    checkMatrix(this.name, matrix, expected);
  }

  #jvp(engine: With<'jvp'>, batch: DenseMatrix, tangents: DenseMatrix): Promise<DenseMatrix> {
    return this.call(() => {
      this.checkSamples(batch);
      this.checkVectors(tangents, { rows: batch.rows, columns: this.dIn, of: 'tangents' });
      return this.#rowwise(batch, this.dOut, (run, share) =>
        engine.jvp(run, rowsOfRun(engine, tangents, share)),
      );
    });
  }

  #jacobian(
    engine: With<'jacobian'>,
    batch: DenseMatrix,
    outputs: readonly number[],
  ): Promise<readonly DenseMatrix[]> {
    return this.call(async () => {
      this.#checkQuestion(batch, outputs);
      const blocks = outputs.map(() => zeros(engine, batch.rows * this.dIn));
      for (const share of sharesOf(engine, batch.rows)) {
        const rows = await engine.jacobian(this.#run(batch, share), unitCotangents(engine, outputs, share));
        blocks.forEach((block, place) => {
          copyShare(rows[place], { into: block, columns: this.dIn, share });
        });
      }
      return blocks.map((data) => ({ rows: batch.rows, columns: this.dIn, data }));
    });
  }

  #gram(engine: With<'gram'>, batch: DenseMatrix, outputs: readonly number[]): Promise<readonly BlockRows[]> {
    return this.call(async () => {
      this.#checkQuestion(batch, outputs);
      const shares = sharesOf(engine, batch.rows);
      const gramOfRun = (share: Share) =>
        engine.gram(this.#run(batch, share), unitCotangents(engine, outputs, share));
      const [only, ...others] = shares as readonly [Share, ...Share[]];
      if (others.length === 0) return gramOfRun(only);
      if (has(engine, 'gramOfRows') && has(engine, 'jacobian')) {
        return engine.gramOfRows(await this.#collect(engine, { batch, outputs, shares }));
      }
      let sums: readonly BlockRows[] | undefined;
      for (const share of shares) sums = addedGrams(sums, await gramOfRun(share));
      return sums ?? [];
    });
  }

  /** The rows of several runs. The array is kept for the next batch of the same size. */
  async #collect(
    engine: With<'jacobian'>,
    { batch, outputs, shares }: { batch: DenseMatrix; outputs: readonly number[]; shares: readonly Share[] },
  ): Promise<StackedRows> {
    const { dIn } = this;
    const n = shares.reduce((sum, { size }) => sum + size, 0);
    const length = outputs.length * n * dIn;
    if (this.#collected?.length !== length) this.#collected = zeros(engine, length);
    const data = this.#collected;
    for (const share of shares) {
      const rows = await engine.jacobian(this.#run(batch, share), unitCotangents(engine, outputs, share));
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
    const data = zeros(this.#engine, batch.rows * columns);
    for (const share of sharesOf(this.#engine, batch.rows)) {
      copyShare(await compute(this.#run(batch, share), share), { into: data, columns, share });
    }
    return { rows: batch.rows, columns, data };
  }

  #run(batch: DenseMatrix, share: Share): Run {
    const samples = rowsOfRun(this.#engine, batch, { ...share, filling: 'last row' });
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
