import { EdjmError, type ParameterValues, type TrainableNetwork } from '@edjm/core';
import { valueCount } from '@edjm/network';
import { checkLearningRate, checkOption } from './checkOptions.ts';
import type { Optimizer, OptimizerRun } from './optimizer.ts';
import { moved, totalGradients } from './totalGradients.ts';

/** Options of {@link adam}. */
export interface AdamOptions {
  /** Defaults to 0.001. */
  readonly learningRate?: number | undefined;
  /** How much of the mean of gradients stays in a step. Defaults to 0.9. */
  readonly beta1?: number;
  /** How much of the mean of their squares stays. Defaults to 0.999. */
  readonly beta2?: number;
  /** Defaults to 1e-8. */
  readonly epsilon?: number;
}

/** Means of the gradients of a parameter and of their squares. */
interface Moments {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

const STEPS = 'steps';

/**
 * Adam (Kingma, Ba 2015, algorithm 1), with moments in float64:
 *
 *     m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
 *     w ← w − learningRate · m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε)
 *
 * Weight decay is part of g. Every step takes the parameters out of the engine and puts them back.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for an option out of its range.
 *
 * @example
 * ```ts
 * import { adam } from '@edjm/recipes';
 *
 * const optimizer = adam({ learningRate: 3e-4 });
 * ```
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const name = 'adam';
  const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  checkLearningRate(name, learningRate);
  for (const beta of [beta1, beta2]) {
    checkOption(name, beta >= 0 && beta < 1, `a beta from 0 up to 1, 1 excluded, got ${beta}`);
  }
  checkOption(name, epsilon > 0 && epsilon < Infinity, `an epsilon above 0, got ${epsilon}`);
  return {
    name,
    learningRate,
    options: { learningRate, beta1, beta2, epsilon },
    start: (network) => new AdamRun(network, { beta1, beta2, epsilon }),
  };
}

class AdamRun implements OptimizerRun {
  readonly #network: TrainableNetwork;
  readonly #options: Required<Omit<AdamOptions, 'learningRate'>>;
  #steps = 0;
  #moments: ReadonlyMap<string, Moments>;

  constructor(network: TrainableNetwork, options: Required<Omit<AdamOptions, 'learningRate'>>) {
    this.#network = network;
    this.#options = options;
    this.#moments = new Map(
      [...network.parameterShapes].map(([name, shape]) => {
        const size = valueCount(shape);
        return [name, { first: new Float64Array(size), second: new Float64Array(size) }];
      }),
    );
  }

  step: OptimizerRun['step'] = async (batch, targets, options) => {
    const { loss, parameters, gradients } = await totalGradients(this.#network, { batch, targets }, options);
    this.#steps++;
    const values = [...parameters].map(([name, parameter]) => {
      const change = this.#change(name, gradients.get(name) ?? new Float64Array(), options.learningRate);
      return [name, moved(parameter, change)] as const;
    });
    await this.#network.setParameters(new Map(values), true);
    return { loss };
  };

  state: OptimizerRun['state'] = async () => {
    const moments = [...this.#moments].flatMap(([name, { first, second }]) => {
      const shape = this.#network.parameterShapes.get(name) ?? [first.length];
      return [
        [`first.${name}`, { shape, data: first.slice() }],
        [`second.${name}`, { shape, data: second.slice() }],
      ] as const;
    });
    return new Map<string, ParameterValues>([
      [STEPS, { shape: [], data: Float64Array.of(this.#steps) }],
      ...moments,
    ]);
  };

  restore: OptimizerRun['restore'] = async (state) => {
    const values = (name: string): Float64Array => {
      const found = state.get(name);
      if (found) return new Float64Array(found.data);
      throw new EdjmError('INVALID_FILE', `adam: expected ${name} in the state, got none. Start anew.`);
    };
    const moments = [...this.#moments.keys()].map(
      (name) => [name, { first: values(`first.${name}`), second: values(`second.${name}`) }] as const,
    );
    this.#steps = values(STEPS)[0] ?? 0;
    this.#moments = new Map(moments);
  };

  /** Takes a gradient into the moments of a parameter, and says what each value changes by. */
  #change(name: string, gradient: Float64Array, learningRate: number): (index: number) => number {
    const { beta1, beta2, epsilon } = this.#options;
    const { first, second } = this.#moments.get(name) ?? { first: gradient, second: gradient };
    const firstWeight = 1 - beta1 ** this.#steps;
    const secondWeight = 1 - beta2 ** this.#steps;
    return (i) => {
      const g = gradient[i] as number;
      const m = beta1 * (first[i] as number) + (1 - beta1) * g;
      const v = beta2 * (second[i] as number) + (1 - beta2) * g * g;
      first[i] = m;
      second[i] = v;
      return (-learningRate * (m / firstWeight)) / (Math.sqrt(v / secondWeight) + epsilon);
    };
  }
}
