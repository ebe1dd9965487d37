import { REPORT_VERSION, type Report } from '@edjm/core';
import { analyzeModel, openData } from '../analyzeModel.ts';
import { interruptSignal } from '../interrupt.ts';
import { loadMetrics } from '../loadMetrics.ts';
import type { RunOptions } from '../options.ts';
import { present } from '../present.ts';
import { checkFolder } from '../writeResults.ts';

/** `edjm compare MODEL...`: one report a model, in the order given. */
export async function compareCommand(models: readonly string[], options: RunOptions): Promise<void> {
  await checkFolder(options.out);
  const metrics = await loadMetrics(options);
  const data = await openData(options);
  const signal = interruptSignal();
  const reports: Report[] = [];
  for (const model of models) reports.push(await analyzeModel(model, { data, metrics, options, signal }));
  await present(reports, { version: REPORT_VERSION, reports }, options);
}
