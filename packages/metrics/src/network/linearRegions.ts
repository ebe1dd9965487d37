import type { NetworkMetric } from '@edjm/core';
import { checkCount, meanOverGroups } from './drawnSamples.ts';
import { regionsOnPlane } from './regionsOnPlane.ts';
import { regionsOnSegment } from './regionsOnSegment.ts';

/** Options of {@link linearRegions} and {@link planeRegions}. */
export interface LinearRegionsOptions {
  /** How many segments, or planes, are looked at. Defaults to 20 segments or 3 planes. */
  readonly count?: number | undefined;
  /** A 32-bit integer that decides which samples they go through. Defaults to 0. */
  readonly seed?: number | undefined;
  /** As `depth` of {@link regionsOnSegment}; defaults to 24 for segments and 8 for planes. */
  readonly depth?: number | undefined;
}

/**
 * The mean number of linear regions on segments between two samples of the data, see {@link regionsOnSegment}.
 *
 * At least 1, dimensionless. For piecewise linear networks alone: a curved unit has no regions, and only those with kinks are counted.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if an option is out of its range; when it is computed `UNSUPPORTED` if the engine does not tell patterns.
 *
 * Source: Raghu et al., "On the expressive power of deep neural networks", ICML 2017.
 *
 * @example
 * ```ts
 * import { linearRegions } from '@edjm/metrics';
 *
 * console.log(linearRegions({ count: 5 }).options); // { count: 5, seed: 0, depth: 24 }
 * ```
 */
export function linearRegions(options: LinearRegionsOptions = {}): NetworkMetric<'samples' | 'network'> {
  const { count = 20, seed = 0, depth = 24 } = options;
  checkCount('a number of segments', count);
  checkCount('a depth', depth);
  return {
    name: 'linear-regions',
    description: 'mean number of linear regions on a segment between two samples',
    reading: {
      formula: 'mean over segments of 1 + pattern changes on the way',
      range: '1 and more',
      high: 'the function bends often between samples',
      low: 'the function is nearly linear between samples',
      source: 'Raghu et al. 2017',
    },
    needs: ['samples', 'network'],
    options: { count, seed, depth },
    observe: meanOverGroups({ count, size: 2, seed }, (group, network, { signal }) =>
      regionsOnSegment(network, group as [Float64Array, Float64Array], { depth, signal }),
    ),
  };
}

/**
 * The mean number of linear regions on parallelograms through three samples of the data, see {@link regionsOnPlane}.
 *
 * At least 1, dimensionless. For piecewise linear networks alone.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if an option is out of its range; when it is computed `UNSUPPORTED` if the engine does not tell patterns.
 *
 * Source: Hanin and Rolnick, "Complexity of linear regions in deep networks", ICML 2019.
 *
 * @example
 * ```ts
 * import { planeRegions } from '@edjm/metrics';
 *
 * console.log(planeRegions().options); // { count: 3, seed: 0, depth: 8 }
 * ```
 */
export function planeRegions(options: LinearRegionsOptions = {}): NetworkMetric<'samples' | 'network'> {
  const { count = 3, seed = 0, depth = 8 } = options;
  checkCount('a number of planes', count);
  checkCount('a depth', depth);
  return {
    name: 'plane-regions',
    description: 'mean number of linear regions on a plane through three samples',
    reading: {
      formula: 'mean over planes of the number of patterns on the parallelogram of three samples',
      range: '1 and more',
      high: 'the function bends often between samples',
      low: 'the function is nearly linear between samples',
      source: 'Hanin and Rolnick 2019',
    },
    needs: ['samples', 'network'],
    options: { count, seed, depth },
    observe: meanOverGroups({ count, size: 3, seed }, (group, network, { signal }) =>
      regionsOnPlane(network, group as [Float64Array, Float64Array, Float64Array], { depth, signal }),
    ),
  };
}
