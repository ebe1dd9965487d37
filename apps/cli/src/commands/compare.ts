import { REPORT_VERSION, type Report } from '@edjm/core';
import { analyzeModel } from '../analysis/analyzeModel.ts';
import { present } from '../analysis/present.ts';
import { beginRun } from '../analysis/run.ts';
import type { RunOptions } from '../commandLine/runOptions.ts';
import type { Shell } from '../commandLine/shell.ts';
import type { Model } from '../model/resolveModel.ts';

/** `edjm compare MODEL...`: one report a model, in the order given. */
export async function compareCommand(
  paths: readonly string[],
  options: RunOptions,
  shell: Shell,
): Promise<void> {
  const { models, run } = await beginRun(paths, options, shell);
  const reports: Report[] = [];
  for (const model of models) {
    const report = await analyzeModel(model, run);
    reports.push({ ...report, model: { ...report.model, name: nameAmong(model, models) } });
  }
  await present(reports, { version: REPORT_VERSION, reports }, run);
}

/** The name of a model's file, or its path if the file of another model has the same name. */
function nameAmong({ name, path }: Model, models: readonly Model[]): string {
  return models.some((other) => other.path !== path && other.name === name) ? path : name;
}
