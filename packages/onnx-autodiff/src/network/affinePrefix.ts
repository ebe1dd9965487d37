import { dependents } from '../differentiate/dependents.ts';
import { operatorKey, type Node } from '../model/graph.ts';
import type { GraphBuilder } from '../graph/graphBuilder.ts';
import { minimumCut } from './minimumCut.ts';
import { usedNames } from '../model/scope.ts';

/** The ends of the paths through a graph, and the places to cut them. */
interface Paths {
  readonly inputs: readonly string[];
  readonly output: string;
  /** Tensors that may be chosen, each with its cost. */
  readonly costs: ReadonlyMap<string, number>;
}

/** The sets of inputs that a node is affine in. */
function affineSets(builder: GraphBuilder, node: Node): readonly (readonly number[])[] {
  const operator = builder.operators.get(operatorKey(node));
  return operator === undefined || 'rewrite' in operator ? [] : (operator.affine?.(node) ?? []);
}

/** Every tensor that is an affine function of x alone, made of x and constants. */
function affineTensors(builder: GraphBuilder, inputs: readonly string[]): ReadonlySet<string> {
  const affine = new Set(inputs);
  const constants = new Set(['']);
  const isConstant = (name: string) => constants.has(name) || builder.constantValue(name) !== undefined;
  // A cast to 16 bits rounds too much, and one to integers is a step.
  const isExact = (name: string) =>
    name === '' || (builder.knows(name) && ['float32', 'float64'].includes(builder.type(name).elementType));
  const isAffine = (node: Node) =>
    node.outputs.every(isExact) &&
    affineSets(builder, node).some((set) =>
      node.inputs.every((name, index) => isConstant(name) || (affine.has(name) && set.includes(index))),
    );
  for (const node of builder.nodes) {
    if (usedNames(node).every(isConstant)) for (const name of node.outputs) constants.add(name);
    else if (isAffine(node)) for (const name of node.outputs) affine.add(name);
  }
  return affine;
}

/**
 * Tensors tᵢ = Wᵢ x + bᵢ, Wᵢ and bᵢ constant, such that every path from x to y on which derivatives flow passes
 * through one of them. Of all such sets it is the one of the least cost, and of several the one nearest to x.
 *
 * @returns undefined if there is no such set among the tensors that may be chosen.
 */
export function narrowestAffine(
  builder: GraphBuilder,
  { inputs, output, costs }: Paths,
): readonly string[] | undefined {
  const starts = inputs.map((name) => builder.resolve(name));
  const y = builder.resolve(output);
  const active = dependents(builder, builder.nodes, starts);
  const affine = affineTensors(builder, starts);
  // Vertex 0 stands for x as a whole.
  const vertices = new Map<string, number>();
  const vertex = (name: string): number => {
    const known = vertices.get(name) ?? vertices.size + 1;
    vertices.set(name, known);
    return known;
  };
  const edges: (readonly [number, number])[] = starts.map((name) => [0, vertex(name)]);
  const sinks = new Set(affine.has(y) ? [vertex(y)] : []);
  const needed = new Set([y]);
  for (const node of builder.nodes.toReversed()) {
    const outputs = node.outputs.filter((name) => needed.has(name));
    if (outputs.length === 0) continue;
    for (const name of node.inputs) {
      if (!active.has(name)) continue;
      needed.add(name);
      if (!affine.has(name)) continue;
      for (const end of outputs) {
        if (affine.has(end)) edges.push([vertex(name), vertex(end)]);
        else sinks.add(vertex(name));
      }
    }
  }
  const names = [...vertices.keys()];
  const cost = (name: string) => (starts.includes(name) ? Infinity : (costs.get(name) ?? Infinity));
  const cut = minimumCut({ costs: [Infinity, ...names.map(cost)], edges, source: 0, sinks: [...sinks] });
  return cut?.map((index) => names[index - 1] ?? '');
}
