import { type DifferentiableNetwork, EdjmError, type NetworkParameter } from '@edjm/core';
import { derivedSeed } from './derivedSeed.ts';
import { seededRandom } from './random.ts';

/**
 * The same architecture before it learned anything: every weight and bias drawn anew from the normal distribution with the mean and the variance of its own tensor. Parameters of
 * normalizations and other constants stay.
 *
 * @param seed - a 32-bit integer; each parameter has random numbers of its own.
 * @returns a network to be disposed of.
 * @throws EdjmError `UNSUPPORTED` if the engine does not load a network with other parameters, or there are no weights.
 *
 * @example
 * ```ts
 * import { cpuBackend } from '@edjm/backend-cpu';
 * import { multilayerPerceptron, redrawnNetwork } from '@edjm/network';
 *
 * const trained = await cpuBackend().load(multilayerPerceptron({ dIn: 4, hidden: [8], dOut: 2 }));
 * await using untrained = await redrawnNetwork(trained, 1);
 * console.log(untrained.dOut); // 2
 * ```
 */
export async function redrawnNetwork(
  network: DifferentiableNetwork,
  seed: number,
): Promise<DifferentiableNetwork> {
  const { name } = network;
  if (network.reparameterized === undefined) {
    throw new EdjmError(
      'UNSUPPORTED',
      `${name}: expected an engine that loads a network with other weights, got one that does not. Take another engine, or leave out the null model of fresh weights.`,
    );
  }
  let weights = 0;
  let place = 0;
  const redrawn = await network.reparameterized((parameter) => {
    place += 1;
    if (parameter.role !== 'weight' && parameter.role !== 'bias') return undefined;
    if (parameter.role === 'weight') weights += 1;
    return drawnLike(parameter, derivedSeed(seed, [place]));
  });
  if (weights > 0) return redrawn;
  await redrawn.dispose();
  throw new EdjmError(
    'UNSUPPORTED',
    `${name}: expected weights to draw anew, got a network without any. Leave out the null model of fresh weights.`,
  );
}

function drawnLike({ data }: NetworkParameter, seed: number): Float64Array {
  const values = Float64Array.from(data);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const { normal } = seededRandom(seed);
  return values.map(() => mean + Math.sqrt(variance) * normal());
}
