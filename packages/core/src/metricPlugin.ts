import { EdjmError } from './errors.ts';
import type { Metric } from './metric.ts';

/** Packages of metrics are named `edjm-metric-NAME` and carry the keyword `edjm-metric`. */
export const METRIC_PACKAGE_PREFIX = 'edjm-metric-';

/**
 * The metric that a module exports under the name `metric`: a {@link Metric}, or a function without arguments that
 * returns one.
 *
 * @param source - the module's name, for messages.
 * @throws EdjmError `INVALID_FILE` where it exports no metric.
 *
 * @example
 * ```ts
 * import { metricFromModule } from '@edjm/core';
 *
 * const metric = { name: 'largest', description: 'largest value', needs: [], compute: () => 1 };
 * console.log(metricFromModule({ metric }, 'edjm-metric-largest').name); // 'largest'
 * ```
 */
export function metricFromModule(module: object, source: string): Metric {
  const exported: unknown = 'metric' in module ? module.metric : undefined;
  const metric: unknown = typeof exported === 'function' ? (exported as () => unknown)() : exported;
  if (isMetric(metric)) return metric;
  throw new EdjmError(
    'INVALID_FILE',
    `${source}: expected an export 'metric' with name, description, needs and compute, got ${exported === undefined ? 'none' : typeof metric}. See the guide to metrics.`,
  );
}

function isMetric(value: unknown): value is Metric {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'description' in value &&
    typeof value.description === 'string' &&
    'needs' in value &&
    Array.isArray(value.needs) &&
    'compute' in value &&
    typeof value.compute === 'function'
  );
}
