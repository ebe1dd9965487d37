import type { FloatArray } from '@edjm/linalg';
import type { Head } from '../contracts/head.ts';

/** How far the sum of probabilities may lie from a whole number, for each value. */
const ROUNDING = 1e-5;
/** Fewer different samples may add up to a whole number by chance. */
const FEWEST = 3;

/**
 * The head of a network whose graph shows none, told by its outputs: probabilities, or their logarithms, add up to one whole number for every sample, however their softmax is
 * written. There are no logits to be had then, and another softmax must not be applied.
 *
 * @param outputs - one array a sample, of three or more samples.
 * @returns undefined if they show no head. A sigmoid written out by hand shows in no sum.
 */
export function headOfOutputs(outputs: readonly FloatArray[]): Head | undefined {
  const finite = outputs
    .map((values) => Float64Array.from(values))
    .filter((values) => values.every(Number.isFinite));
  const different = new Set(finite.map((values) => values.join()));
  if (different.size < FEWEST) return undefined;
  if (addUp(finite)) return { kind: 'as-is', reason: 'the outputs of every sample add up to one' };
  if (addUp(finite.map((values) => values.map(Math.exp)))) {
    return { kind: 'as-is', reason: 'the exponentials of the outputs of every sample add up to one' };
  }
  return undefined;
}

/** Whether all values lie from 0 to 1, and those of each sample add up to the same whole number, below their count. */
function addUp(samples: readonly Float64Array[]): boolean {
  const count = samples[0]?.length ?? 0;
  const sums = samples.map((values) => values.reduce((sum, value) => sum + value, 0));
  const total = Math.round(sums[0] ?? 0);
  const most = ROUNDING * count;
  return (
    total >= 1 &&
    total < count &&
    sums.every((sum) => Math.abs(sum - total) <= most) &&
    samples.every((values) => values.every((value) => value >= -most && value <= 1 + most))
  );
}
