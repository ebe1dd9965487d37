import { EdjmError } from '@edjm/core';
import { seededRandom } from '@edjm/network';

/** The values to try of each hyper-parameter, by name. */
export type Space = Readonly<Record<string, readonly unknown[]>>;

/** One value of each. */
export type Point<S extends Space> = { readonly [K in keyof S]: S[K][number] };

/** @throws EdjmError `INVALID_ARGUMENT` if a hyper-parameter has no values. */
export function pointCount(space: Space): number {
  const empty = Object.entries(space).find(([, values]) => values.length === 0);
  if (empty) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `search, ${empty[0]}: expected values to try, got none. Give one or more.`,
    );
  }
  return Object.values(space).reduce((count, values) => count * values.length, 1);
}

/** The point of a number below the count; the last hyper-parameter varies fastest. */
export function pointAt<S extends Space>(space: S, index: number): Point<S> {
  let rest = index;
  const chosen = Object.entries(space)
    .reverse()
    .map(([name, values]) => {
      const value = values[rest % values.length];
      rest = Math.floor(rest / values.length);
      return [name, value] as const;
    });
  return Object.fromEntries(chosen.reverse()) as Point<S>;
}

/**
 * A sample of the numbers 0 … total − 1 without repetition, every set as likely, in ascending order (Floyd's algorithm: Bentley, Floyd 1987).
 *
 * @throws EdjmError `INVALID_ARGUMENT` for a sample that is no whole number from 1 to total.
 */
export function chosenIndices(total: number, sample: number, seed: number): readonly number[] {
  if (!Number.isSafeInteger(sample) || sample < 1 || sample > total) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `search, sample: expected from 1 to ${total} points, got ${sample}. Give a number in this range.`,
    );
  }
  if (sample === total) return Array.from({ length: total }, (_, i) => i);
  const random = seededRandom(seed);
  const chosen = new Set<number>();
  for (let last = total - sample; last < total; last++) {
    const drawn = Math.floor(random.uniform() * (last + 1));
    chosen.add(chosen.has(drawn) ? last : drawn);
  }
  return [...chosen].sort((a, b) => a - b);
}
