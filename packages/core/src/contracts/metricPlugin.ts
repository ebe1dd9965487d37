import { EdjmError } from './errors.ts';
import type { AnyMetric } from './networkMetric.ts';

/** Packages of metrics are named `edjm-metric-NAME` and carry the keyword `edjm-metric`. */
export const METRIC_PACKAGE_PREFIX = 'edjm-metric-';

/**
 * The metric that a module exports under the name `metric`: a {@link Metric} or a {@link NetworkMetric}, or a function without arguments that
 * returns one.
 *
 * @param source - the module's name, for messages.
 * @throws EdjmError `INVALID_FILE` if it exports no metric.
 *
 * @example
 * ```ts
 * import { metricFromModule } from '@edjm/core';
 *
 * const metric = { name: 'largest', description: 'largest value', needs: [], compute: () => 1 };
 * console.log(metricFromModule({ metric }, 'edjm-metric-largest').name); // 'largest'
 * ```
 */
export function metricFromModule(module: object, source: string): AnyMetric {
  const exported: unknown = 'metric' in module ? module.metric : undefined;
  const metric: unknown = typeof exported === 'function' ? (exported as () => unknown)() : exported;
  if (isMetric(metric)) return metric;
  throw new EdjmError(
    'INVALID_FILE',
    `${source}: expected an export 'metric' with name, description, needs and compute or observe, got ${describe(metric)}. See the guide to metrics.`,
  );
}

/** Whether the value of a required field is of its type. */
const fields = {
  name: (value: unknown) => typeof value === 'string',
  description: (value: unknown) => typeof value === 'string',
  needs: (value: unknown) => Array.isArray(value) && value.every((need) => typeof need === 'string'),
};

function isMetric(value: unknown): value is AnyMetric {
  return typeof value === 'object' && value !== null && wrongFields(value).length === 0;
}

function wrongFields(value: object): string[] {
  // Reflect reads inherited fields too: a metric may be an instance of a class.
  const wrong = Object.entries(fields).flatMap(([name, holds]) =>
    holds(Reflect.get(value, name)) ? [] : [name],
  );
  const work = 'observe' in value ? 'observe' : 'compute';
  return typeof Reflect.get(value, work) === 'function' ? wrong : [...wrong, work];
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  return typeof value === 'object' ? `one without a valid ${wrongFields(value).join(', ')}` : typeof value;
}
