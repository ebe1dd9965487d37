import type { DifferentiableNetwork } from '@edjm/core';
import { checkCount } from './drawnSamples.ts';
import { patternsAt } from './patternsAt.ts';

/** Options of {@link regionsOnSegment} and {@link regionsOnPlane}. */
export interface RegionOptions {
  /** How often a part whose ends differ is halved at most: boundaries closer than 2^-depth of the whole count as one. */
  readonly depth?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Halvings by default: the resolution of float32. */
const SEGMENT_DEPTH = 24;

/**
 * Counts the linear regions of a network on the segment from a to b, exactly to within the resolution: a part whose ends have one activation pattern lies in one
 * region, since the points of a pattern are a convex set; any other part is halved.
 *
 * A point exactly on a boundary may count as a region of its own.
 *
 * @param network - piecewise linear: of ReLUs and their kin, maxima, and affine maps.
 * @returns how many regions the segment crosses, 1 or more.
 * @throws EdjmError `UNSUPPORTED` if the engine does not tell patterns; `INVALID_ARGUMENT` for a depth below 1.
 *
 * Source: Raghu et al., "On the expressive power of deep neural networks", ICML 2017, section 2.2.
 *
 * @example
 * ```ts
 * import type { DifferentiableNetwork } from '@edjm/core';
 * import { regionsOnSegment } from '@edjm/metrics';
 *
 * export function onUnitInterval(network: DifferentiableNetwork): Promise<number> {
 *   return regionsOnSegment(network, [Float64Array.of(0), Float64Array.of(1)]);
 * }
 * ```
 */
export async function regionsOnSegment(
  network: DifferentiableNetwork,
  [a, b]: readonly [Float64Array, Float64Array],
  { depth = SEGMENT_DEPTH, signal }: RegionOptions = {},
): Promise<number> {
  checkCount('a depth', depth);
  const keysOf = patternsAt(network, signal);
  const at = (t: number): Float64Array => a.map((value, j) => (1 - t) * value + t * (b[j] as number));
  const ends = await keysOf([a, b]);
  let open: Part[] = [{ from: 0, to: 1, first: ends[0] ?? '', last: ends[1] ?? '' }].filter(differs);
  for (let level = 0; level < depth && open.length > 0; level++) {
    const middles = await keysOf(open.map(({ from, to }) => at((from + to) / 2)));
    open = open
      .flatMap(({ from, to, first, last }, i): Part[] => {
        const t = (from + to) / 2;
        const middle = middles[i] ?? '';
        return [
          { from, to: t, first, last: middle },
          { from: t, to, first: middle, last },
        ];
      })
      .filter(differs);
  }
  return 1 + open.length;
}

/** A part of the segment with the patterns of its ends. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly first: string;
  readonly last: string;
}

function differs({ first, last }: Part): boolean {
  return first !== last;
}
