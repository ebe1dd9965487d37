/**
 * Gated recurrent units:
 *
 *     z = f(x W𝓏ᵀ + h R𝓏ᵀ + b𝓏)                     update gate
 *     r = f(x Wᵣᵀ + h Rᵣᵀ + bᵣ)                     reset gate
 *     n = g(x Wₙᵀ + (r ∘ h) Rₙᵀ + bₙ)               or, with linear_before_reset,
 *     n = g(x Wₙᵀ + bₙ + r ∘ (h Rₙᵀ + b′ₙ))
 *     h′ = (1 − z) ∘ n + z ∘ h
 *
 * with f = σ and g = tanh unless the node says otherwise; weights are in the order z, r, n.
 */
import { intAttribute } from '../../model/graph.ts';
import type { Composite } from '../../graph/operator.ts';
import { affine, recurrent, type Direction, type State } from './recurrent.ts';
import { pieces } from '../reshaping/stacking.ts';

function start(direction: Direction): (t: number, state: State) => State {
  const { builder, node, hidden, recurrence, biases, activation, clipped } = direction;
  const [f, g] = [activation(0), activation(1)];
  const sizes = [2 * hidden, hidden];
  const isLinearFirst = intAttribute(node, 'linear_before_reset', 0) !== 0;
  const bias = isLinearFirst ? biases?.[0] : biases && builder.add(...biases);
  const [gateInput = '', candidateInput = ''] = pieces(builder, direction.inputProduct(bias), {
    axis: 1,
    sizes,
  });
  const gateInputs = direction.steps(gateInput);
  const candidateInputs = direction.steps(candidateInput);

  const gates = (sum: string) => pieces(builder, f(clipped(sum)), { axis: 1, sizes: [hidden, hidden] });
  // (1 − z) ∘ n + z ∘ h in one product.
  const mixed = (z: string, n: string, h: string): string =>
    builder.add(n, builder.mul(z, builder.sub(h, n)));

  if (isLinearFirst) {
    return (t, [h = '']) => {
      const product = affine(builder, h, { weights: recurrence, bias: biases?.[1] });
      const [gatePart = '', candidatePart = ''] = pieces(builder, product, { axis: 1, sizes });
      const [z = '', r = ''] = gates(builder.add(gateInputs[t] ?? '', gatePart));
      const reset = builder.mul(r, candidatePart);
      return [mixed(z, g(clipped(builder.add(candidateInputs[t] ?? '', reset))), h)];
    };
  }
  const [gateWeights = '', candidateWeights = ''] = pieces(builder, recurrence, { axis: 0, sizes });
  return (t, [h = '']) => {
    const [z = '', r = ''] = gates(affine(builder, h, { weights: gateWeights, bias: gateInputs[t] }));
    const reset = builder.mul(r, h);
    return [
      mixed(
        z,
        g(clipped(affine(builder, reset, { weights: candidateWeights, bias: candidateInputs[t] }))),
        h,
      ),
    ];
  };
}

/** GRU. */
export const gru: Readonly<Record<string, Composite>> = {
  GRU: recurrent({ gates: 3, peepholes: 0, activations: ['Sigmoid', 'Tanh'], initial: [5], start }),
};
