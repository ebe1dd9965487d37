import { type AnyMetric, EdjmError } from '@edjm/core';
import * as metrics from '@edjm/metrics';
import * as v from 'valibot';
import { type Named, number, oneOf, optionReader } from '../commandLine/namedOptions.ts';

export const METRIC_FLAG = '--metric';

/** A built-in metric on the command line. */
interface BuiltinMetric {
  /** The names of the options behind its name. */
  readonly options: readonly string[];
  /** Makes it, with these. */
  readonly make: (named: Named) => AnyMetric;
}

const optional = v.exactOptional(number);

/** A metric with options, each of which has a schema. */
function withOptions<const Fields extends v.ObjectEntries>(
  fields: Fields,
  make: (options: v.InferOutput<v.StrictObjectSchema<Fields, undefined>>) => AnyMetric,
): BuiltinMetric {
  const read = optionReader(fields);
  return {
    options: Object.keys(fields),
    make: (named) => {
      const options = read(named, METRIC_FLAG);
      try {
        return make(options);
      } catch (error) {
        if (!EdjmError.is(error)) throw error;
        throw new EdjmError(error.code, `${METRIC_FLAG} ${named.text}: ${error.message}`, { cause: error });
      }
    },
  };
}

const tolerance = { tolerance: optional };
const regions = { count: optional, seed: optional, depth: optional };

/** The built-in metrics that have options on the command line. */
const configurable: Readonly<Record<string, BuiltinMetric>> = {
  'edjm-score': withOptions(
    {
      percentile: optional,
      of: v.exactOptional(oneOf(['all', 'nonzero'])),
      rule: v.exactOptional(oneOf(['linear', 'lower', 'higher', 'nearest', 'midpoint'])),
    },
    ({ percentile, of, rule }) => metrics.edjmScore({ percentile, percentileOf: of, percentileRule: rule }),
  ),
  rankme: withOptions({ epsilon: optional }, metrics.rankMe),
  'schatten-norm': withOptions({ p: optional }, metrics.schattenNorm),
  'explained-directions': withOptions({ share: optional }, metrics.explainedDirections),
  'numerical-rank': withOptions(tolerance, metrics.numericalRank),
  'condition-number': withOptions(tolerance, metrics.conditionNumber),
  'log-determinant': withOptions(tolerance, metrics.logDeterminant),
  'jacob-cov': withOptions({ samples: optional, stabilizer: optional }, metrics.jacobianCovariance),
  'linear-regions': withOptions(regions, metrics.linearRegions),
  'plane-regions': withOptions(regions, metrics.planeRegions),
  'trajectory-length': withOptions(
    { count: optional, steps: optional, seed: optional },
    metrics.trajectoryLength,
  ),
};

const noOptions = optionReader({});

/** Refuses options of a metric that has none. */
export function checkNoOptions(named: Named): void {
  noOptions(named, METRIC_FLAG);
}

/** Every built-in metric with its defaults, in the order of lists. */
export const allMetrics: readonly AnyMetric[] = [
  ...metrics.spectrumMetrics(),
  ...metrics.tailMetrics(),
  ...metrics.networkMetrics(),
];

/** The built-in metrics, by name. */
export const builtin: ReadonlyMap<string, BuiltinMetric> = new Map(
  allMetrics.map((metric) => [metric.name, configurable[metric.name] ?? withoutOptions(metric)]),
);

function withoutOptions(metric: AnyMetric): BuiltinMetric {
  return {
    options: [],
    make: (named) => {
      checkNoOptions(named);
      return metric;
    },
  };
}
