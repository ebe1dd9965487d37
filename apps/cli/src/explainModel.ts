import {
  allOutputs,
  planRun,
  type Dataset,
  type DifferentiableNetwork,
  type Plan,
  type Step,
} from '@edjm/core';
import { workingMemory } from './analyzeModel.ts';
import { loadModel } from './loadModel.ts';
import type { RunOptions } from './options.ts';

/** What a run would do: its plan, and the steps of the graph that would run. */
interface Explanation {
  readonly network: string;
  readonly plan: Plan;
  readonly steps: readonly Step[];
}

const passes: Record<Step['pass'], string> = {
  forward: 'forward',
  reverse: 'reverse',
  gram: 'Gram matrices',
};

function planned(network: DifferentiableNetwork, data: Dataset, options: RunOptions): Plan {
  const { outputs = allOutputs(network), batchSize } = options;
  return planRun({
    network,
    n: data.n,
    outputs,
    maxMemory: workingMemory(options),
    ...(batchSize !== undefined && { batchSize }),
  });
}

function lines({ network, plan, steps }: Explanation): string[] {
  const { method, batchSize, groups, bytes } = plan;
  const [group = []] = groups;
  return [
    `${network}: method ${method}, batches of ${String(batchSize)} samples, ${String(group.length)} outputs in each of ${String(groups.length)} passes over the data, ${String(Math.ceil(bytes / 1e6))} MB of working memory`,
    ...steps.map(({ pass, of, nodes }) => `${`${passes[pass]} ${of}`.trimEnd()}: ${nodes.join(' → ')}`),
  ];
}

/** Says what a run would do, without running it: the plan, then for each node of the model the nodes that compute it. */
export async function explainModel(
  path: string,
  { data, options }: { readonly data: Dataset; readonly options: RunOptions },
): Promise<void> {
  await using network = await loadModel(path, options);
  const plan = planned(network, data, options);
  const [group = []] = plan.groups;
  const all = network.explain?.(plan.batchSize, group.length) ?? [];
  const steps = plan.method === 'gram' ? all : all.filter(({ pass }) => pass !== 'gram');
  const explanation = { network: network.name, plan, steps };
  const text =
    options.json === true ? JSON.stringify(explanation, undefined, 2) : lines(explanation).join('\n');
  process.stdout.write(`${text}\n`);
}
