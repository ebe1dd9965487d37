import type { NamedTensor } from '@edjm/core';
import { dependents } from '../differentiate/dependents.ts';
import type { GraphBuilder } from '../graph/graphBuilder.ts';
import { usedNames } from '../model/scope.ts';
import { isFloating } from '../model/tensor.ts';

/** A network in a graph of known shapes. */
interface Ends {
  /** The tensors inside, by their names in the model. */
  readonly names: readonly string[];
  /** The tensors to differentiate with respect to. */
  readonly variables: readonly string[];
  readonly output: string;
  /** The axis of samples of a tensor; -1 if it has no row for each of them, undefined if it is that of one sample. */
  readonly axisOf: (name: string) => number | undefined;
}

/** The tensors of real numbers between the input and the output, each of which may take the place of one of the two. */
export function namedTensors(
  builder: GraphBuilder,
  { names, variables, output, axisOf }: Ends,
): readonly NamedTensor[] {
  const behind = dependents(
    builder,
    builder.nodes,
    variables.map((name) => builder.resolve(name)),
  );
  const before = new Set([builder.resolve(output)]);
  for (const node of builder.nodes.toReversed()) {
    if (node.outputs.some((name) => before.has(name))) for (const name of usedNames(node)) before.add(name);
  }
  return names.flatMap((name) => {
    if (name === '' || !builder.knows(name) || builder.lists.has(builder.resolve(name))) return [];
    const { elementType, shape } = builder.type(name);
    const tensor = builder.resolve(name);
    const isOutput = tensor === builder.resolve(output);
    if (!isFloating(elementType) || isOutput || !behind.has(tensor)) return [];
    const axis = axisOf(name);
    if (axis === -1) return [];
    const named = shape.map((size, place) => (place === axis ? 'n' : size));
    return [{ name, elementType, shape: named, asInput: before.has(tensor), asOutput: true }];
  });
}
