import type { Dataset } from '../contracts/dataset.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';

/** The most samples that are listed. */
const MOST_LISTED = 20;

/** The samples whose rows rounding may have switched. */
export interface NearKinks {
  /** How many samples have a unit or a pooling window within rounding of its kink. */
  readonly n: number;
  /** Indices of the first 20 of them, ascending. */
  readonly samples: readonly number[];
}

/** A data set that counts, while it is read for the first time, what lies near kinks. */
export interface WatchedData {
  readonly data: Dataset;
  /** What was found in the first pass; undefined if the network cannot tell. */
  readonly found: () => NearKinks | undefined;
}

/**
 * Counts the samples with a unit or a pooling window within rounding of its kink while others read the data.
 *
 * @param network - undefined to count nothing.
 */
export function watchedForKinks(network: DifferentiableNetwork | undefined, data: Dataset): WatchedData {
  if (network?.nearKinks === undefined) return { data, found: () => undefined };
  let n = 0;
  let passes = 0;
  const samples: number[] = [];
  const watched: Dataset = {
    name: data.name,
    n: data.n,
    sampleShape: data.sampleShape,
    sha256: () => data.sha256(),
    async *batches(batchSize, options) {
      passes += 1;
      const isFirst = passes === 1;
      let first = 0;
      for await (const batch of data.batches(batchSize, options)) {
        yield batch;
        // The reader has checked the batch by now.
        const flags = isFirst ? await network.nearKinks?.(batch) : undefined;
        flags?.data.subarray(0, batch.rows).forEach((flag, index) => {
          if (flag === 0) return;
          n += 1;
          if (samples.length < MOST_LISTED) samples.push(first + index);
        });
        first += batch.rows;
      }
    },
  };
  return { data: watched, found: () => ({ n, samples }) };
}
