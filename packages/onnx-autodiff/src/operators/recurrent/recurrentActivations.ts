/**
 * The activation functions that recurrent operators name in their attributes: f(x) with numbers α and β where it has them.
 */
import { EdjmError } from '@edjm/core';
import { describeNode, floatsAttribute, stringsAttribute, type Node } from '../../model/graph.ts';
import type { GraphBuilder } from '../../graph/graphBuilder.ts';

/** Adds f(x). */
export type Activation = (x: string) => string;

interface Parameters {
  readonly alpha: number;
  readonly beta: number;
}

/** A function of the standard; `alpha` and `beta` are there where it has them, and say what they are by default. */
interface Kind extends Partial<Parameters> {
  readonly apply: (builder: GraphBuilder, x: string, parameters: Parameters) => string;
}

const plain = (opType: string): Kind => ({ apply: (builder, x) => builder.emit(opType, [x]) });

const withAlpha = (opType: string, alpha: number): Kind => ({
  alpha,
  apply: (builder, x, parameters) => builder.emit(opType, [x], { alpha: { float: parameters.alpha } }),
});

const scaled = (builder: GraphBuilder, x: string, factor: number) =>
  builder.emit('Mul', [x, builder.scalar(factor, x)]);

const kinds: Readonly<Record<string, Kind>> = {
  relu: plain('Relu'),
  tanh: plain('Tanh'),
  sigmoid: plain('Sigmoid'),
  softsign: plain('Softsign'),
  softplus: plain('Softplus'),
  leakyrelu: withAlpha('LeakyRelu', 0.01),
  thresholdedrelu: withAlpha('ThresholdedRelu', 1),
  elu: withAlpha('Elu', 1),
  hardsigmoid: {
    alpha: 0.2,
    beta: 0.5,
    apply: (builder, x, { alpha, beta }) =>
      builder.emit('HardSigmoid', [x], { alpha: { float: alpha }, beta: { float: beta } }),
  },
  affine: {
    alpha: 1,
    beta: 0,
    apply: (builder, x, { alpha, beta }) =>
      builder.emit('Add', [scaled(builder, x, alpha), builder.scalar(beta, x)]),
  },
  scaledtanh: {
    alpha: 1,
    beta: 1,
    apply: (builder, x, { alpha, beta }) =>
      scaled(builder, builder.emit('Tanh', [scaled(builder, x, beta)]), alpha),
  },
};

/**
 * The activation functions of a node, by position. α and β are consumed in their order by those functions that have
 * them; where none are left they are those of the operator of that name.
 *
 * @param defaults - names of the functions where the node names none.
 */
export function activationsOf(
  node: Node,
  builder: GraphBuilder,
  defaults: readonly string[],
): readonly Activation[] {
  const names = stringsAttribute(node, 'activations') ?? defaults;
  if (names.length !== defaults.length) {
    throw new EdjmError(
      'INVALID_FILE',
      `${describeNode(node)}: expected ${String(defaults.length)} activation functions, got ${String(names.length)}.`,
    );
  }
  const alphas = [...(floatsAttribute(node, 'activation_alpha') ?? [])];
  const betas = [...(floatsAttribute(node, 'activation_beta') ?? [])];
  return names.map((name) => {
    const kind = Object.hasOwn(kinds, name.toLowerCase()) ? kinds[name.toLowerCase()] : undefined;
    if (kind === undefined) {
      throw new EdjmError(
        'INVALID_FILE',
        `${describeNode(node)}: expected activation functions among ${Object.keys(kinds).join(', ')}, got "${name}".`,
      );
    }
    const next = (given: number[], fallback: number | undefined) =>
      fallback === undefined ? 0 : (given.shift() ?? fallback);
    const parameters = { alpha: next(alphas, kind.alpha), beta: next(betas, kind.beta) };
    return (x) => kind.apply(builder, x, parameters);
  });
}
