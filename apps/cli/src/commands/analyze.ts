import type { Report } from '@edjm/core';
import { analyzeModel } from '../analysis/analyzeModel.ts';
import { explainModel } from '../analysis/explainModel.ts';
import { gateCode } from '../analysis/gates.ts';
import { present } from '../analysis/present.ts';
import { beginRun } from '../analysis/run.ts';
import type { RunOptions } from '../commandLine/runOptions.ts';
import type { Shell } from '../commandLine/shell.ts';
import { claimFolder } from '../output/claimFolder.ts';

/** `edjm analyze MODEL`. Gives an exit code. */
export async function analyzeCommand(path: string, options: RunOptions, shell: Shell): Promise<number> {
  return claimFolder(options.out, async () => {
    const { models, run } = await beginRun([path], options, shell);
    const reports: Report[] = [];
    for (const model of models) {
      if (options.explain === true) await explainModel(model, run);
      else {
        const report = await analyzeModel(model, run);
        reports.push(report);
        await present([report], report, run);
      }
    }
    return gateCode(reports, options, shell);
  });
}
