import { basename } from 'node:path';
import { REPORT_VERSION, type Report } from '@edjm/core';
import { analyzeModel, openData } from '../analysis/analyzeModel.ts';
import { checkBackends } from '../model/loadModel.ts';
import { loadMetrics } from '../analysis/loadMetrics.ts';
import type { RunOptions } from '../commandLine/runOptions.ts';
import type { Shell } from '../commandLine/shell.ts';
import { present } from '../analysis/present.ts';
import { checkFolder } from '../output/writeResults.ts';

/** `edjm compare MODEL...`: one report a model, in the order given. */
export async function compareCommand(
  models: readonly string[],
  options: RunOptions,
  shell: Shell,
): Promise<void> {
  await checkFolder(options.out);
  await checkBackends(models, options);
  const metrics = await loadMetrics(options);
  const data = await openData(options);
  const run = { data, metrics, options, shell, signal: shell.interrupted() };
  const reports: Report[] = [];
  for (const model of models) {
    const report = await analyzeModel(model, run);
    reports.push({ ...report, model: { ...report.model, name: nameAmong(model, models) } });
  }
  await present(reports, { version: REPORT_VERSION, reports }, run);
}

/** The name of a model's file, or the path where another model's file has the same name. */
function nameAmong(path: string, paths: readonly string[]): string {
  const name = basename(path);
  return paths.some((other) => other !== path && basename(other) === name) ? path : name;
}
