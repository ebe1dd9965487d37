import { type AnyMetric, EdjmError } from '@edjm/core';
import { builtinMetrics } from '@edjm/metrics';
import { parseNamed } from '../commandLine/namedOptions.ts';
import type { RunOptions } from '../commandLine/runOptions.ts';
import type { Shell } from '../commandLine/shell.ts';
import { builtin, METRIC_FLAG } from './builtinMetrics.ts';
import { isFile, pluginMetric } from './pluginMetric.ts';

/**
 * The metrics that `--metric` names: `NAME`, or `NAME:option=value,option=value`; without it the usual ones. Says on standard error where
 * metrics that are not built in come from.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for metrics, options and values that do not exist; `INVALID_FILE` for a module without a metric.
 */
export async function loadMetrics(
  { metric: texts, progress, json }: Pick<RunOptions, 'metric' | 'progress' | 'json'>,
  { stderr }: Pick<Shell, 'stderr'>,
): Promise<readonly AnyMetric[]> {
  if (texts === undefined) return builtinMetrics();
  const all = texts.map((text) => (isFile(text) ? { text, name: text, rest: '' } : parseNamed(text)));
  const names = all.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${METRIC_FLAG}: expected each metric once, got ${twice} twice. Leave one of them out.`,
    );
  }
  const chosen: AnyMetric[] = [];
  for (const named of all) {
    const known = builtin.get(named.name);
    if (known) {
      chosen.push(known.make(named));
      continue;
    }
    const { metric, from } = await pluginMetric(named);
    if (progress && json !== true) stderr.write(`metric ${metric.name} is loaded from ${from}\n`);
    chosen.push(metric);
  }
  return chosen;
}
