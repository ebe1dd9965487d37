import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EdjmError, METRIC_PACKAGE_PREFIX, metricFromModule, type Metric } from '@edjm/core';
import { resolve as resolveModule } from 'import-meta-resolve';
import { builtinMetrics, edjmScore, tailMetrics } from '@edjm/metrics';
import type { RunOptions } from '../commandLine/runOptions.ts';

/** The built-in metrics, with the score's options. */
function builtins({ percentile, percentileOf, percentileRule }: RunOptions): readonly Metric[] {
  const score = edjmScore({
    ...(percentile !== undefined && { percentile }),
    ...(percentileOf !== undefined && { percentileOf }),
    ...(percentileRule !== undefined && { percentileRule }),
  });
  return builtinMetrics().map((metric) => (metric.name === score.name ? score : metric));
}

/** The URL of a package's entry; packages are looked for where the user stands. */
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

async function pluginMetric(name: string, known: readonly Metric[]): Promise<Metric> {
  const isFile = /^\.{0,2}\/|\.[cm]?js$/.test(name);
  const place = isFile ? pathToFileURL(resolve(name)).href : resolvePackage(name);
  if (place === undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a metric among ${known.map((metric) => metric.name).join(', ')}, a file, or an installed package ${METRIC_PACKAGE_PREFIX}${name}, got "${name}". Install it: npm install ${METRIC_PACKAGE_PREFIX}${name}`,
    );
  }
  let module: object;
  try {
    module = (await import(place)) as object;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EdjmError('INVALID_FILE', `--metric ${name}: expected a module that loads, got: ${reason}`, {
      cause,
    });
  }
  return metricFromModule(module, `--metric ${name}`);
}

/** The metrics asked for: the usual ones, or those that `--metric` names. */
export async function loadMetrics(options: RunOptions): Promise<readonly Metric[]> {
  const usual = builtins(options);
  if (options.metric === undefined) return usual;
  const twice = options.metric.find((name, index, all) => all.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `--metric: expected each metric once, got ${twice} twice. Leave one of them out.`,
    );
  }
  const known = [...usual, ...tailMetrics()];
  const chosen: Metric[] = [];
  for (const name of options.metric) {
    chosen.push(known.find((metric) => metric.name === name) ?? (await pluginMetric(name, known)));
  }
  return chosen;
}
