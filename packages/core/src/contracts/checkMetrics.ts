import { EdjmError } from './errors.ts';
import type { Need } from './metric.ts';
import { type AnyMetric, isNetworkMetric, type NetworkNeed } from './networkMetric.ts';

const spectrumNeeds: Readonly<Record<Need, true>> = {
  singularValues: true,
  gram: true,
  rightSingularVectors: true,
};

const networkNeeds: Readonly<Record<NetworkNeed, true>> = {
  samples: true,
  outputs: true,
  rows: true,
  activationPatterns: true,
  network: true,
};

/**
 * Refuses metrics of the same name, and metrics that need a quantity that does not exist.
 *
 * @throws EdjmError `INVALID_ARGUMENT`, `UNSUPPORTED`.
 */
export function checkMetrics(metrics: readonly AnyMetric[]): void {
  const names = metrics.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected metrics of different names, got "${repeated}" twice. Name one of them anew: { ...metric, name }.`,
    );
  }
  for (const metric of metrics) {
    const known: object = isNetworkMetric(metric) ? networkNeeds : spectrumNeeds;
    const unknown = metric.needs.find((need) => !Object.hasOwn(known, need));
    if (unknown === undefined) continue;
    throw new EdjmError(
      'UNSUPPORTED',
      `metric ${metric.name}: expected needs among ${Object.keys(known).join(', ')}, got ${unknown}. Is the metric for a later version of @edjm/core?`,
    );
  }
}
