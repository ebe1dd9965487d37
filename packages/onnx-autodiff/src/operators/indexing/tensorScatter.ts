/**
 * TensorScatter: new elements replace some of a cache, along the axis of the sequence. Each sample has a starting
 * place of its own; in a circular cache, places behind the end count from the start. Written as ScatterElements.
 */
import { EdjmError } from '@edjm/core';
import { normalizedAxis } from '../axes.ts';
import { describeNode, intAttribute, stringAttribute } from '../../model/graph.ts';
import type { Composite, RewriteContext } from '../../graph/operator.ts';
import { positions } from '../attention/attentionMask.ts';

interface Sequence {
  readonly axis: number;
  /** Length of the cache. */
  readonly size: number;
  /** Number of new elements. */
  readonly count: number;
}

/** The place of each new element on the axis: [1 or B, 1, …, count, …, 1]. */
function placesOf(
  { builder, node, input, optional }: RewriteContext,
  { axis, size, count }: Sequence,
): string {
  const ones = builder.shape(input(1)).map(() => 1);
  const steps = builder.reshape(positions(builder, count), ones.with(axis, count));
  const starts = optional(2);
  if (starts === undefined) return steps;
  const [batch = 1] = builder.shape(starts);
  const places = builder.add(builder.reshape(starts, ones.with(0, batch)), steps);
  const isCircular = stringAttribute(node, 'mode', 'linear') === 'circular';
  return isCircular ? builder.mod(places, size) : places;
}

const tensorScatter: Composite = {
  rewrite: (context) => {
    const { builder, node, input } = context;
    const [cache, update] = [builder.shape(input(0)), builder.shape(input(1))];
    const axis = normalizedAxis(node, intAttribute(node, 'axis', -2), cache.length);
    const sequence = { axis, size: cache[axis] ?? 0, count: update[axis] ?? 0 };
    if (sequence.count > sequence.size || cache.with(axis, 0).join() !== update.with(axis, 0).join()) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${describeNode(node)}: expected new elements that fit a cache of shape [${cache.join(', ')}] along axis ${String(axis)}, got [${update.join(', ')}].`,
      );
    }
    const places = builder.expand(placesOf(context, sequence), update);
    return [builder.scatterElements([input(0), places, input(1)], { axis: axis })];
  },
};

/** TensorScatter. */
export const tensorScatters: Readonly<Record<string, Composite>> = { TensorScatter: tensorScatter };
