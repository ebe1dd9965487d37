import { EdjmError, type ParameterValues } from '@edjm/core';
import type { Network } from '@edjm/network';
import { type EdgeLayer, edgeLayers } from './edgeLayers.ts';

/**
 * The scales of Path-SGD (Neyshabur, Salakhutdinov, Srebro 2015, p = 2), by the parameter's name: for a weight w_e
 *
 *     γ_e = Σ over the paths from an input to an output that run through e of Π over their other weights w of w²,
 *
 * which is ∂π/∂(w_e²) for π, the sum over all paths of the products of squares: one pass forward and one backward. The weights of a kernel are
 * on paths at each of its positions. Offsets are weights of a unit that is always 1; paths run through every value of a window of pooling,
 * by weight 1 for a maximum and 1 / count for a mean.
 *
 * @returns a function of the parameters.
 * @throws EdjmError `UNSUPPORTED` for layers other than dense, conv2d, scale, ReLU, pooling and flatten; a softmax at the end does not count.
 */
export function pathFactors(
  network: Network,
): (parameters: ReadonlyMap<string, ParameterValues>) => ReadonlyMap<string, Float64Array> {
  const layers = edgeLayers(network);
  const inputs = network.inputShape.reduce((a, b) => a * b, 1);
  return (parameters) => {
    const squares = (name: string): Float64Array => {
      const found = parameters.get(name);
      if (found) return new Float64Array(found.data).map((value) => value * value);
      throw new EdjmError(
        'NOT_FOUND',
        `path-sgd: expected the parameter ${name} of ${network.name}, got a network without it. Give the network that is trained.`,
      );
    };
    const weighted = layers.map((layer) => ({ ...layer, squares: weightsOf(layer, squares) }));
    let values: Float64Array = new Float64Array(inputs).fill(1);
    const into = weighted.map((layer) => {
      const before = values;
      values = forward(layer, before, layer.bias && squares(layer.bias.name));
      return before;
    });
    const factors = new Map<string, Float64Array>();
    let out: Float64Array = new Float64Array(values.length).fill(1);
    for (const [index, layer] of [...weighted.entries()].reverse()) {
      const { pulled, gammas } = backward(layer, { into: into[index] ?? out, out });
      if (typeof layer.weights === 'string') factors.set(layer.weights, gammas);
      if (layer.bias) factors.set(layer.bias.name, summed(out, layer.bias));
      out = pulled;
    }
    return factors;
  };
}

type Weighted = EdgeLayer & { readonly squares: Float64Array };

function weightsOf({ weights }: EdgeLayer, squares: (name: string) => Float64Array): Float64Array {
  return typeof weights === 'string' ? squares(weights) : weights;
}

/** Sums over the paths that end at each output. */
function forward(layer: Weighted, into: Float64Array, bias: Float64Array | undefined): Float64Array {
  const sums = new Float64Array(layer.outputs);
  const perValue = layer.bias?.outputsPerValue ?? 1;
  if (bias) for (let o = 0; o < sums.length; o++) sums[o] = bias[Math.floor(o / perValue)] as number;
  layer.edges(({ output, input, weight, count }) => {
    let sum = sums[output] as number;
    for (let i = 0; i < count; i++)
      sum += (layer.squares[weight + i] as number) * (into[input + i] as number);
    sums[output] = sum;
  });
  return sums;
}

/** Sums over the paths that begin at each input, and over the paths through each weight without the weight itself. */
function backward(
  { edges, squares }: Weighted,
  { into, out }: { readonly into: Float64Array; readonly out: Float64Array },
): { readonly pulled: Float64Array; readonly gammas: Float64Array } {
  const pulled = new Float64Array(into.length);
  const gammas = new Float64Array(squares.length);
  edges(({ output, input, weight, count }) => {
    const after = out[output] as number;
    for (let i = 0; i < count; i++) {
      pulled[input + i] = (pulled[input + i] as number) + (squares[weight + i] as number) * after;
      gammas[weight + i] = (gammas[weight + i] as number) + (into[input + i] as number) * after;
    }
  });
  return { pulled, gammas };
}

function summed(out: Float64Array, { outputsPerValue }: NonNullable<EdgeLayer['bias']>): Float64Array {
  const sums = new Float64Array(out.length / outputsPerValue);
  for (const [o, value] of out.entries()) {
    const at = Math.floor(o / outputsPerValue);
    sums[at] = (sums[at] as number) + value;
  }
  return sums;
}
