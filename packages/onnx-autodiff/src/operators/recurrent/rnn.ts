/**
 * The recurrent layer without gates: h′ = f(x Wᵀ + h Rᵀ + b), with f = tanh unless the node says otherwise.
 */
import type { Composite } from '../../graph/operator.ts';
import { affine, recurrent, type Direction, type State } from './recurrent.ts';

function start(direction: Direction): (t: number, state: State) => State {
  const { builder, recurrence, biases, activation, clipped } = direction;
  const f = activation(0);
  const inputs = direction.steps(direction.inputProduct(biases && builder.add(...biases)));
  return (t, [h = '']) => [f(clipped(affine(builder, h, { weights: recurrence, bias: inputs[t] })))];
}

/** RNN. */
export const rnn: Readonly<Record<string, Composite>> = {
  RNN: recurrent({ gates: 1, peepholes: 0, activations: ['Tanh'], initial: [5], start }),
};
