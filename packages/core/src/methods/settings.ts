import type { Settings } from '../contracts/plan.ts';
import type { Job } from '../contracts/spectrumMethod.ts';

/** Below this batch size an engine's products are thin, so that fewer outputs at once are better than fewer samples. */
const SMALL_BATCH = 32;

/** A number and its halves down to 1: 10, 5, 2, 1. */
export function halvings(largest: number): number[] {
  const values: number[] = [];
  for (let value = largest; value >= 1; value = Math.floor(value / 2)) values.push(value);
  return values;
}

/** For a method that reads the rows of several outputs in one pass: fewer outputs at once before batches get small. */
export function* groupSettings(
  { batchSizes, outputs }: Job,
  settingsFor: (batchSize: number) => Omit<Settings, 'batchSize' | 'groupSize'>,
): Generator<Settings> {
  for (const some of splitBySize(batchSizes)) {
    for (const groupSize of halvings(outputs.length)) {
      for (const batchSize of some) yield { ...settingsFor(batchSize), batchSize, groupSize };
    }
  }
}

/** For a method that works on one output at a time, in blocks: narrower blocks before batches get small. */
export function* blockSettings(
  { batchSizes }: Job,
  blockSizes: readonly number[],
  settings: Omit<Settings, 'blockSize' | 'batchSize' | 'groupSize'>,
): Generator<Settings> {
  for (const some of splitBySize(batchSizes)) {
    for (const blockSize of blockSizes) {
      for (const batchSize of some) yield { ...settings, blockSize, batchSize, groupSize: 1 };
    }
  }
}

/** Batches that are large enough for an engine, then smaller ones. */
function splitBySize(batchSizes: readonly number[]): readonly (readonly number[])[] {
  const isLarge = (batchSize: number): boolean => batchSize >= SMALL_BATCH;
  return [batchSizes.filter(isLarge), batchSizes.filter((batchSize) => !isLarge(batchSize))];
}
