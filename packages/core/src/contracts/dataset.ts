import type { DenseMatrix } from '@edjm/linalg';

/** Values of a sample that belong together: an array of a file, or an input of a network. */
export interface SamplePart {
  readonly name: string;
  /** Without the axis of samples. */
  readonly shape: readonly number[];
}

/**
 * A finite sequence of samples that can be read more than once, a batch at a time: nothing holds all of them.
 */
export interface Dataset {
  /** For messages and reports: a file name, say. */
  readonly name: string;
  /** Number of samples. */
  readonly n: number;
  /** Shape of one sample, such as `[1, 28, 28]` or `[784]`. */
  readonly sampleShape: readonly number[];
  /**
   * The named arrays whose values stand side by side in a sample, in order; absent if it is not put together from several. An analysis gives
   * each to the network's input of that name.
   */
  readonly parts?: readonly SamplePart[];
  /** How stored numbers become the network's input, for the report, such as `'x / 255'`; absent if unchanged. */
  readonly transform?: string;
  /** The derivative of that transform, d(input) / d(stored number); absent if it is 1. */
  readonly inputScale?: number;

  /**
   * Samples in order, `batchSize` a batch (the last one may be smaller), each an n_b × d_in matrix. Its array may be
   * overwritten by the next step of the iteration.
   */
  batches(batchSize: number, options?: { readonly signal?: AbortSignal }): AsyncIterable<DenseMatrix>;

  /** SHA-256 of the bytes that the samples are read from, such as those of a file, in lower-case hexadecimal. */
  sha256(): Promise<string>;
}
