import type { Node } from '../model/graph.ts';
import type { GraphBuilder } from '../graph/graphBuilder.ts';

/** The rule by which parameters move. */
export interface MomentumRule {
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Whether weights of two axes or more decay. */
  readonly decays: boolean;
  /** Parameters whose gradients get an added term from an input. */
  readonly added: readonly string[];
}

/** Tensors of one parameter. */
interface Moving {
  readonly parameter: string;
  readonly velocity: string;
  /** −learningRate · gradient of the loss. */
  readonly change: string;
  /** The term that is added to the gradient. */
  readonly added: string | undefined;
}

/**
 * Adds v ← momentum · v − rate · (gradient + decay · w + added) and w ← w + v, or Nesterov's w + momentum · v − rate · (…).
 *
 * On a processor, the passes over weights and velocities take longer than some of the products. So the product that
 * makes the gradient of a matrix starts from momentum · v if it can.
 */
export function addMomentumUpdate(
  builder: GraphBuilder,
  { parameter, velocity, change, added }: Moving,
  { rule, rate, decay }: { readonly rule: MomentumRule; readonly rate: string; readonly decay: string },
): { readonly parameter: string; readonly velocity: string } {
  const { momentum, nesterov } = rule;
  const times = (name: string, factor: number) => (factor === 1 ? name : builder.mul(name, factor));
  let next =
    fusedProduct(builder, { change, velocity, momentum }) ?? builder.add(times(velocity, momentum), change);
  const subtract = (name: string, factor: string) => builder.sub(next, builder.mul(name, factor));
  if (rule.decays && builder.shape(parameter).length > 1) next = subtract(parameter, decay);
  if (added !== undefined) next = subtract(added, rate);
  if (!nesterov) return { parameter: builder.add(parameter, next), velocity: next };
  // The sum of all that was subtracted is v′ − momentum · v.
  const ahead = builder.sub(times(next, 1 + momentum), times(velocity, momentum));
  return { parameter: builder.add(parameter, ahead), velocity: next };
}

/** momentum · v + G′ᵀ A as one product, if the change is a product of such matrices. */
function fusedProduct(
  builder: GraphBuilder,
  {
    change,
    velocity,
    momentum,
  }: { readonly change: string; readonly velocity: string; readonly momentum: number },
): string | undefined {
  const product = withoutReshape(builder, change);
  if (product?.opType !== 'MatMul') return undefined;
  const [left = '', right = ''] = product.inputs;
  const transpose = builder.producer(left);
  if (transpose?.opType !== 'Transpose' || builder.shape(velocity).length !== 2) return undefined;
  const [factor = ''] = transpose.inputs;
  const [rows, columns] = builder.shape(velocity);
  const [n] = builder.shape(right).slice(-2);
  const fits =
    builder.shape(left).slice(-2).join() === `${String(rows)},${String(n)}` &&
    builder.shape(right).slice(-2).join() === `${String(n)},${String(columns)}` &&
    [factor, right].every((name) =>
      builder
        .shape(name)
        .slice(0, -2)
        .every((size) => size === 1),
    ) &&
    builder.shape(factor).slice(-2).join() === `${String(n)},${String(rows)}`;
  if (!fits) return undefined;
  const matrix = (name: string) => builder.reshape(name, builder.shape(name).slice(-2));
  return builder.gemm([matrix(factor), matrix(right), velocity], { transA: 1, beta: momentum });
}

/** The node that makes a tensor, found behind changes of shape. */
function withoutReshape(builder: GraphBuilder, name: string): Node | undefined {
  const node = builder.producer(name);
  return node?.opType === 'Reshape' ? withoutReshape(builder, node.inputs[0] ?? '') : node;
}
