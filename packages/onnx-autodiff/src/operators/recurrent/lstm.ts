/**
 * Long short-term memory:
 *
 *     i = f(x Wᵢᵀ + h Rᵢᵀ + pᵢ ∘ c + bᵢ)      input gate
 *     φ = f(x Wᵩᵀ + h Rᵩᵀ + pᵩ ∘ c + bᵩ)      forget gate; 1 − i if the two are coupled
 *     c′ = φ ∘ c + i ∘ g(x Wᵍᵀ + h Rᵍᵀ + bᵍ)
 *     o = f(x Wₒᵀ + h Rₒᵀ + pₒ ∘ c′ + bₒ)     output gate
 *     h′ = o ∘ h(c′)
 *
 * with f = σ, g = h = tanh unless the node says otherwise; weights are in the order i, o, φ, g. The peepholes p are optional.
 */
import { intAttribute } from '../../model/graph.ts';
import type { Composite } from '../../graph/operator.ts';
import { affine, recurrent, type Direction, type State } from './recurrent.ts';
import { pieces } from '../reshaping/stacking.ts';

function start(direction: Direction): (t: number, state: State) => State {
  const { builder, node, hidden, recurrence, biases, peepholes, activation, clipped } = direction;
  const [f, g, h] = [activation(0), activation(1), activation(2)];
  const isCoupled = intAttribute(node, 'input_forget', 0) !== 0;
  const bias = biases && builder.add(...biases);
  const inputs = direction.steps(direction.inputProduct(bias));
  const add = (a: string, b: string) => builder.add(a, b);
  const times = (a: string, b: string) => builder.mul(a, b);
  const gates = (name: string, widths: readonly number[]) =>
    pieces(builder, name, { axis: 1, sizes: widths.map((width) => width * hidden) });
  const coupled = (i: string) => builder.sub(1, i);

  const together = (z: string, cell: string): State => {
    const [iof = '', candidate = ''] = gates(clipped(z), [3, 1]);
    const [i = '', o = '', forget = ''] = gates(f(iof), [1, 1, 1]);
    const next = add(times(isCoupled ? coupled(i) : forget, cell), times(i, g(candidate)));
    return [times(o, h(next)), next];
  };

  const oneByOne = (z: string, cell: string, p: readonly string[]): State => {
    const [pi = '', po = '', pf = ''] = p;
    const [zi = '', zo = '', zf = '', candidate = ''] = gates(z, [1, 1, 1, 1]);
    const gate = (sum: string, peephole: string, seen: string) => f(clipped(add(sum, times(peephole, seen))));
    const i = gate(zi, pi, cell);
    const forget = isCoupled ? coupled(i) : gate(zf, pf, cell);
    const next = add(times(forget, cell), times(i, g(clipped(candidate))));
    return [times(gate(zo, po, next), h(next)), next];
  };

  return (t, [output = '', cell = '']) => {
    const z = affine(builder, output, { weights: recurrence, bias: inputs[t] });
    return peepholes === undefined ? together(z, cell) : oneByOne(z, cell, peepholes);
  };
}

/** LSTM. */
export const lstm: Readonly<Record<string, Composite>> = {
  LSTM: recurrent({
    gates: 4,
    peepholes: 3,
    activations: ['Sigmoid', 'Tanh', 'Tanh'],
    initial: [5, 6],
    start,
  }),
};
