import type { DifferentiableNetwork } from '@edjm/core';
import { checkCount } from './drawnSamples.ts';
import { patternsAt } from './patternsAt.ts';
import type { RegionOptions } from './regionsOnSegment.ts';

/** Halvings of each side by default: cells of 1/256 of it. */
const PLANE_DEPTH = 8;

/**
 * Counts the linear regions of a network on the parallelogram a + s (b − a) + t (c − a), 0 ≤ s, t ≤ 1: the activation patterns at the corners of a grid that is refined
 * wherever the corners of a cell differ. A cell whose corners have one pattern lies in one region, since the points of a pattern are a convex set.
 *
 * Exact for regions that hold a corner of the finest grid; smaller ones are missed. A corner exactly on a boundary may count as a region of its own.
 *
 * @param network - piecewise linear.
 * @returns how many regions the parallelogram meets, 1 or more.
 * @throws EdjmError `UNSUPPORTED` if the engine does not tell patterns; `INVALID_ARGUMENT` for a depth below 1.
 *
 * Source: Hanin and Rolnick, "Complexity of linear regions in deep networks", ICML 2019, section 4; Montúfar et al. 2014.
 *
 * @example
 * ```ts
 * import type { DifferentiableNetwork } from '@edjm/core';
 * import { regionsOnPlane } from '@edjm/metrics';
 *
 * export function onUnitSquare(network: DifferentiableNetwork): Promise<number> {
 *   return regionsOnPlane(network, [Float64Array.of(0, 0), Float64Array.of(1, 0), Float64Array.of(0, 1)]);
 * }
 * ```
 */
export async function regionsOnPlane(
  network: DifferentiableNetwork,
  [a, b, c]: readonly [Float64Array, Float64Array, Float64Array],
  { depth = PLANE_DEPTH, signal }: RegionOptions = {},
): Promise<number> {
  checkCount('a depth', depth);
  const keysOf = patternsAt(network, signal);
  const side = 2 ** depth;
  const at = (i: number, j: number): Float64Array =>
    a.map(
      (value, k) => value + (i / side) * ((b[k] as number) - value) + (j / side) * ((c[k] as number) - value),
    );
  const known = new Map<number, string>();
  /** Asks for the patterns of those grid points that are not known yet. */
  async function learn(points: readonly (readonly [number, number])[]): Promise<void> {
    const asked = [...new Set(points.map(([i, j]) => i * (side + 1) + j))].filter((id) => !known.has(id));
    const keys = await keysOf(asked.map((id) => at(Math.floor(id / (side + 1)), id % (side + 1))));
    for (const [index, id] of asked.entries()) known.set(id, keys[index] ?? '');
  }
  const pattern = (i: number, j: number): string | undefined => known.get(i * (side + 1) + j);

  let cells: readonly (readonly [number, number])[] = [[0, 0]];
  for (let size = side; size >= 1 && cells.length > 0; size /= 2) {
    await learn(cells.flatMap(([i, j]) => cornersOf(i, j, size)));
    const split = cells.filter(([i, j]) => {
      const [first, ...others] = cornersOf(i, j, size).map(([x, y]) => pattern(x, y));
      return others.some((other) => other !== first);
    });
    const half = size / 2;
    cells = size === 1 ? [] : split.flatMap(([i, j]) => cornersOf(i, j, half));
  }
  return new Set(known.values()).size;
}

function cornersOf(i: number, j: number, size: number): [number, number][] {
  return [
    [i, j],
    [i + size, j],
    [i, j + size],
    [i + size, j + size],
  ];
}
