/** The progress of a run. Both phases repeat for each group of outputs, and their counts continue. */
export interface Progress {
  /** `'jacobian'`: rows of the EDJM; `'spectrum'`: singular values of the outputs. */
  readonly phase: 'jacobian' | 'spectrum';
  readonly done: number;
  readonly total: number;
}

/** Counts rows and spectra, and reports them. */
export class ProgressCounter {
  readonly #listener: ((progress: Progress) => void) | undefined;
  readonly #totals: Readonly<Record<Progress['phase'], number>>;
  readonly #done: Record<Progress['phase'], number> = { jacobian: 0, spectrum: 0 };

  constructor(
    listener: ((progress: Progress) => void) | undefined,
    totals: Readonly<Record<Progress['phase'], number>>,
  ) {
    this.#listener = listener;
    this.#totals = totals;
  }

  add(phase: Progress['phase'], count: number): void {
    this.#done[phase] += count;
    const done = this.#done[phase];
    // The number of passes may not be known beforehand.
    this.#listener?.({ phase, done, total: Math.max(done, this.#totals[phase]) });
  }
}
