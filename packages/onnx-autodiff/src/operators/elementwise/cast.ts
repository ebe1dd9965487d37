/**
 * Cast and CastLike: y = x in another element type. Between floating types ∂x = g in the type of x; no gradient flows
 * through integers.
 */
import { affineIn } from '../../graph/affine.ts';
import { EdjmError } from '@edjm/core';
import { describeNode, intAttribute, withAttributes, type Node } from '../../model/graph.ts';
import type { Operator } from '../../graph/operator.ts';
import { elementTypeCodes, isFloating, tensorOf, valuesOf, type ElementType } from '../../model/tensor.ts';

/** The element type that an attribute names by its code, undefined if the node has no such attribute. */
export function elementTypeAttribute(node: Node, name: string): ElementType | undefined {
  const code = intAttribute(node, name, undefined);
  if (code === undefined) return undefined;
  const found = Object.entries(elementTypeCodes).find(([, known]) => known === code);
  if (found !== undefined) return found[0] as ElementType;
  throw new EdjmError(
    'UNSUPPORTED',
    `${describeNode(node)}: expected a known element type, got the code ${String(code)}.`,
  );
}

function targetType(node: Node): ElementType {
  const to = elementTypeAttribute(node, 'to');
  if (to !== undefined) return to;
  throw new EdjmError(
    'INVALID_FILE',
    `${describeNode(node)}: expected an element type to cast to, got none.`,
  );
}

const castOperator: Operator = {
  affine: affineIn([0]),
  // They say how to round to 8-bit floats, which no covered graph holds.
  upgrade: (node) => withAttributes(node, ['saturate', 'round_mode']),
  infer: ({ node, input }) => [{ elementType: targetType(node), shape: input(0).shape }],
  fold: (node, [x]) => {
    if (x === undefined) return [];
    const to = targetType(node);
    const values = valuesOf(x);
    return [tensorOf(to, x.shape, isFloating(to) || to === 'bool' ? values : values.map(Math.trunc))];
  },
  vjp: ({ builder, input, cotangent }) => [builder.cast(cotangent(), builder.type(input(0)).elementType)],
};

/** Cast, and CastLike, which becomes one. */
export const casting: Readonly<Record<string, Operator>> = {
  Cast: castOperator,
  CastLike: {
    upgrade: (node, _, builder) => {
      const [x = '', like = ''] = node.inputs;
      const to = { int: elementTypeCodes[builder.type(like).elementType] };
      return { ...withAttributes(node, ['saturate', 'round_mode'], { to }), opType: 'Cast', inputs: [x] };
    },
    infer: ({ input }) => [{ elementType: input(1).elementType, shape: input(0).shape }],
  },
};
