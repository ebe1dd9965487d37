import {
  accumulatorMemory,
  type AccumulatorMemory,
  type AccumulatorMethod,
  type SpectrumAccumulator,
} from '@edjm/linalg';
import { STACKED } from '../contracts/metric.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import type { Settings } from '../contracts/plan.ts';
import type { FoundSpectrum, Job, MethodRun, SpectrumMethod } from '../contracts/spectrumMethod.ts';
import { jacobianRows } from '../derivatives/derivedJacobian.ts';
import { nextTask, throwIfAborted } from '../run/cancellation.ts';
import { type Batch, checkedBatches } from '../rows/checkedBatches.ts';
import { checkRows } from '../rows/checkedResults.ts';
import { seenRows } from '../rows/target.ts';
import { keptParts, Parts } from './parts.ts';
import { groupSettings } from './settings.ts';

/** A kind of accumulator: its name in linalg, and an empty one. */
export interface AccumulatorKind {
  readonly name: AccumulatorMethod;
  empty(columns: number, rows: number, settings: Pick<Settings, 'directions'>): SpectrumAccumulator;
}

/** Accumulators of a group of outputs. */
export interface Sums {
  readonly accumulators: readonly SpectrumAccumulator[];
  /** Adds the rows of a batch to each of them, and to those of a part of the samples. */
  readonly add: (batch: Batch, part?: readonly SpectrumAccumulator[]) => Promise<void>;
}

/** The particulars of a method that reads the data once for each group of outputs, into an accumulator for each output. */
export interface AccumulatorMethodParts extends Omit<
  SpectrumMethod,
  'settings' | 'bytes' | 'passes' | 'worthKeeping' | 'onlyLargest' | 'spectra'
> {
  /** The accumulator for so many rows of that width. */
  readonly kind: (columns: number, rows: number) => AccumulatorKind;
  /** Settings beyond those that all such methods have. */
  readonly extra?: (job: Job) => Pick<Settings, 'directions'>;
  /** Empty accumulators, and how a batch is added to them. Defaults to rows that come out of the engine. */
  readonly sums?: (network: DifferentiableNetwork, group: readonly number[]) => Sums;
}

/** A method that reads the data once for each group of outputs, into an accumulator for each output. */
export function accumulatorMethod({ kind, extra, sums, ...method }: AccumulatorMethodParts): SpectrumMethod {
  /** An accumulator of that many rows. */
  function memoryOf({ network }: Job, rows: number, { batchSize, directions }: Settings): AccumulatorMemory {
    const block = method.takes === 'gram' ? 0 : batchSize;
    const columns = network.dIn;
    return accumulatorMemory(kind(columns, rows).name, { rows, columns, block, directions });
  }

  return {
    ...method,
    settings: (job) =>
      groupSettings(job, (batchSize) => ({
        values: job.values,
        accuracy: method.accuracy(job, batchSize),
        ...extra?.(job),
      })),
    /**
     * Bytes of the accumulators of a group, and of the larger workspace: one for adding rows, or several for computing
     * spectra. Those for spectra are kept for the next group.
     */
    bytes(job, settings) {
      const { network, n, dIn, outputs, threads, wantsGram, stacked, parts } = job;
      const { groupSize } = settings;
      const one = memoryOf(job, n, settings);
      const all = stacked ? memoryOf(job, n * outputs.length, settings) : { kept: 0, finishing: 0, gram: 0 };
      const atOnce = Math.min(threads, groupSize);
      const copied = network.dIn < dIn ? atOnce * one.kept : 0;
      const squares = network.dIn < dIn ? 2 * Float64Array.BYTES_PER_ELEMENT * dIn ** 2 : 0;
      return (
        groupSize * one.kept +
        (parts > 1 ? keptParts(job, one, groupSize) : 0) +
        all.kept +
        Math.max(
          one.adding + (groupSize < outputs.length ? atOnce * one.finishing : 0),
          atOnce * one.finishing + copied,
          all.finishing + (stacked ? all.kept : 0),
          stacked ? one.gram : 0,
          wantsGram ? atOnce * (one.gram + squares) : 0,
        )
      );
    },
    passes: ({ outputs }, { groupSize }) => Math.ceil(outputs.length / groupSize),
    async *spectra(run) {
      const { target, data, plan, stacked } = run;
      const { network } = target;
      const columns = network.dIn;
      const empty = (rows: number) => kind(columns, rows).empty(columns, rows, plan);
      const together = stacked ? empty(data.n * plan.groups.flat().length) : undefined;
      for (const group of plan.groups) {
        const { accumulators, add } = sums?.(network, group) ?? rowSums(network, group, () => empty(data.n));
        const parts = plan.parts > 1 ? new Parts(run, () => group.map(() => empty(data.n))) : undefined;
        await readInto(add, run, parts);
        for (const accumulator of accumulators) together?.merge(accumulator);
        yield* spectraOf({ accumulators, outputs: group, parts }, run);
      }
      if (together) yield* spectraOf({ accumulators: [together], outputs: [STACKED] }, run);
    },
  };
}

/** Reads the data once. */
async function readInto(
  add: Sums['add'],
  { target: { network }, data, plan: { batchSize }, signal, onRows }: MethodRun,
  parts?: Parts,
): Promise<void> {
  for await (const batch of checkedBatches(data, { network, batchSize, signal })) {
    await add(batch, parts?.of(batch));
    onRows(batch.samples.rows);
    await nextTask();
  }
}

/** From rows that come out of the engine. */
function rowSums(
  network: DifferentiableNetwork,
  group: readonly number[],
  empty: () => SpectrumAccumulator,
): Sums {
  const accumulators = group.map(empty);
  return {
    accumulators,
    async add(batch, part) {
      const blocks = await jacobianRows(network, batch.samples, group);
      checkRows(network, blocks, { batch, group });
      blocks.forEach((block, index) => {
        accumulators[index]?.add(block);
        part?.[index]?.add(block);
      });
    },
  };
}

/** Outputs with the accumulators of all their rows, and those of parts of the samples if these are kept apart. */
interface SeenOutputs {
  readonly accumulators: readonly SpectrumAccumulator[];
  readonly outputs: readonly number[];
  readonly parts?: Parts | undefined;
}

/** As many spectra at once as there are threads. The accumulators are gone before the next group begins. */
async function* spectraOf(
  { accumulators, outputs, parts }: SeenOutputs,
  { target, plan, solver, signal, values }: MethodRun,
): AsyncGenerator<FoundSpectrum, undefined> {
  for (let first = 0; first < accumulators.length; first += plan.threads) {
    throwIfAborted(signal);
    const some = accumulators.slice(first, first + plan.threads);
    yield* await Promise.all(
      some.map(async (seen, at): Promise<FoundSpectrum> => {
        const n = seen.rows;
        const { accumulator, gram } = seenRows(target, seen);
        const largest = Math.min(values, n, target.dIn);
        const spectrum = await accumulator.finish({ largest, solver });
        const place = first + at;
        const without = await parts?.without(place, { whole: accumulator, spectrum, largest });
        return { output: outputs[place] as number, ...spectrum, n, gram, without };
      }),
    );
    await nextTask();
  }
}
