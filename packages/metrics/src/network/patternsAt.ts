import { type DifferentiableNetwork, EdjmError } from '@edjm/core';
import { patternKey } from './activationPatterns.ts';

/** Gives the activation patterns of points, as texts that differ if the patterns do. */
export type PatternsAt = (points: readonly Float64Array[]) => Promise<readonly string[]>;

/**
 * Asks a network for activation patterns, a batch at a time.
 *
 * @throws EdjmError `UNSUPPORTED` if it is curved, or its engine does not tell them.
 */
export function patternsAt(network: DifferentiableNetwork, signal?: AbortSignal): PatternsAt {
  const { name, sampleSize, preferredBatchSize } = network;
  if (network.activationPatterns === undefined) {
    throw new EdjmError(
      'UNSUPPORTED',
      `${name}: expected a piecewise linear network in an engine that tells the pieces, got one that is curved, or whose engine does not. Leave linear regions out.`,
    );
  }
  return async (points) => {
    const keys: string[] = [];
    for (let first = 0; first < points.length; first += preferredBatchSize) {
      signal?.throwIfAborted();
      const some = points.slice(first, first + preferredBatchSize);
      const data = new Float64Array(some.length * sampleSize);
      for (const [row, point] of some.entries()) data.set(point, row * sampleSize);
      const batch = { rows: some.length, columns: sampleSize, data };
      const patterns = await network.activationPatterns?.(batch);
      const width = patterns?.columns ?? 0;
      for (let row = 0; row < some.length; row++) {
        keys.push(patternKey(patterns?.data.subarray(row * width, (row + 1) * width) ?? new Uint8Array()));
      }
    }
    return keys;
  };
}
