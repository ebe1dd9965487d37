import { EdjmError } from '@edjm/core';

/** The targets of a student: soft labels at a temperature, and the true classes. */
export interface MixtureOptions {
  /** T, a number above 0: the larger, the softer the labels. */
  readonly temperature: number;
  /** α, from 0 up to 1: the weight of the true classes beside the teacher's labels. Defaults to 0. */
  readonly hardWeight?: number;
}

/** The two numbers, checked. @throws EdjmError `INVALID_ARGUMENT`. */
export function completeMixture({ temperature, hardWeight = 0 }: MixtureOptions): Required<MixtureOptions> {
  if (!(temperature > 0 && temperature < Infinity)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a temperature above 0, got ${temperature}. Give such a number.`,
    );
  }
  if (!(hardWeight >= 0 && hardWeight <= 1)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a hardWeight from 0 up to 1, got ${hardWeight}. Give such a number.`,
    );
  }
  return { temperature, hardWeight };
}

/**
 * The parts of teacher and classes in the targets t = softPart · q + hardPart · y, which are 1 in sum, and the factor (1 − α) T + α that
 * has been taken out of them.
 */
export function mixtureParts({ temperature, hardWeight }: Required<MixtureOptions>): {
  readonly softPart: number;
  readonly hardPart: number;
  readonly factor: number;
} {
  const soft = (1 - hardWeight) * temperature;
  const factor = soft + hardWeight;
  return { softPart: soft / factor, hardPart: hardWeight / factor, factor };
}
