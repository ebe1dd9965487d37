import { type AnyMetric, EdjmError, isNetworkMetric, rowsNetwork } from '@edjm/core';
import { openEdjmRows } from '@edjm/datasets';
import { checkGates, gateCode } from '../analysis/gates.ts';
import { present } from '../analysis/present.ts';
import { reportOn } from '../analysis/reportOn.ts';
import type { RowsOptions } from '../commandLine/rowsOptions.ts';
import type { Shell } from '../commandLine/shell.ts';
import { loadMetrics } from '../metrics/loadMetrics.ts';
import { claimFolder } from '../output/claimFolder.ts';
import { checkFolder } from '../output/writeResults.ts';

/** `edjm spectrum ROWS...`: the analysis of rows that another program has computed. Gives an exit code. */
export async function spectrumCommand(
  paths: readonly string[],
  options: RowsOptions,
  shell: Shell,
): Promise<number> {
  return claimFolder(options.out, async () => {
    await checkFolder(options.out);
    const metrics = await loadMetrics(options, shell);
    metrics.forEach(checkReadsRows);
    checkGates(options, metrics);
    const { layout, array: arrays, limit } = options;
    const { dataset: data, ...rows } = await openEdjmRows(paths, { layout, arrays, limit });
    await using network = rowsNetwork({ ...rows, name: data.name });
    const report = await reportOn(
      network,
      { data, metrics, options },
      { name: data.name, hashes: async () => ({ sha256: await data.sha256() }), engine: 'none', shell },
    );
    await present([report], report, { options, shell });
    return gateCode([report], options, shell);
  });
}

/** Refuses metrics of what rows do not tell. */
function checkReadsRows(metric: AnyMetric): void {
  if (!isNetworkMetric(metric)) return;
  const unknown = metric.needs.filter((need) => need !== 'rows');
  if (unknown.length === 0) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `--metric ${metric.name}: expected a metric of rows, got one that reads ${unknown.map((need) => wordsOf[need]).join(' and ')}. Leave it out, or run edjm analyze MODEL --metric ${metric.name}.`,
  );
}

const wordsOf = {
  samples: 'the samples',
  outputs: 'the outputs of the network',
  rows: 'the rows',
  activationPatterns: 'the activation patterns of the network',
  network: 'the network itself',
} as const;
