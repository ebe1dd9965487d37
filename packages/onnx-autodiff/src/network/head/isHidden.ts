import type { Graph } from '../../model/graph.ts';
import { usedNames } from '../../model/scope.ts';
import { layers } from './postprocessing.ts';

/** Whether a tensor is a hidden layer: no output of the model, and in front of a layer with weights or an activation. */
export function isHidden({ outputs, nodes }: Graph, tensor: string): boolean {
  if (outputs.some(({ name }) => name === tensor)) return false;
  const dependent = new Set([tensor]);
  for (const node of nodes) {
    if (!usedNames(node).some((name) => dependent.has(name))) continue;
    if (layers.has(node.opType)) return true;
    for (const name of node.outputs) dependent.add(name);
  }
  return false;
}
