import type { GraphBuilder } from '../graph/graphBuilder.ts';
import { trainingNames } from './trainingNames.ts';

/**
 * A loss that the graph computes; `'given'` is one computed elsewhere, whose gradient with respect to the outputs is
 * an input.
 */
export type NamedLoss = 'cross-entropy' | 'squared-error' | 'given';

/** The mean loss of a batch, and its gradient with respect to the outputs, [n, dOut]. */
interface Loss {
  readonly value: string;
  readonly cotangents: string;
}

/**
 * Adds a loss of outputs y, [n, dOut], and targets t, an input of that shape:
 *
 *     cross-entropy   −1/n Σ t log softmax(y)     ∂y = (softmax(y) Σ_k t_k − t) / n
 *     squared-error   1/n Σ ½ (y − t)²            ∂y = (y − t) / n
 */
export function addLoss(
  builder: GraphBuilder,
  { loss, outputs }: { readonly loss: NamedLoss; readonly outputs: string },
): Loss {
  const type = builder.type(outputs);
  const [n = 1] = type.shape;
  const named = (value: string) => builder.nameOutput(trainingNames.loss, value);
  if (loss === 'given') {
    const cotangents = builder.addInput(trainingNames.lossGradient, type);
    return { value: named(builder.filled(type.elementType, [], 0)), cotangents };
  }
  const targets = builder.addInput(trainingNames.targets, type);
  const mean = (name: string) => builder.mul(name, 1 / n);
  const total = (name: string) => builder.reduceSum(name, [0, 1], { keepDims: false });
  if (loss === 'squared-error') {
    const difference = builder.sub(outputs, targets);
    const squares = builder.mul(difference, difference);
    const half = builder.scalar(1 / (2 * n), outputs);
    return { value: named(builder.mul(total(squares), half)), cotangents: mean(difference) };
  }
  const logarithms = builder.logSoftmax(outputs, -1);
  const weights = builder.reduceSum(targets, [1]);
  const probabilities = builder.mul(builder.exp(logarithms), weights);
  const likelihood = total(builder.mul(targets, logarithms));
  return {
    value: named(builder.neg(mean(likelihood))),
    cotangents: mean(builder.sub(probabilities, targets)),
  };
}
