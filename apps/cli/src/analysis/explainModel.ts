import { explainAnalysis, type Explanation, type Step } from '@edjm/core';
import type { Model } from '../model/resolveModel.ts';
import { loadModel, requestFor } from './analyzeModel.ts';
import { folded } from './folded.ts';
import { workingMemory } from './memory.ts';
import { analyzeOptions } from './reportOn.ts';
import type { Run } from './run.ts';

const passes: Record<Step['pass'], string> = {
  forward: 'forward',
  reverse: 'reverse',
  gram: 'Gram matrices',
};

function lines(network: string, { plan, steps }: Explanation): string[] {
  const { method, values, accuracy, batchSize, groups, threads, bytes, reasons } = plan;
  const [group = []] = groups;
  return [
    `${network}: method ${method}, ${String(values)} singular values of each output to ${accuracy.toExponential(1)} of the largest`,
    `batches of ${String(batchSize)} samples, ${group.length === 1 ? 'one output' : `${String(group.length)} outputs`} at once, ${plan.passes === 1 ? 'one pass' : `about ${String(plan.passes)} passes`} over the data, ${threads === 1 ? 'one spectrum' : `${String(threads)} spectra`} at a time, ${String(Math.ceil(bytes / 1e6))} MB of working memory`,
    ...reasons.map((reason) => `  ${reason}`),
    ...steps.map(({ pass, of, nodes }) => `${`${passes[pass]} ${of}`.trimEnd()}: ${folded(nodes)}`),
  ];
}

/** Prints the plan of a run without running it, then for each node of the model the nodes that compute it. */
export async function explainModel(model: Model, run: Run): Promise<void> {
  const { options, shell } = run;
  const { network: loaded } = await loadModel(model, run);
  await using network = loaded;
  const request = await requestFor(network, run);
  const explanation = await explainAnalysis(network, request.data, {
    ...analyzeOptions(network, request),
    maxMemory: workingMemory(options),
  });
  const text =
    options.json === true
      ? JSON.stringify({ network: network.name, ...explanation }, undefined, 2)
      : lines(network.name, explanation).join('\n');
  shell.stdout.write(`${text}\n`);
}
