import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EdjmError, METRIC_PACKAGE_PREFIX, metricFromModule, type AnyMetric, type Metric } from '@edjm/core';
import { resolve as resolveModule } from 'import-meta-resolve';
import { builtinMetrics, edjmScore, tailMetrics } from '@edjm/metrics';
import * as v from 'valibot';
import { type Named, number, oneOf, optionReader, parseNamed } from '../commandLine/namedOptions.ts';
import type { RunOptions } from '../commandLine/runOptions.ts';

const FLAG = '--metric';

/** Makes a built-in metric, with the options behind its name. */
type Maker = (named: Named) => Metric;

/** The built-in metrics that have options on the command line. */
const withOptions: ReadonlyMap<string, Maker> = new Map([
  [
    'edjm-score',
    (named) => {
      const { percentile, of, rule } = readScoreOptions(named, FLAG);
      try {
        return edjmScore({
          ...(percentile !== undefined && { percentile }),
          ...(of !== undefined && { percentileOf: of }),
          ...(rule !== undefined && { percentileRule: rule }),
        });
      } catch (error) {
        if (!EdjmError.is(error)) throw error;
        throw new EdjmError(error.code, `${FLAG} ${named.text}: ${error.message}`, { cause: error });
      }
    },
  ],
]);

const readScoreOptions = optionReader({
  percentile: v.exactOptional(number),
  of: v.exactOptional(oneOf(['all', 'nonzero'])),
  rule: v.exactOptional(oneOf(['linear', 'lower', 'higher', 'nearest', 'midpoint'])),
});

const readNoOptions = optionReader({});

/** The built-in metrics, by name. */
const builtin: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ...[...builtinMetrics(), ...tailMetrics()].map((metric): [string, Maker] => [
    metric.name,
    (named) => {
      readNoOptions(named, FLAG);
      return metric;
    },
  ]),
  ...withOptions,
]);

/** The URL of a package's entry. Packages are resolved from the working directory. */
function resolvePackage(name: string): string | undefined {
  const here = pathToFileURL(resolve('package.json')).href;
  for (const candidate of [`${METRIC_PACKAGE_PREFIX}${name}`, name]) {
    try {
      return resolveModule(candidate, here);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'ERR_INVALID_MODULE_SPECIFIER') throw error;
    }
  }
  return undefined;
}

/** Whether a metric is named by its file; such a name may hold a colon. */
function isFile(text: string): boolean {
  return /^\.{0,2}\/|\.[cm]?js$/.test(text);
}

async function pluginMetric(named: Named): Promise<AnyMetric> {
  const { name } = named;
  const place = isFile(name) ? pathToFileURL(resolve(name)).href : resolvePackage(name);
  if (place === undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a metric among ${[...builtin.keys()].join(', ')}, a file, or an installed package ${METRIC_PACKAGE_PREFIX}${name}, got "${name}". Install it: npm install ${METRIC_PACKAGE_PREFIX}${name}`,
    );
  }
  readNoOptions(named, FLAG);
  let module: object;
  try {
    module = (await import(/* @vite-ignore */ place)) as object;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EdjmError('INVALID_FILE', `${FLAG} ${name}: expected a module that loads, got: ${reason}`, {
      cause,
    });
  }
  return metricFromModule(module, `${FLAG} ${name}`);
}

/**
 * The metrics that `--metric` names: `NAME`, or `NAME:option=value,option=value`; without it the usual ones.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for metrics, options and values that do not exist; `INVALID_FILE` for a module without a metric.
 */
export async function loadMetrics({ metric: texts }: RunOptions): Promise<readonly AnyMetric[]> {
  if (texts === undefined) return builtinMetrics();
  const all = texts.map((text) => (isFile(text) ? { text, name: text, rest: '' } : parseNamed(text)));
  const names = all.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${FLAG}: expected each metric once, got ${twice} twice. Leave one of them out.`,
    );
  }
  const chosen: AnyMetric[] = [];
  for (const named of all) chosen.push(builtin.get(named.name)?.(named) ?? (await pluginMetric(named)));
  return chosen;
}
