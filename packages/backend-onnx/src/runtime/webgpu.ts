import type { Graph, Node } from '@edjm/onnx-autodiff';
import type { ExecutionProvider } from './engine.ts';
import { providerName } from './executionProviders.ts';

/**
 * Nodes that WebGPU must leave to the processor: ONNX Runtime 1.30 has no kernel there for max pooling that also gives
 * places, and its kernel for transposed convolutions in groups gives wrong numbers.
 */
function isBeyondWebGpu({ opType, domain, outputs, attributes }: Node): boolean {
  if (domain !== '') return false;
  if (opType === 'MaxPool') return (outputs[1] ?? '') !== '';
  const { group } = attributes;
  return opType === 'ConvTranspose' && group !== undefined && 'int' in group && group.int > 1;
}

/** A graph, and the providers to run it on. */
interface Placement {
  readonly graph: Graph;
  readonly executionProviders: readonly ExecutionProvider[];
}

/** Keeps the nodes that WebGPU has no right kernel for on the processor. */
export function placed(graph: Graph, executionProviders: readonly ExecutionProvider[]): Placement {
  const onWebGpu = executionProviders.some((provider) => providerName(provider) === 'webgpu');
  if (!onWebGpu || !graph.nodes.some(isBeyondWebGpu)) return { graph, executionProviders };
  // The provider goes by names, and not every node of a model has one of its own.
  const nodes = graph.nodes.map((node, index) =>
    isBeyondWebGpu(node) ? { ...node, name: `edjm/processor/${String(index)}` } : node,
  );
  const forceCpuNodeNames = nodes.filter(isBeyondWebGpu).map(({ name }) => name);
  return {
    graph: { ...graph, nodes },
    executionProviders: executionProviders.map((provider) =>
      providerName(provider) === 'webgpu' ? { ...asOptions(provider), forceCpuNodeNames } : provider,
    ),
  };
}

function asOptions(provider: ExecutionProvider): Exclude<ExecutionProvider, string> {
  return typeof provider === 'string' ? { name: provider } : provider;
}
