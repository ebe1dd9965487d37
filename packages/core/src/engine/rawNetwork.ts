import type { BlockRows, FloatArray } from '@edjm/linalg';
import type { SamplePart } from '../contracts/dataset.ts';
import type { Head } from '../contracts/head.ts';
import type {
  DifferentiableNetwork,
  NarrowedNetwork,
  OutputKind,
  ParameterChange,
  Step,
} from '../contracts/network.ts';

/**
 * A network as an engine runs it, which a backend supplies. `engineNetwork` makes a `DifferentiableNetwork` of it: it checks arguments, splits
 * batches into runs and fills these up, makes cotangents, copies results out, makes one call at a time, and refuses calls after disposal.
 *
 * A run has one size, and its arrays are in the engine's precision and laid out in row-major order. Arrays in a result may be longer than the
 * run's samples need, and belong to the engine: its next run may overwrite them.
 */
export interface RawNetwork {
  /** For messages and reports: a file name, say. */
  readonly name: string;
  /** Shape of one sample, without the batch axis. */
  readonly inputShape: readonly number[];
  /** As `inputs` of `DifferentiableNetwork`. */
  readonly inputs?: readonly SamplePart[];
  /** d_in. Defaults to the number of values in one sample. */
  readonly dIn?: number;
  /** d_out. */
  readonly dOut: number;
  /** `'logit'`, or `'as-is'` if there are none: {@link withOutputKind} makes the other kinds of logits. */
  readonly outputKind: OutputKind;
  /** What the network's file ends in. Absent stands for logits on one axis. */
  readonly head?: Head | undefined;
  readonly precision: 'float32' | 'float64';
  /** The batch size at which the engine is fastest. */
  readonly preferredBatchSize: number;
  /** The number of samples in every run, if the engine takes no other. */
  readonly fixedRunSize?: number | undefined;
  /** The largest number of samples in a run; larger batches take several runs. Defaults to any number. */
  readonly largestRun?: number | undefined;

  /**
   * The size of the run for a batch of n samples, n or more: for an engine that prepares something for every size and prefers one that it has.
   * Defaults to n. It is not asked for batches of several runs, whose size is the largest.
   */
  runSize?(n: number): number;
  /** Refuses samples for reasons of the engine's own, after their shape was checked. */
  checkSamples?(samples: FloatArray): void;
  /** Outputs: size × d_out. */
  forward(run: Run): Promise<FloatArray>;
  /** Vector-Jacobian products: size × d_out cotangents in, size × d_in out. */
  vjp(run: Run, cotangents: FloatArray): Promise<FloatArray>;
  /** Jacobian-vector products: size × d_in tangents in, size × d_out out. */
  jvp?(run: Run, tangents: FloatArray): Promise<FloatArray>;
  /** Rows of the EDJM of several outputs: size × d_in for each. */
  jacobian?(run: Run, units: UnitCotangents): Promise<readonly FloatArray[]>;
  /** Gram matrices of these rows, in float64, as block rows of their lower triangle. */
  gram?(run: Run, units: UnitCotangents): Promise<readonly BlockRows[]>;
  /**
   * Gram matrices of rows that several runs of `jacobian` gave. Without it the Gram matrices of the runs are added up, which is slower if runs
   * are small.
   */
  gramOfRows?(rows: StackedRows): Promise<readonly BlockRows[]>;
  /** As `nearKinks` of `DifferentiableNetwork`: size × 1. */
  nearKinks?(run: Run): Promise<FloatArray>;
  /** As `activationPatterns` of `DifferentiableNetwork`: size × units, whole numbers from 0 to 255. */
  activationPatterns?(run: Run): Promise<ArrayLike<number>>;
  /** As `reparameterized` of `DifferentiableNetwork`. */
  reparameterized?(change: ParameterChange): Promise<DifferentiableNetwork>;
  /** As `narrowed` of `DifferentiableNetwork`. */
  narrowed?(atMost: number): Promise<NarrowedNetwork | undefined>;
  /** Bytes that the runs of one call hold at their peak. */
  workspaceBytes(call: CallSize): number;
  /** The steps of a run, for people to read. */
  explain?(size: number, outputs: number): readonly Step[];
  /** Frees what the engine holds. It is called once, after all runs. */
  dispose(): Promise<void>;
}

/** The samples of one run. */
export interface Run {
  /** size × sampleSize values: a view of the caller's array if that fits as it is. Only to be read. */
  readonly samples: FloatArray;
  /** The number of samples. */
  readonly size: number;
  /** The number of samples that count: the first ones. The others repeat the last of them, and nobody reads their results. */
  readonly rows: number;
}

/** For each of several outputs k the unit vector e_k as the cotangent of every sample of a run; 0 for the samples that only fill it up. */
export interface UnitCotangents {
  /** Indices of the K outputs. */
  readonly outputs: readonly number[];
  /** Those of one output, by its place in `outputs`: size × d_out. */
  readonly of: (place: number) => FloatArray;
  /** Those of all outputs, one after the other: K × size × d_out. */
  readonly all: () => FloatArray;
}

/** Rows of the EDJM of K outputs on n samples; those of samples that only fill runs up are 0. */
export interface StackedRows {
  readonly outputs: readonly number[];
  readonly n: number;
  /** K × n × d_in. */
  readonly data: FloatArray;
}

/** How much a call of a network takes. */
export interface CallSize {
  /** Samples in a run. */
  readonly size: number;
  /** Number of runs. */
  readonly runs: number;
  /** Number of outputs. */
  readonly outputs: number;
  /** `'gram'`, or `'rows'` for `jacobian` and `vjp`. */
  readonly call: 'gram' | 'rows';
}
