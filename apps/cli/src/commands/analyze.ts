import { analyzeModel, openData } from '../analysis/analyzeModel.ts';
import { explainModel } from '../analysis/explainModel.ts';
import { checkBackends } from '../model/loadModel.ts';
import { loadMetrics } from '../analysis/loadMetrics.ts';
import type { RunOptions } from '../commandLine/runOptions.ts';
import type { Shell } from '../commandLine/shell.ts';
import { present } from '../analysis/present.ts';
import { checkFolder } from '../output/writeResults.ts';

/** `edjm analyze MODEL`. */
export async function analyzeCommand(model: string, options: RunOptions, shell: Shell): Promise<void> {
  await checkFolder(options.out);
  await checkBackends([model], options);
  const metrics = await loadMetrics(options);
  const data = await openData(options);
  const run = { data, metrics, options, shell, signal: shell.interrupted() };
  if (options.explain === true) return explainModel(model, run);
  const report = await analyzeModel(model, run);
  await present([report], report, { options, shell });
}
