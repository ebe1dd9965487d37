import type { CompleteStepOptions, ParameterValues } from '@edjm/core';
import type { Tensor } from '@edjm/network';

/** The state of a descent: the parameters and their velocities, by name. */
export interface Descent {
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Missing entries are 0. */
  readonly velocities: ReadonlyMap<string, ParameterValues>;
}

/**
 * The state after one step, by the rule of `step` of `TrainableNetwork`: g = ∂L/∂w + weightDecay · w + addedGradients,
 * v ← momentum · v − learningRate · g, and w ← w + v, or w + momentum · v − learningRate · g with Nesterov's momentum.
 *
 * @param gradients - ∂L/∂w.
 */
export function descended(
  { parameters, velocities }: Descent,
  gradients: ReadonlyMap<string, Float64Array>,
  options: CompleteStepOptions,
): Descent {
  const { learningRate, momentum, nesterov, weightDecay, addedGradients } = options;
  const next = { parameters: new Map<string, Tensor>(), velocities: new Map<string, ParameterValues>() };
  for (const [name, { shape, data }] of parameters) {
    const gradient = gradients.get(name);
    const added = addedGradients?.get(name);
    const before = velocities.get(name)?.data;
    const decay = shape.length >= 2 ? weightDecay : 0;
    const weights = Float64Array.from(data);
    const changes = weights.map(
      (w, i) => -learningRate * ((gradient?.[i] ?? 0) + decay * w + (added?.[i] ?? 0)),
    );
    const velocity = changes.map((change, i) => momentum * (before?.[i] ?? 0) + change);
    const moves = nesterov ? velocity.map((v, i) => momentum * v + (changes[i] as number)) : velocity;
    next.velocities.set(name, { shape, data: velocity });
    next.parameters.set(name, { shape, data: weights.map((w, i) => w + (moves[i] as number)) });
  }
  return next;
}
