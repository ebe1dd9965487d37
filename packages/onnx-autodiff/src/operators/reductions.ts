/**
 * Reductions over axes.
 *
 *     ReduceSum    ∂x = g repeated over the axes
 *     ReduceMean   ∂x = g / (number of values), repeated over the axes
 *
 * Products and extremes are covered where they reduce constants, as in shape arithmetic.
 */
import { normalizedAxes, normalizedAxis } from '../axes.ts';
import { reshaped } from '../broadcasting.ts';
import { intAttribute, intsAttribute, withAttributes } from '../graph.ts';
import type { InferContext, Operator, VjpContext } from '../operator.ts';
import { sizeOf, tensorOf, valuesOf } from '../tensor.ts';

function reducedAxes(
  { node, constant }: Pick<InferContext, 'node' | 'constant'>,
  rank: number,
): readonly number[] {
  const given = constant(1) ?? [];
  if (given.length > 0) return given.map((axis) => normalizedAxis(node, axis, rank));
  return intAttribute(node, 'noop_with_empty_axes', 0) === 0
    ? Array.from({ length: rank }, (_, axis) => axis)
    : [];
}

const upgrade: NonNullable<Operator['upgrade']> = (node, _, builder) => {
  const axes = intsAttribute(node, 'axes');
  if (axes === undefined || node.inputs.length > 1) return node;
  return { ...withAttributes(node, ['axes']), inputs: [node.inputs[0] ?? '', builder.ints(axes)] };
};

function reduction(
  combine: (values: readonly number[]) => number,
  share?: (count: number) => number,
): Operator {
  const outputShape = (context: Pick<InferContext, 'node' | 'constant'>, shape: readonly number[]) => {
    const axes = reducedAxes(context, shape.length);
    const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    return { axes, kept, squeezed: shape.filter((_, axis) => !axes.includes(axis)) };
  };
  const vjp = ({ builder, node, input, cotangent }: VjpContext) => {
    const shape = builder.shape(input(0));
    const axesTensor = builder.constantValue(node.inputs[1] ?? '');
    const { axes, kept } = outputShape({ node, constant: () => axesTensor && valuesOf(axesTensor) }, shape);
    const [k = 1] = builder.shape(cotangent());
    const factor = share?.(sizeOf(axes.map((axis) => shape[axis] ?? 1))) ?? 1;
    const g =
      factor === 1 ? cotangent() : builder.emit('Mul', [cotangent(), builder.scalar(factor, cotangent())]);
    const open = reshaped(builder, g, [k, ...kept]);
    return [builder.emit('Expand', [open, builder.ints([k, ...shape])])];
  };
  return {
    upgrade,
    infer: (context) => {
      const { elementType, shape } = context.input(0);
      const { kept, squeezed } = outputShape(context, shape);
      return [{ elementType, shape: intAttribute(context.node, 'keepdims', 1) === 0 ? squeezed : kept }];
    },
    fold: (node, [x, axesTensor]) => {
      if (x === undefined) return [];
      const { axes, kept, squeezed } = outputShape(
        { node, constant: () => axesTensor && valuesOf(axesTensor) },
        x.shape,
      );
      const groups = new Map<number, number[]>();
      valuesOf(x).forEach((value, index) => {
        const target = kept.reduce((sum, size, axis) => {
          const place = Math.floor(index / sizeOf(x.shape.slice(axis + 1))) % (x.shape[axis] ?? 1);
          return sum * size + (axes.includes(axis) ? 0 : place);
        }, 0);
        groups.set(target, [...(groups.get(target) ?? []), value]);
      });
      const values = Array.from({ length: sizeOf(kept) }, (_, index) => combine(groups.get(index) ?? []));
      return [tensorOf(x.elementType, intAttribute(node, 'keepdims', 1) === 0 ? squeezed : kept, values)];
    },
    ...(share && { vjp }),
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** ReduceSum and ReduceMean; ReduceProd, ReduceMax and ReduceMin of constants. */
export const reductions: Readonly<Record<string, Operator>> = {
  ReduceSum: reduction(sum, () => 1),
  ReduceMean: reduction(
    (values) => sum(values) / values.length,
    (count) => 1 / count,
  ),
  ReduceProd: reduction((values) => values.reduce((product, value) => product * value, 1)),
  ReduceMax: reduction((values) => Math.max(...values)),
  ReduceMin: reduction((values) => Math.min(...values)),
};

/** ArgMax: an index, through which no gradient flows. */
export const argMax: Readonly<Record<string, Operator>> = {
  ArgMax: {
    infer: ({ node, input }) => {
      const { shape } = input(0);
      const axis = normalizedAxis(node, intAttribute(node, 'axis', 0), shape.length);
      const keep = intAttribute(node, 'keepdims', 1) !== 0;
      return [{ elementType: 'int64', shape: keep ? shape.with(axis, 1) : shape.toSpliced(axis, 1) }];
    },
  },
};
