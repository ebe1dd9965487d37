import {
  type AccumulatorMemory,
  deletedSpectra,
  type Spectrum,
  type SpectrumAccumulator,
} from '@edjm/linalg';
import type { DeletedSpectrum, Job, MethodRun } from '../contracts/spectrumMethod.ts';
import type { Batch } from '../rows/checkedBatches.ts';
import { nextTask, throwIfAborted } from '../run/cancellation.ts';
import { seenRows } from '../rows/target.ts';

/** Up to this order all values are followed one by one. */
const SMALL_ORDER = 256;
/** Otherwise so many of the largest are. */
const FOLLOWED = 96;

/** The spectrum of all samples. */
interface WholeSpectrum {
  readonly whole: SpectrumAccumulator;
  readonly spectrum: Spectrum;
  /** How many values are computed. */
  readonly largest: number;
}

/** Bytes of the accumulators of parts. Those that keep rows keep each row twice. */
export function keptParts({ parts }: Job, one: AccumulatorMemory, groupSize: number): number {
  return groupSize * parts * one.kept;
}

/** Sums of groups of neighboring samples, apart from those of all samples. */
export class Parts {
  readonly #run: MethodRun;
  readonly #empty: () => readonly SpectrumAccumulator[];
  /** By part, then by output. */
  readonly #accumulators: (readonly SpectrumAccumulator[])[] = [];

  constructor(run: MethodRun, empty: () => readonly SpectrumAccumulator[]) {
    this.#run = run;
    this.#empty = empty;
  }

  /** The accumulators of the part that a batch belongs to. */
  of({ first }: Batch): readonly SpectrumAccumulator[] {
    const { data, plan } = this.#run;
    const batches = Math.ceil(data.n / plan.batchSize);
    const count = Math.min(plan.parts, batches);
    const part = Math.min(count - 1, Math.floor((Math.floor(first / plan.batchSize) * count) / batches));
    return (this.#accumulators[part] ??= this.#empty());
  }

  /** The spectra of an output without each of the parts; none if there is only one part. */
  async without(
    place: number,
    { whole, spectrum, largest }: WholeSpectrum,
  ): Promise<readonly DeletedSpectrum[] | undefined> {
    const { target, solver, signal } = this.#run;
    const parts = this.#accumulators.flatMap((outputs) => {
      const seen = outputs[place];
      return seen ? [seenRows(target, seen).accumulator] : [];
    });
    if (parts.length < 2) return undefined;
    const found: DeletedSpectrum[] = [];
    if (whole.method === 'gram') {
      const grams = (function* () {
        for (const part of parts) yield part.gram();
      })();
      const { singularValues } = spectrum;
      const followed = whole.columns <= SMALL_ORDER ? whole.columns : FOLLOWED;
      for (const values of deletedSpectra(whole.gram(), grams, { singularValues, followed })) {
        const n = whole.rows - (parts[found.length]?.rows ?? 0);
        found.push({ n, singularValues: values, followed: followed === whole.columns ? Infinity : followed });
        throwIfAborted(signal);
        await nextTask();
      }
      return found;
    }
    for (const [left] of parts.entries()) {
      const others = parts.filter((_, index) => index !== left);
      const rest = this.#empty()[place] as SpectrumAccumulator;
      for (const other of others) rest.merge(other);
      const { singularValues } = await rest.finish({ largest, solver });
      found.push({ n: rest.rows, singularValues, followed: Infinity });
      throwIfAborted(signal);
    }
    return found;
  }
}
