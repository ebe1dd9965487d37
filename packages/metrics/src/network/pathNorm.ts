import { type DifferentiableNetwork, EdjmError, type NetworkMetric } from '@edjm/core';

/**
 * The path norm: the square root of the sum over all paths from an input to an analyzed output of the squared product of the weights on it.
 *
 * One forward pass computes it: the network with squared weights and without biases, on an input of ones. It does not change if a ReLU network is rescaled from unit
 * to unit. Unit of the output over that of the input; 0 or more. For networks of dense and convolutional layers, ReLUs, pooling and sums.
 *
 * @throws EdjmError when it is computed: `UNSUPPORTED` if the engine does not load a network with other parameters, or the network has parameters that are neither weights nor biases.
 *
 * Source: Neyshabur, Salakhutdinov and Srebro, "Path-SGD: path-normalized optimization in deep neural networks", NeurIPS 2015, Eq 3.
 *
 * @example
 * ```ts
 * import { pathNorm } from '@edjm/metrics';
 *
 * console.log(pathNorm().needs); // [ 'network' ]
 * ```
 */
export function pathNorm(): NetworkMetric<'network'> {
  return {
    name: 'path-norm',
    description: 'root of the sum over paths of the squared product of their weights',
    reading: {
      formula: '(Σ over paths Π w²)^½',
      range: '0 and more, in units of the output over those of the input',
      high: 'large weights along many paths: a function of large capacity',
      low: 'small weights, or few paths',
      source: 'Neyshabur et al. 2015',
    },
    needs: ['network'],
    observe: ({ network }, { outputs }) => ({
      value: async () => {
        await using squared = await squaredNetwork(network);
        const { sampleSize } = squared;
        const ones = { rows: 1, columns: sampleSize, data: new Float64Array(sampleSize).fill(1) };
        const { data } = await squared.forward(ones);
        return Math.sqrt(outputs.reduce((sum, k) => sum + (data[k] as number), 0));
      },
    }),
  };
}

/** The network with squared weights and biases of 0. */
async function squaredNetwork(network: DifferentiableNetwork): Promise<DifferentiableNetwork> {
  const { name, outputKind } = network;
  if (network.reparameterized === undefined) {
    throw new EdjmError(
      'UNSUPPORTED',
      `${name}: expected an engine that loads a network with other parameters, got one that does not. Take another engine, or leave the path norm out.`,
    );
  }
  if (outputKind === 'probability' || outputKind === 'log-probability') {
    throw new EdjmError(
      'UNSUPPORTED',
      `${name}: expected logits, got outputs of the kind ${outputKind}, through which there are no paths. Take logits, or leave the path norm out.`,
    );
  }
  return network.reparameterized(({ name: parameter, role, data }) => {
    if (role === 'weight') return data.map((value) => value * value);
    if (role === 'bias') return data.map(() => 0);
    throw new EdjmError(
      'UNSUPPORTED',
      `${name}: expected weights and biases, got the parameter ${parameter}, which is neither. The path norm is for networks of dense and convolutional layers: leave it out.`,
    );
  });
}
