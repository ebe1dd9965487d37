/**
 * Norms over a moving window, and over the whole of space: y = (Σ |x|ᵖ)^(1/p).
 *
 *     ∂x = sign x |x|^(p−1) Σ over windows of g y^(1−p)
 *
 * The derivative is 0 where y is 0.
 */
import { EdjmError } from '@edjm/core';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { describeNode, intAttribute, withAttributes, type Node } from '../../model/graph.ts';
import type { Operator, VjpContext } from '../../graph/operator.ts';
import { inferPool, poolWindow, sumOverWindows, withPoolPads } from './pooling.ts';

/** p, a whole number from 1 on. */
function exponentOf(node: Node): number {
  const p = intAttribute(node, 'p', 2);
  if (p >= 1) return p;
  throw new EdjmError('INVALID_FILE', `${describeNode(node)}: expected p from 1 on, got ${String(p)}.`);
}

/** p was a real number in operator set 1. */
function withWholeExponent(node: Node): Node {
  const attribute = node.attributes['p'];
  if (attribute === undefined || !('float' in attribute)) return node;
  if (Number.isInteger(attribute.float)) return withAttributes(node, [], { p: { int: attribute.float } });
  throw new EdjmError(
    'UNSUPPORTED',
    `${describeNode(node)}: expected a whole number p, got ${String(attribute.float)}.`,
  );
}

/** t^q for t ≥ 0. */
function power(builder: TensorBuilder, t: string, q: number): string {
  return q === 1 ? t : builder.pow(t, q);
}

/** ∂x, given how values of windows are added up at the places of x. */
function normGradient(context: VjpContext, addUp: (values: string) => string): string {
  const { builder, node, input, cotangent } = context;
  const p = exponentOf(node);
  const x = input(0);
  if (p === 1) return builder.mul(addUp(cotangent()), builder.sign(x));
  const y = node.outputs[0] ?? '';
  const isZero = builder.equal(y, 0);
  const norm = builder.where(isZero, builder.scalar(1, y), y);
  const shares = addUp(builder.div(cotangent(), power(builder, norm, p - 1)));
  if (p === 2) return builder.mul(shares, x);
  const size = power(builder, builder.abs(x), p - 1);
  return builder.mul(shares, builder.mul(builder.sign(x), size));
}

const lpPool: Operator = {
  upgrade: (node, opset, builder) => withPoolPads(withWholeExponent(node), opset, builder),
  infer: (context) => {
    exponentOf(context.node);
    return [inferPool(context)];
  },
  vjp: (context) => {
    const { builder, node, input } = context;
    const window = poolWindow(node, builder.shape(input(0)));
    return [normGradient(context, (values) => sumOverWindows(builder, values, window))];
  },
};

const globalLpPool: Operator = {
  upgrade: withWholeExponent,
  infer: ({ node, input }) => {
    exponentOf(node);
    const { elementType, shape } = input(0);
    return [{ elementType, shape: shape.map((size, axis) => (axis < 2 ? size : 1)) }];
  },
  // One value a channel reaches all of its places by broadcasting.
  vjp: (context) => [normGradient(context, (values) => values)],
};

/** LpPool, GlobalLpPool. */
export const lpPoolings: Readonly<Record<string, Operator>> = {
  LpPool: lpPool,
  GlobalLpPool: globalLpPool,
};
