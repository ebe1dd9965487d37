import type { JacobianBackend } from './network.ts';
import type { Regularizer, RegularizerNeed } from './regularizer.ts';

/**
 * Types a backend by what it loads: `load` is checked where it is written.
 *
 * @example
 * ```ts
 * import { defineBackend, type DifferentiableNetwork } from '@edjm/core';
 *
 * export const backendOf = (load: (path: string) => Promise<DifferentiableNetwork>) =>
 *   defineBackend<string>({ name: 'mine', load });
 * ```
 */
export function defineBackend<Source>(backend: JacobianBackend<Source>): JacobianBackend<Source> {
  return backend;
}

/**
 * Types a regularizer by its needs: `penalty` and `gradient` can read what `needs` lists, and nothing else.
 *
 * @example
 * ```ts
 * import { defineRegularizer } from '@edjm/core';
 *
 * // λ ½ ‖W‖² of all parameters.
 * export const decay = defineRegularizer({
 *   name: 'decay',
 *   needs: ['parameters'],
 *   penalty: ({ parameters }) => {
 *     let sum = 0;
 *     for (const { data } of parameters.values()) for (const w of data) sum += 1e-4 * 0.5 * w * w;
 *     return sum;
 *   },
 *   gradient: ({ parameters }) => ({
 *     parameters: new Map([...parameters].map(([name, { data }]) => [name, data.map((w) => 1e-4 * w)])),
 *   }),
 * });
 * ```
 */
export function defineRegularizer<N extends RegularizerNeed = never>(
  regularizer: Regularizer<N>,
): Regularizer<N> {
  return regularizer;
}
