import { REPORT_VERSION, type Report } from '@edjm/core';
import { analyzeModel } from '../analysis/analyzeModel.ts';
import { gateCode } from '../analysis/gates.ts';
import { present } from '../analysis/present.ts';
import { beginRun } from '../analysis/run.ts';
import type { RunOptions } from '../commandLine/runOptions.ts';
import type { Shell } from '../commandLine/shell.ts';
import { claimFolder } from '../output/claimFolder.ts';
import type { Model } from '../model/resolveModel.ts';

/** `edjm compare MODEL...`: one report a model, in the order given. Gives an exit code. */
export async function compareCommand(
  paths: readonly string[],
  options: RunOptions,
  shell: Shell,
): Promise<number> {
  return claimFolder(options.out, async () => {
    const { models, run } = await beginRun(paths, options, shell);
    const reports: Report[] = [];
    for (const model of models) {
      const report = await analyzeModel(model, run);
      const name = numbered(nameAmong(model, models), reports);
      reports.push({ ...report, model: { ...report.model, name } });
    }
    await present(reports, { version: REPORT_VERSION, reports }, run);
    return gateCode(reports, options, shell);
  });
}

/** The name, with a number if an earlier report has it: a file that is given twice has two columns. */
function numbered(name: string, earlier: readonly Report[]): string {
  const names = new Set(earlier.map(({ model }) => model.name));
  for (let count = 2; names.has(name) && count <= earlier.length + 1; count++) {
    if (!names.has(`${name} (${String(count)})`)) return `${name} (${String(count)})`;
  }
  return name;
}

/** The name of a model's file, or its path if the file of another model has the same name. */
function nameAmong({ name, path }: Model, models: readonly Model[]): string {
  return models.some((other) => other.path !== path && other.name === name) ? path : name;
}
