/**
 * Integers bit by bit, and questions about numbers: no gradient flows through either.
 */
import { broadcastShapes } from '../../graph/broadcasting.ts';
import type { Operator } from '../../graph/operator.ts';

const ofTwo: Operator = {
  infer: ({ node, input }) => [
    { elementType: input(0).elementType, shape: broadcastShapes(node, input(0).shape, input(1).shape) },
  ],
};

const question: Operator = { infer: ({ input }) => [{ elementType: 'bool', shape: input(0).shape }] };

/** BitShift, BitwiseAnd, -Or, -Xor, -Not, IsNaN, IsInf. */
export const bits: Readonly<Record<string, Operator>> = {
  BitShift: ofTwo,
  BitwiseAnd: ofTwo,
  BitwiseOr: ofTwo,
  BitwiseXor: ofTwo,
  BitwiseNot: { infer: ({ input }) => [input(0)] },
  IsNaN: question,
  IsInf: question,
};
