import type { Metric, Need } from './metric.ts';
import type { NetworkMetric, NetworkNeed } from './networkMetric.ts';

/**
 * Types a metric by its needs: `compute` can read what `needs` lists, and nothing else.
 *
 * @example
 * ```ts
 * import { defineMetric } from '@edjm/core';
 *
 * export const metric = defineMetric({
 *   name: 'spectral-gap',
 *   description: 'relative gap between the two largest singular values',
 *   needs: ['singularValues'],
 *   compute: ({ singularValues: [first = 0, second = 0] }) => (first === 0 ? 0 : 1 - second / first),
 * });
 * ```
 */
export function defineMetric<N extends Need = never>(metric: Metric<N>): Metric<N> {
  return metric;
}

/**
 * Types a metric of a whole network by its needs: it can read what `needs` lists, and nothing else.
 *
 * @example
 * ```ts
 * import { defineNetworkMetric } from '@edjm/core';
 *
 * export const metric = defineNetworkMetric({
 *   name: 'mean-output',
 *   description: 'mean of the outputs over the data',
 *   needs: ['outputs'],
 *   observe: (_, { n }) => {
 *     let sum = 0;
 *     let dOut = 1;
 *     return {
 *       add: ({ outputs }) => {
 *         for (const value of outputs.data) sum += value;
 *         dOut = outputs.columns;
 *       },
 *       value: () => sum / (n * dOut),
 *     };
 *   },
 * });
 * ```
 */
export function defineNetworkMetric<N extends NetworkNeed = never>(
  metric: NetworkMetric<N>,
): NetworkMetric<N> {
  return metric;
}
