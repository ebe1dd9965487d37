/**
 * Activations and sums of com.microsoft, each written in the operators that it was fused from.
 *
 *     Gelu, QuickGelu          x Φ(x), x σ(αx)
 *     BiasGelu, FastGelu       Gelu of x + b, exact or by tanh
 *     BiasSplitGelu            a Gelu(c), a and c the halves of x + b
 *     BiasAdd                  x + b + residual
 *     BiasSoftmax              Softmax(x + b)
 *     BiasDropout              x + b + residual, in inference mode
 *     GatedAdd                 x + y · gate
 */
import { EdjmError } from '@edjm/core';
import { normalizedAxis } from '../axes.ts';
import { describeNode, intAttribute, floatAttribute } from '../../model/graph.ts';
import type { Composite, Operator, RewriteContext } from '../../graph/operator.ts';
import { sizeOf, valuesOf } from '../../model/tensor.ts';
import { swishSlope } from './activations.ts';
import { elementwise, type Derivative } from './elementwise.ts';

/** The sum of those inputs that are there. */
function sumOf({ builder, optional }: RewriteContext, indices: readonly number[]): string {
  return indices
    .map(optional)
    .filter((name) => name !== undefined)
    .reduce((a, b) => builder.add(a, b));
}

function gelu(approximate: 'none' | 'tanh'): Composite {
  return {
    rewrite: (context) => {
      const x = sumOf(context, [0, 1]);
      return [context.builder.gelu(x, approximate)];
    },
  };
}

const QUICK_GELU_ALPHA = 1.702;

const quickGelu: Derivative = (unary) =>
  swishSlope(unary, floatAttribute(unary.node, 'alpha', QUICK_GELU_ALPHA));

const biasSplitGelu: Composite = {
  rewrite: (context) => {
    const { builder } = context;
    const sum = sumOf(context, [0, 1]);
    const half = (builder.shape(sum).at(-1) ?? 0) / 2;
    const [left = '', right = ''] = builder.split(sum, [half, half], -1);
    return [builder.mul(left, builder.gelu(right))];
  },
};

/** The softmax of all elements from an axis on. */
const biasSoftmax: Composite = {
  rewrite: (context) => {
    const { builder, node } = context;
    const sum = sumOf(context, [0, 1]);
    const shape = builder.shape(sum);
    const axis = normalizedAxis(node, intAttribute(node, 'axis', 1), shape.length);
    const rows = builder.reshape(sum, [...shape.slice(0, axis), sizeOf(shape.slice(axis))]);
    return [builder.reshape(builder.softmax(rows, -1), shape)];
  },
};

function checkInference({ builder, node, optional }: RewriteContext, index: number): void {
  const mode = optional(index);
  if (mode === undefined) return;
  const known = builder.constantValue(mode);
  if (known !== undefined && valuesOf(known)[0] === 0) return;
  throw new EdjmError(
    'UNSUPPORTED',
    `${describeNode(node)}: expected dropout in inference mode, got a training_mode that is not false. Export the network in evaluation mode.`,
  );
}

/** Dropout of a sum. The mask is one truth value for each element, or packed in bits, which only training reads. */
function dropout(
  terms: readonly number[],
  { mode, inBits }: { readonly mode: number; readonly inBits: boolean },
): Composite {
  return {
    rewrite: (context) => {
      const { builder, wants } = context;
      checkInference(context, mode);
      const sum = sumOf(context, terms);
      const mask = wants(1) && !inBits ? builder.filled('bool', builder.shape(sum), 1) : undefined;
      return [sum, mask];
    },
  };
}

const gatedAdd: Composite = {
  rewrite: ({ builder, input }) => [builder.add(input(0), builder.mul(input(1), input(2)))],
};

/** Activations and sums that ONNX Runtime fuses. */
export const fusedActivations: Readonly<Record<string, Operator | Composite>> = {
  'com.microsoft.Gelu': gelu('none'),
  'com.microsoft.BiasGelu': gelu('none'),
  'com.microsoft.FastGelu': gelu('tanh'),
  'com.microsoft.QuickGelu': elementwise(quickGelu),
  'com.microsoft.BiasSplitGelu': biasSplitGelu,
  'com.microsoft.BiasAdd': { rewrite: (context) => [sumOf(context, [0, 1, 2])] },
  'com.microsoft.BiasSoftmax': biasSoftmax,
  'com.microsoft.BiasDropout': dropout([0, 1, 2], { mode: 4, inBits: false }),
  'com.microsoft.BitmaskBiasDropout': dropout([0, 1, 2], { mode: 4, inBits: true }),
  'com.microsoft.BitmaskDropout': dropout([0], { mode: 2, inBits: true }),
  'com.microsoft.GatedAdd': gatedAdd,
};
