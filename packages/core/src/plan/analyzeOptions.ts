import type { AnyMetric } from '../contracts/networkMetric.ts';
import type { OutputKind } from '../contracts/network.ts';
import type { SpectrumMethod } from '../contracts/spectrumMethod.ts';
import type { RowBatchOptions } from '../rows/rowBatches.ts';
import type { Progress } from '../run/progress.ts';

/** Options of {@link analyze}. The batch, and how many outputs are computed in one pass over the data, follow from `maxMemory`. */
export interface AnalyzeOptions extends RowBatchOptions {
  /** The metrics to compute, of spectra and of the whole network. Defaults to none. */
  readonly metrics?: readonly AnyMetric[] | undefined;
  /** Indices of the outputs. Defaults to all. */
  readonly outputs?: readonly number[] | undefined;
  /** Defaults to the kind that the network was loaded with. */
  readonly outputKind?: OutputKind | undefined;
  /**
   * The largest error of a singular value, relative to the largest one, for rows as the engine gives them. Defaults to 1e-4;
   * below some 1e-6 spectra come from a QR decomposition of the rows instead of their products, which is slower.
   */
  readonly accuracy?: number | undefined;
  /** Name of the method. Defaults to the first that is accurate enough and fits the memory. */
  readonly method?: string | undefined;
  /** The methods to choose from, the preferred ones first. Defaults to {@link spectrumMethods}. */
  readonly methods?: readonly SpectrumMethod[] | undefined;
  /**
   * How many singular values of each output to compute, the largest. Defaults to all; if only the largest can be computed, to
   * as many as the metrics read.
   */
  readonly values?: number | undefined;
  /** Whether the rows of all outputs, one below the other, are analyzed as one matrix too. Defaults to false. */
  readonly stacked?: boolean | undefined;
  /**
   * Whether to count the samples with a unit within rounding of its kink, if the network can tell. It takes a forward pass.
   * Defaults to true.
   */
  readonly nearKinks?: boolean | undefined;
  /**
   * The level of an interval for each metric, above 0 and below 1, such as 0.95, by the delete-a-group jackknife over up to 50 groups of samples. The samples should be in no
   * order, since groups are made of neighbors. Defaults to none.
   */
  readonly confidence?: number | undefined;
  /** Spectra that are computed at once, each on a thread, 1024 at most. Defaults to the number of processors. */
  readonly threads?: number | undefined;
  /** Called with the progress of the run. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}
