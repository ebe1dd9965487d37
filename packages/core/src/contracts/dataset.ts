import type { DenseMatrix } from '@edjm/linalg';

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
