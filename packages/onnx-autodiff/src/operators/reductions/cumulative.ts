/**
 * Operators whose output at one place of an axis depends on the places before it or after it.
 *
 *     CumSum           ∂x = the sums of g from the other end
 *     CumProd          is log₂ n products with itself, moved on by 1, 2, 4, …
 *     Trilu            ∂x = the same triangle of g
 *     ReverseSequence  ∂x = g, reversed likewise
 */
import { affineIn } from '../../graph/affine.ts';
import { EdjmError } from '@edjm/core';
import { normalizedAxis } from '../axes.ts';
import { blockedCumSum, isLongSum } from './longSums.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { describeNode, intAttribute, type Node } from '../../model/graph.ts';
import type { Composite, InferContext, Operator } from '../../graph/operator.ts';
import { valuesOf } from '../../model/tensor.ts';

function givenAxis({ node, input, constant }: Pick<InferContext, 'node' | 'input' | 'constant'>): number {
  const [axis = 0] = constant(1) ?? [];
  return normalizedAxis(node, axis, input(0).shape.length);
}

const cumSum: Operator = {
  affine: affineIn([0]),
  infer: (context) => {
    givenAxis(context);
    return [context.input(0)];
  },
  vjp: ({ builder, node, input, cotangent }) => {
    const tensor = builder.constantValue(input(1));
    const [given = 0] = tensor === undefined ? [] : valuesOf(tensor);
    const axis = normalizedAxis(node, given, builder.shape(input(0)).length);
    const sums = builder.cumSum(cotangent(), axis + 1, {
      exclusive: intAttribute(node, 'exclusive', 0),
      reverse: 1 - intAttribute(node, 'reverse', 0),
    });
    return [sums];
  },
  inSteps: (node, builder) => {
    const [x = '', given = ''] = node.inputs;
    const tensor = builder.constantValue(given);
    const shape = builder.shape(x);
    const [place = 0] = tensor === undefined ? [] : valuesOf(tensor);
    const axis = normalizedAxis(node, place, shape.length);
    if (!isLongSum(builder, x, shape[axis] ?? 1)) return undefined;
    return blockedCumSum(builder, x, {
      axis,
      exclusive: intAttribute(node, 'exclusive', 0),
      reverse: intAttribute(node, 'reverse', 0),
    });
  },
};

/** A tensor moved along an axis, backward if the count is negative, with ones in the freed places. */
function moved(
  builder: TensorBuilder,
  name: string,
  { axis, count }: { readonly axis: number; readonly count: number },
): string {
  const rank = builder.shape(name).length;
  const pads = Array.from({ length: 2 * rank }, (_, place) => {
    if (place === axis) return count;
    return place === axis + rank ? -count : 0;
  });
  return builder.pad(name, pads, builder.scalar(1, name));
}

const cumProd: Composite = {
  rewrite: ({ node, builder, input, constant }) => {
    const { shape } = builder.type(input(0));
    const axis = givenAxis({ node, constant, input: (index) => builder.type(input(index)) });
    const size = shape[axis] ?? 0;
    const direction = intAttribute(node, 'reverse', 0) === 0 ? 1 : -1;
    const isExclusive = intAttribute(node, 'exclusive', 0) !== 0;
    let product = isExclusive ? moved(builder, input(0), { axis, count: direction }) : input(0);
    for (let reach = 1; reach < size; reach *= 2) {
      const before = moved(builder, product, { axis, count: direction * reach });
      product = builder.mul(product, before);
    }
    return [product];
  },
};

const trilu: Operator = {
  affine: affineIn([0]),
  infer: ({ input }) => [input(0)],
  vjp: ({ builder, node, cotangent }) => {
    const [, ...diagonal] = node.inputs;
    return builder.copy(node, { inputs: [cotangent(), ...diagonal] });
  },
};

/** The axes of samples and of time: two axes, the first two. */
function sequenceAxes(node: Node): { readonly batch: number; readonly time: number } {
  const batch = intAttribute(node, 'batch_axis', 1);
  const time = intAttribute(node, 'time_axis', 0);
  if ((batch === 0 && time === 1) || (batch === 1 && time === 0)) return { batch, time };
  throw new EdjmError(
    'INVALID_FILE',
    `${describeNode(node)}: expected 0 and 1 for batch_axis and time_axis, got ${String(batch)} and ${String(time)}.`,
  );
}

const reverseSequence: Operator = {
  affine: affineIn([0]),
  infer: ({ node, input }) => {
    sequenceAxes(node);
    return [input(0)];
  },
  vjp: ({ builder, node, input, cotangent }) => {
    const rank = builder.shape(cotangent()).length;
    const rest = Array.from({ length: rank - 3 }, (_, axis) => axis + 3);
    // The operator takes the first two axes for samples and time: K moves behind them meanwhile.
    const behind = builder.transpose(cotangent(), [1, 2, 0, ...rest]);
    const [reversed = ''] = builder.copy(node, { inputs: [behind, input(1)] });
    return [builder.transpose(reversed, [2, 0, 1, ...rest])];
  },
};

/** CumSum, CumProd, Trilu, ReverseSequence. */
export const cumulatives: Readonly<Record<string, Operator | Composite>> = {
  CumSum: cumSum,
  CumProd: cumProd,
  Trilu: trilu,
  ReverseSequence: reverseSequence,
};
