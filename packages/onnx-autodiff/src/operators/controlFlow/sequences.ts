/**
 * Sequences of tensors. They are lists of names while the graph is written, and leave no nodes. Positions must be
 * known before the network runs.
 */
import { EdjmError } from '@edjm/core';
import { normalizedAxis } from '../axes.ts';
import { describeNode, intAttribute } from '../../model/graph.ts';
import type { Composite, RewriteContext } from '../../graph/operator.ts';
import { tensorOf } from '../../model/tensor.ts';
import { countUnrolled } from './unrolling.ts';
import { pieces, stacked, unstacked } from '../reshaping/stacking.ts';

/**
 * The number of names that take as much memory as a node: a loop that appends makes a list for each iteration, and
 * all of them stay.
 */
const NAMES_A_NODE = 16;

/** The tensors of the sequence at input 0. */
function itemsOf({ node, builder, input }: RewriteContext): readonly string[] {
  const items = builder.lists.get(builder.resolve(input(0)));
  if (items !== undefined) return items;
  throw new EdjmError(
    'INVALID_FILE',
    `${describeNode(node)}: expected a sequence, got the tensor "${input(0)}".`,
  );
}

/** The position at input `index`, from 0 to `last`; undefined if it is left out. */
function positionOf(
  { node, constant }: RewriteContext,
  index: number,
  limits: { readonly size: number; readonly last: number },
): number | undefined {
  const [given] = constant(index) ?? [];
  if (given === undefined) return undefined;
  const position = given < 0 ? given + limits.size : given;
  if (position >= 0 && position <= limits.last) return position;
  throw new EdjmError(
    'INVALID_FILE',
    `${describeNode(node)}: expected a position in a sequence of ${String(limits.size)} tensors, got ${String(given)}.`,
  );
}

/** An operator whose output is a sequence. */
function listing(items: (context: RewriteContext) => readonly string[]): Composite {
  return {
    rewrite: (context) => {
      const { node, builder } = context;
      const name = builder.freshName('Sequence');
      const list = items(context);
      countUnrolled(builder, node, Math.ceil(list.length / NAMES_A_NODE));
      builder.lists.set(name, list);
      return [name];
    },
  };
}

/** An operator whose output is a tensor. */
function reading(tensor: (context: RewriteContext) => string): Composite {
  return { rewrite: (context) => [tensor(context)] };
}

function inserted(context: RewriteContext): readonly string[] {
  const items = itemsOf(context);
  const { length } = items;
  return items.toSpliced(
    positionOf(context, 2, { size: length, last: length }) ?? length,
    0,
    context.input(1),
  );
}

function erased(context: RewriteContext): readonly string[] {
  const items = itemsOf(context);
  const last = items.length - 1;
  return items.toSpliced(positionOf(context, 1, { size: items.length, last }) ?? last, 1);
}

function split({ node, builder, input, constant, optional }: RewriteContext): readonly string[] {
  const shape = builder.shape(input(0));
  const axis = normalizedAxis(node, intAttribute(node, 'axis', 0), shape.length);
  const size = shape[axis] ?? 0;
  const sizes = constant(1);
  if (sizes !== undefined && builder.shape(optional(1) ?? '').length > 0)
    return pieces(builder, input(0), { axis, sizes });
  const chunk = sizes?.[0] ?? 1;
  if (chunk <= 0) {
    throw new EdjmError(
      'INVALID_FILE',
      `${describeNode(node)}: expected pieces of at least 1, got ${String(chunk)}.`,
    );
  }
  const count = Math.ceil(size / chunk);
  countUnrolled(builder, node, count);
  if (sizes === undefined && intAttribute(node, 'keepdims', 1) === 0)
    return unstacked(builder, input(0), axis);
  const chunks = Array.from({ length: count }, (_, index) => Math.min(chunk, size - index * chunk));
  return pieces(builder, input(0), { axis, sizes: chunks });
}

function joined(context: RewriteContext): string {
  const { node, builder } = context;
  const items = itemsOf(context);
  const [first] = items;
  if (first === undefined) {
    throw new EdjmError(
      'INVALID_FILE',
      `${describeNode(node)}: expected a sequence of at least one tensor, got none.`,
    );
  }
  const isNew = intAttribute(node, 'new_axis', 0) !== 0;
  const rank = builder.shape(first).length + Number(isNew);
  const axis = normalizedAxis(node, intAttribute(node, 'axis', 0), rank);
  if (isNew) return stacked(builder, items, axis);
  return items.length === 1 ? first : builder.concat(items, axis);
}

/** Operators that make, change and read sequences of tensors. */
export const sequences: Readonly<Record<string, Composite>> = {
  SequenceEmpty: listing(() => []),
  SequenceConstruct: listing(({ node }) => node.inputs),
  SequenceInsert: listing(inserted),
  SequenceErase: listing(erased),
  SplitToSequence: listing(split),
  SequenceAt: reading((context) => {
    const items = itemsOf(context);
    const position = positionOf(context, 1, { size: items.length, last: items.length - 1 });
    return items[position ?? -1] ?? '';
  }),
  SequenceLength: reading((context) =>
    context.builder.constant(tensorOf('int64', [], [itemsOf(context).length])),
  ),
  ConcatFromSequence: reading(joined),
};
