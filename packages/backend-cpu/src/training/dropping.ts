import type { Dropout } from '@edjm/core';
import { dropoutMask } from '@edjm/network';
import { diagonal, type LayerFunction, sequence } from '../layerFunction.ts';

/** Dropout of so many values at the next place of a network. */
export type Drop = (values: number) => LayerFunction;

/** The places of a network at which values are dropped: the inputs are the first, each hidden activation is one more. */
export function dropping({ input = 0, hidden = 0, seed }: Dropout = { seed: 0 }): {
  readonly input: Drop;
  readonly hidden: Drop;
} {
  let place = 0;
  const drop =
    (rate: number): Drop =>
    (values) => {
      place++;
      if (rate === 0) return sequence([]);
      const factors = diagonal(Float64Array.from(dropoutMask(values, { rate, seed, place })));
      return (x) => ({ y: factors.jvp(x), ...factors });
    };
  return { input: drop(input), hidden: drop(hidden) };
}
