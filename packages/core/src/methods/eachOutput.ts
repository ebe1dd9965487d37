import type { FoundSpectrum, Job, MethodRun } from '../contracts/spectrumMethod.ts';
import { throwIfAborted } from '../run/cancellation.ts';

/** Refuses jobs for a method that works on one output at a time and keeps no JᵀJ. */
export function singleOutputs({
  stacked,
  wantsGram,
  parts,
}: Pick<Job, 'stacked' | 'wantsGram' | 'parts'>): string | undefined {
  if (parts > 1) return 'no intervals, which need sums of groups of samples';
  if (stacked) return 'each output by itself, got all of them to be stacked';
  return wantsGram ? 'metrics of singular values, got one that reads JᵀJ' : undefined;
}

/** One output after the other, each with as many passes over the data as it takes. */
export async function* eachOutput(
  run: MethodRun,
  spectrumOf: (output: number) => Promise<Pick<FoundSpectrum, 'singularValues' | 'errorBounds'>>,
): AsyncGenerator<FoundSpectrum, undefined> {
  for (const output of run.plan.groups.flat()) {
    throwIfAborted(run.signal);
    const { singularValues, errorBounds } = await spectrumOf(output);
    yield { output, n: run.data.n, singularValues, errorBounds };
  }
}
