import { describeNetwork, type Network } from '@edjm/network';
import { checkLearningRate } from './checkOptions.ts';
import type { Optimizer } from './optimizer.ts';
import { pathFactors } from './pathFactors.ts';
import { moved, totalGradients } from './totalGradients.ts';

/** Options of {@link pathSgd}. */
export interface PathSgdOptions {
  /** The network that is trained, as data: paths run along its layers. Its weights do not matter. */
  readonly network: Network;
  /** Defaults to 0.1. */
  readonly learningRate?: number | undefined;
}

/**
 * Path-SGD (Neyshabur, Salakhutdinov, Srebro 2015, p = 2): steepest descent in the geometry of the path norm,
 *
 *     w ← w − learningRate · g / γ(w),
 *
 * γ as {@link pathFactors} has it. Two networks of ReLUs that differ in scale from layer to layer, but not as functions, stay the same
 * function. A weight on no path, where γ = 0, stays as it is, as its gradient is 0.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for a rate that is not above 0; `UNSUPPORTED` for layers that paths do not run along.
 *
 * @example
 * ```ts
 * import { multilayerPerceptron } from '@edjm/network';
 * import { pathSgd } from '@edjm/recipes';
 *
 * const network = multilayerPerceptron({ dIn: 784, hidden: [100], dOut: 10 });
 * const optimizer = pathSgd({ network, learningRate: 0.01 });
 * ```
 */
export function pathSgd(options: PathSgdOptions): Optimizer {
  const name = 'path-sgd';
  const { network: structure, learningRate = 0.1 } = options;
  checkLearningRate(name, learningRate);
  const factorsAt = pathFactors(structure);
  return {
    name,
    learningRate,
    options: { learningRate, layers: JSON.stringify(describeNetwork(structure).layers) },
    start: (network) => ({
      async step(batch, targets, update) {
        const { loss, parameters, gradients } = await totalGradients(network, { batch, targets }, update);
        const factors = factorsAt(parameters);
        const values = [...parameters].map(([parameter, value]) => {
          const [gradient, gamma] = [gradients.get(parameter), factors.get(parameter)];
          return [
            parameter,
            moved(value, (i) => -update.learningRate * quotient(gradient?.[i], gamma?.[i])),
          ] as const;
        });
        await network.setParameters(new Map(values));
        return { loss };
      },
      state: async () => new Map(),
      restore: async () => undefined,
    }),
  };
}

function quotient(gradient: number = 0, gamma: number = 0): number {
  return gamma > 0 ? gradient / gamma : 0;
}
