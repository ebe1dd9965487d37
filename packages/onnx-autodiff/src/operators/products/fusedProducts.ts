/**
 * Products of com.microsoft that are fused with their surroundings: transpositions, a factor, a sum, an activation.
 *
 *     FusedMatMul, TransposeMatMul   α A′ B′
 *     FusedMatMulActivation          f(α A′ B′)
 *     FusedGemm                      f(α A′ B′ + β C)
 *     GemmFastGelu                   Gelu(A B + b), by tanh
 *     FusedConv                      f(x ∗ w + b + z)
 *     NhwcFusedConv                  likewise, with the channels of x, z and y last
 *     NhwcConv                       x ∗ w + b, with the channels of x, w and y last
 */
import { EdjmError } from '@edjm/core';
import {
  describeNode,
  floatAttribute,
  intAttribute,
  stringAttribute,
  type Attribute,
} from '../../model/graph.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import type { Composite, RewriteContext } from '../../graph/operator.ts';
import { channelsFirst, channelsLast } from '../windows/channelsLast.ts';
import { convAttributes, withExplicitPads } from '../windows/window.ts';

/** The activations that are fused, with the names of their numbers in the order of `activation_params`. */
const activationNumbers: ReadonlyMap<string, readonly string[]> = new Map([
  ['Relu', []],
  ['Tanh', []],
  ['Sigmoid', []],
  ['Softplus', []],
  ['Softsign', []],
  ['HardSwish', []],
  ['LeakyRelu', ['alpha']],
  ['Elu', ['alpha']],
  ['ThresholdedRelu', ['alpha']],
  ['HardSigmoid', ['alpha', 'beta']],
  ['Selu', ['alpha', 'gamma']],
  ['Clip', ['min', 'max']],
]);

/** f(x), f the activation that the node names; x itself if it names none. */
function activated({ builder, node }: RewriteContext, x: string): string {
  const name = stringAttribute(node, 'activation', '');
  if (name === '') return x;
  const numbers = activationNumbers.get(name);
  if (numbers === undefined) {
    throw new EdjmError(
      'UNSUPPORTED',
      `${describeNode(node)}: expected one of the activations ${[...activationNumbers.keys()].join(', ')}, got ${name}.`,
    );
  }
  const listed = node.attributes['activation_params'];
  const values = numbers.map((number, place) =>
    listed !== undefined && 'floats' in listed
      ? listed.floats[place]
      : floatAttribute(node, `activation_${number}`, undefined),
  );
  if (name === 'Clip') {
    const [low = '', high = ''] = values.map((value) =>
      value === undefined ? '' : builder.scalar(value, x),
    );
    return builder.clip(x, low, high);
  }
  const given = numbers.flatMap((number, place): [string, Attribute][] => {
    const value = values[place];
    return value === undefined ? [] : [[number, { float: value }]];
  });
  const activation = { ...node, opType: name, domain: '' };
  return builder.copy(activation, { inputs: [x], attributes: Object.fromEntries(given) })[0] ?? '';
}

/**
 * A matrix or a batch of matrices, with its axes exchanged as the attributes `transBatchA` and `transA` (or those of
 * B) say.
 */
function transposed({ builder, node }: RewriteContext, name: string, side: 'A' | 'B'): string {
  const rank = builder.shape(name).length;
  if (rank < 2) return name;
  let order = builder.shape(name).map((_, axis) => axis);
  // The first axis moves behind the batch axes.
  if (intAttribute(node, `transBatch${side}`, 0) !== 0)
    order = [...order.slice(1, -1), ...order.slice(0, 1), ...order.slice(-1)];
  if (intAttribute(node, `trans${side}`, 0) !== 0)
    order = [...order.slice(0, -2), ...order.slice(-2).toReversed()];
  if (order.every((axis, place) => axis === place)) return name;
  return builder.transpose(name, order);
}

function scaled(builder: TensorBuilder, name: string, factor: number): string {
  return factor === 1 ? name : builder.mul(name, factor);
}

const fusedMatMul: Composite = {
  rewrite: (context) => {
    const { builder, node, input } = context;
    const product = builder.matMul(transposed(context, input(0), 'A'), transposed(context, input(1), 'B'));
    return [activated(context, scaled(builder, product, floatAttribute(node, 'alpha', 1)))];
  },
};

const fusedGemm: Composite = {
  rewrite: (context) => {
    const { builder, node, input, optional } = context;
    const product = builder.gemm([input(0), input(1), optional(2) ?? ''], {
      alpha: floatAttribute(node, 'alpha', undefined),
      beta: floatAttribute(node, 'beta', undefined),
      transA: intAttribute(node, 'transA', undefined),
      transB: intAttribute(node, 'transB', undefined),
    });
    return [activated(context, product)];
  },
};

const gemmFastGelu: Composite = {
  rewrite: ({ builder, input, optional }) => {
    const product = builder.matMul(input(0), input(1));
    const bias = optional(2);
    const sum = bias === undefined ? product : builder.add(product, bias);
    return [builder.gelu(sum, 'tanh')];
  },
};

/** x ∗ w + b with the geometry of the node, channels first. */
function convolved({ builder, node, optional }: RewriteContext, x: string, weights: string): string {
  const [space, kernelShape] = [x, weights].map((name) => builder.shape(name).slice(2));
  const padded = withExplicitPads(node, space ?? [], kernelShape ?? []);
  return builder.conv([x, weights, optional(2) ?? ''], convAttributes(padded));
}

/** f(y + z). */
function finished(context: RewriteContext, convolution: string): string {
  const sum = context.optional(3);
  return activated(context, sum === undefined ? convolution : context.builder.add(convolution, sum));
}

const fusedConv: Composite = {
  rewrite: (context) => {
    const { input } = context;
    return [finished(context, convolved(context, input(0), input(1)))];
  },
};

function channelsLastConv(weights: 'channels first' | 'channels last'): Composite {
  return {
    rewrite: (context) => {
      const { builder, input } = context;
      const x = channelsFirst(builder, input(0));
      const w = weights === 'channels first' ? input(1) : channelsFirst(builder, input(1));
      return [finished(context, channelsLast(builder, convolved(context, x, w)))];
    },
  };
}

/** Products that ONNX Runtime fuses. */
export const fusedProducts: Readonly<Record<string, Composite>> = {
  'com.microsoft.FusedMatMul': fusedMatMul,
  'com.microsoft.TransposeMatMul': fusedMatMul,
  'com.microsoft.FusedMatMulActivation': fusedMatMul,
  'com.microsoft.FusedGemm': fusedGemm,
  'com.microsoft.GemmFastGelu': gemmFastGelu,
  'com.microsoft.FusedConv': fusedConv,
  'com.microsoft.NhwcConv': channelsLastConv('channels last'),
  'com.microsoft.NhwcFusedConv': channelsLastConv('channels first'),
};
