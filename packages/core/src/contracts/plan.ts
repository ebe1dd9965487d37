/** The settings of a method: the part of a plan that the method chooses. */
export interface Settings {
  /** How many singular values of each output are computed, the largest ones. */
  readonly values: number;
  /**
   * A bound of their errors relative to the largest value, if the method has one before the run; for rows as the engine
   * gives them.
   */
  readonly accuracy: number;
  /** Samples in one run of the engine. */
  readonly batchSize: number;
  /** Outputs in one pass over the data. */
  readonly groupSize: number;
  /** `krylov`: how many vectors the EDJM is multiplied by at once. `dual-blocks`: how many rows are held. */
  readonly blockSize?: number | undefined;
  /** `frequent-directions`: how many rows the sketch has. */
  readonly directions?: number | undefined;
}

/** The plan of a run, fixed before it starts. */
export interface Plan extends Omit<Settings, 'groupSize'> {
  /** Name of the method. */
  readonly method: string;
  /** The outputs in the order of the request, in groups. One pass over the data computes a group. */
  readonly groups: readonly (readonly number[])[];
  /** How often the data is read, about. */
  readonly passes: number;
  /** Spectra that are computed at once. */
  readonly threads: number;
  /** Groups of samples whose sums are kept apart; 1 for none. */
  readonly parts: number;
  /** `krylov`: bytes of rows that are kept from one pass to the next, instead of computed again. */
  readonly keptRows?: number | undefined;
  /** Bytes of working memory at the peak, beside the loaded network. */
  readonly bytes: number;
  /** The reasons for the plan, one sentence each, for people. */
  readonly reasons: readonly string[];
}
