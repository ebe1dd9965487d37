import { analyzeModel, openData } from '../analyzeModel.ts';
import { explainModel } from '../explainModel.ts';
import { interruptSignal } from '../interrupt.ts';
import { checkBackends } from '../loadModel.ts';
import { loadMetrics } from '../loadMetrics.ts';
import type { RunOptions } from '../options.ts';
import { present } from '../present.ts';
import { checkFolder } from '../writeResults.ts';

/** `edjm analyze MODEL`. */
export async function analyzeCommand(model: string, options: RunOptions): Promise<void> {
  await checkFolder(options.out);
  await checkBackends([model], options);
  const metrics = await loadMetrics(options);
  const data = await openData(options);
  const run = { data, metrics, options, signal: interruptSignal() };
  if (options.explain === true) return explainModel(model, run);
  const report = await analyzeModel(model, run);
  await present([report], report, options);
}
