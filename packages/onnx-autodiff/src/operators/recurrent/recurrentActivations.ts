/**
 * The activation functions that recurrent operators name in their attributes; some have numbers α and β.
 */
import { EdjmError } from '@edjm/core';
import { describeNode, floatsAttribute, stringsAttribute, type Node } from '../../model/graph.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';

/** Adds f(x). */
export type Activation = (x: string) => string;

interface Parameters {
  readonly alpha: number;
  readonly beta: number;
}

/** A function of the standard. It has `alpha` and `beta`, with their defaults, if the function takes them. */
interface Kind extends Partial<Parameters> {
  readonly apply: (builder: TensorBuilder, x: string, parameters: Parameters) => string;
}

const kinds: Readonly<Record<string, Kind>> = {
  relu: { apply: (builder, x) => builder.relu(x) },
  tanh: { apply: (builder, x) => builder.tanh(x) },
  sigmoid: { apply: (builder, x) => builder.sigmoid(x) },
  softsign: { apply: (builder, x) => builder.softsign(x) },
  softplus: { apply: (builder, x) => builder.softplus(x) },
  leakyrelu: { alpha: 0.01, apply: (builder, x, { alpha }) => builder.leakyRelu(x, alpha) },
  thresholdedrelu: { alpha: 1, apply: (builder, x, { alpha }) => builder.thresholdedRelu(x, alpha) },
  elu: { alpha: 1, apply: (builder, x, { alpha }) => builder.elu(x, alpha) },
  hardsigmoid: {
    alpha: 0.2,
    beta: 0.5,
    apply: (builder, x, { alpha, beta }) => builder.hardSigmoid(x, { alpha: alpha, beta: beta }),
  },
  affine: {
    alpha: 1,
    beta: 0,
    apply: (builder, x, { alpha, beta }) => builder.add(builder.mul(x, alpha), beta),
  },
  scaledtanh: {
    alpha: 1,
    beta: 1,
    apply: (builder, x, { alpha, beta }) => builder.mul(builder.tanh(builder.mul(x, beta)), alpha),
  },
};

/**
 * The activation functions of a node, by position. Functions that have α and β take the next ones of the node; when
 * none are left, they take the defaults of the operator of that name.
 *
 * @param defaults - names of the functions if the node names none.
 */
export function activationsOf(
  node: Node,
  builder: TensorBuilder,
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
