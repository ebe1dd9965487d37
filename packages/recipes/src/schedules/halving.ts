import { EdjmError } from '@edjm/core';
import type { Schedule } from './schedule.ts';

/** Options of {@link halving}. */
export interface HalvingOptions {
  /** Epochs in a row without a result better than all before. Defaults to 5. */
  readonly patience?: number | undefined;
  /** The factor of the rate, between 0 and 1. Defaults to 0.5. */
  readonly factor?: number | undefined;
  /** Training ends when the rate falls below this. Defaults to 0: it does not. */
  readonly least?: number | undefined;
}

/**
 * Multiplies the learning rate by `factor` each time that validation has found nothing better than before for `patience` epochs in a row,
 * counted anew after each time: the rule of Wang et al. (2016).
 *
 * @throws EdjmError `INVALID_ARGUMENT` for an option out of its range.
 *
 * @example
 * ```ts
 * import { halving } from '@edjm/recipes';
 *
 * const schedule = halving({ patience: 2 });
 * console.log(schedule.learningRate(0.1, [0.5, 0.4, 0.4])); // 0.1
 * console.log(schedule.learningRate(0.1, [0.5, 0.4, 0.4, 0.6])); // 0.05
 * ```
 */
export function halving(options: HalvingOptions = {}): Schedule {
  const { patience = 5, factor = 0.5, least = 0 } = options;
  check(Number.isInteger(patience) && patience >= 1, `a patience of 1 epoch or more, got ${patience}`);
  check(factor > 0 && factor < 1, `a factor between 0 and 1, got ${factor}`);
  check(least >= 0 && least < Infinity, `a least rate of 0 or more, got ${least}`);
  return {
    name: 'halving',
    options: { patience, factor, least },
    learningRate(first, results) {
      let [rate, best, waited] = [first, Infinity, 0];
      for (const result of results) {
        waited = result < best ? 0 : waited + 1;
        best = Math.min(best, result);
        if (waited < patience) continue;
        rate *= factor;
        waited = 0;
      }
      return rate < least ? undefined : rate;
    },
  };
}

function check(holds: boolean, expected: string): void {
  if (!holds) throw new EdjmError('INVALID_ARGUMENT', `halving: expected ${expected}. Give such a number.`);
}
