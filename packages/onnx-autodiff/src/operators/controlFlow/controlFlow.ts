/**
 * Control flow whose course is known before the network runs: the branch of an If replaces it, and the body of a Loop
 * is written once for every iteration. A node whose course depends on the data is kept unchanged, and refused if the
 * output needs it.
 */
import { EdjmError } from '@edjm/core';
import { inlinedBody } from './inlining.ts';
import { describeNode } from '../../model/graph.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import type { Composite, RewriteContext } from '../../graph/operator.ts';
import { tensorOf, valuesOf } from '../../model/tensor.ts';
import { stacked } from '../reshaping/stacking.ts';

/** The number that a tensor holds; undefined if it depends on the data. */
function knownValue(builder: TensorBuilder, name: string): number | undefined {
  const tensor = builder.constantValue(name);
  return tensor && valuesOf(tensor)[0];
}

/** Keeps a node unchanged whose course depends on the tensor `name`. */
function leftToTheData(
  { builder, node }: RewriteContext,
  { what, name }: { readonly what: string; readonly name: string },
): readonly string[] {
  const maker = builder.producer(name);
  const source =
    maker === undefined ? 'is an input of the network' : `${describeNode(maker)} computes from its data`;
  builder.leaveUncovered(
    node,
    `${describeNode(node)}: expected ${what} that is known before the network runs, got "${name}", which ${source}. ` +
      'Where it depends on shapes alone, export with constant folding; a traced export (torch.jit.trace, or ' +
      'torch.onnx.export with dynamo=True) keeps the course that the example takes.',
  );
  return node.outputs;
}

const branching: Composite = {
  rewrite: (context) => {
    const { node, builder, input } = context;
    const condition = knownValue(builder, input(0));
    if (condition === undefined) return leftToTheData(context, { what: 'a condition', name: input(0) });
    const attribute = condition === 0 ? 'else_branch' : 'then_branch';
    return inlinedBody(builder, node, { attribute, inputs: 0 }).write([]);
  },
};

const loop: Composite = {
  rewrite: (context) => {
    const { node, builder, optional, wants } = context;
    let carried = node.inputs.slice(2);
    const { body, write } = inlinedBody(builder, node, { attribute: 'body', inputs: carried.length + 2 });
    const { inputs, outputs: results } = body;
    if (results.length <= carried.length) {
      throw new EdjmError(
        'INVALID_FILE',
        `${describeNode(node)}: expected a body of at least ${String(carried.length + 1)} outputs, got ${String(results.length)}.`,
      );
    }
    const scalar = (type: 'int64' | 'bool', value: number, place: number) =>
      builder.constant(tensorOf(type, inputs[place]?.shape?.length === 1 ? [1] : [], [value]));
    const limit = optional(0);
    const trips = limit === undefined ? Infinity : knownValue(builder, limit);
    if (trips === undefined) return leftToTheData(context, { what: 'a trip count', name: limit ?? '' });
    const rows: (readonly string[])[] = [];
    let condition = optional(1);
    for (let trip = 0; trip < trips; trip++) {
      const goesOn = condition === undefined ? 1 : knownValue(builder, condition);
      if (goesOn === undefined) return leftToTheData(context, { what: 'a condition', name: condition ?? '' });
      if (goesOn === 0) break;
      const [next, ...rest] = write([scalar('int64', trip, 0), scalar('bool', 1, 1), ...carried]);
      condition = next;
      carried = rest.slice(0, carried.length);
      rows.push(rest.slice(carried.length));
    }
    const collected = results.slice(carried.length + 1).map((_, place) =>
      wants(carried.length + place)
        ? collection(
            context,
            rows.map((row) => row[place] ?? ''),
          )
        : undefined,
    );
    return [...carried, ...collected];
  },
};

/** The outputs of all iterations, along a new axis. */
function collection({ node, builder }: RewriteContext, names: readonly string[]): string {
  if (names.length > 0) return stacked(builder, names, 0);
  throw new EdjmError(
    'UNSUPPORTED',
    `${describeNode(node)}: expected at least one iteration, which gives the collected outputs their shape, got none. Export the network without the loop.`,
  );
}

/** If, Loop. */
export const controlFlow: Readonly<Record<string, Composite>> = { If: branching, Loop: loop };
