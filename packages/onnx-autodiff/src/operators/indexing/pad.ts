/**
 * Pad, which puts a value, or elements of x, around x along axes. ∂x is g without its margin, and what the margin repeats is added to its
 * place; the value has ∂ = Σ g outside.
 */
import { affineIn } from '../../graph/affine.ts';
import { unbroadcast } from '../../graph/broadcasting.ts';
import type { InferContext, Operator } from '../../graph/operator.ts';
import { floatAttribute, intsAttribute, stringAttribute, withAttributes } from '../../model/graph.ts';
import { normalizedAxes } from '../axes.ts';
import { knownInputs } from '../constantsOf.ts';
import { placeTable } from './placeTable.ts';
import { scatterAlong, zeroPad } from './placing.ts';

/** Counts of elements before and after each axis. */
interface Padding {
  readonly begin: readonly number[];
  readonly end: readonly number[];
}

function padding({ node, constant }: Pick<InferContext, 'node' | 'constant'>, rank: number): Padding {
  const pads = constant(1) ?? [];
  const axes = normalizedAxes(node, constant(3) ?? Array.from({ length: rank }, (_, axis) => axis), rank);
  const at = (axis: number, offset: number) => {
    const index = axes.indexOf(axis);
    return index < 0 ? 0 : (pads[index + offset] ?? 0);
  };
  const every = Array.from({ length: rank }, (_, axis) => axis);
  return { begin: every.map((axis) => at(axis, 0)), end: every.map((axis) => at(axis, axes.length)) };
}

/** The place that position `place` of a padded axis reads, by the mode of the padding. */
function reflectedPlace(mode: string, place: number, size: number): number {
  if (mode === 'edge') return Math.min(Math.max(place, 0), size - 1);
  if (mode === 'wrap') return ((place % size) + size) % size;
  const period = Math.max(1, 2 * (size - 1));
  const folded = ((place % period) + period) % period;
  return folded < size ? folded : period - folded;
}

const pad: Operator = {
  affine: affineIn([0, 2]),
  upgrade: (node, opset, builder) => {
    if (opset >= 11) return node;
    const pads = intsAttribute(node, 'pads') ?? intsAttribute(node, 'paddings') ?? [];
    const [x = ''] = node.inputs;
    const value = builder.scalar(floatAttribute(node, 'value', 0), x);
    return { ...withAttributes(node, ['pads', 'paddings', 'value']), inputs: [x, builder.ints(pads), value] };
  },
  since: (node) => (stringAttribute(node, 'mode', 'constant') === 'wrap' ? 19 : 0),
  infer: (context) => {
    const { elementType, shape } = context.input(0);
    const { begin, end } = padding(context, shape.length);
    return [{ elementType, shape: shape.map((size, axis) => size + (begin[axis] ?? 0) + (end[axis] ?? 0)) }];
  },
  vjp: ({ builder, node, input, needs, cotangent }) => {
    const shape = builder.shape(input(0));
    const { begin, end } = padding(knownInputs(builder, node), shape.length);
    const mode = stringAttribute(node, 'mode', 'constant');
    if (mode === 'constant') {
      const negated = (counts: readonly number[]) => [0, ...counts.map((count) => 0 - count)];
      const inside = zeroPad(builder, cotangent(), { begin: negated(begin), end: negated(end) });
      if (!needs(2)) return [inside];
      const total = (name: string) => unbroadcast(builder, name, builder.shape(input(2)));
      return [inside, undefined, builder.sub(total(cotangent()), total(inside))];
    }
    return [
      shape.reduce((g, size, axis) => {
        const [before, after] = [begin[axis] ?? 0, end[axis] ?? 0];
        if (before === 0 && after === 0) return g;
        const table = placeTable(node, size + before + after, (place) =>
          reflectedPlace(mode, place - before, size),
        );
        return scatterAlong(builder, g, { axis: axis + 1, size, places: builder.ints(table) });
      }, cotangent()),
    ];
  },
};

/** Pad. */
export const pads: Readonly<Record<string, Operator>> = { Pad: pad };
