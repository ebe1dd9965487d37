import { EdjmError } from '@edjm/core';
import type { ElementType } from '../formats/elementType.ts';

/** How stored numbers x become inputs: (x · scale − mean) / std. */
export interface TransformOptions {
  /** Factor; defaults to 1/255 for unsigned bytes and to 1 for all other types. */
  readonly scale?: number | undefined;
  /** Subtracted after scaling; defaults to 0. */
  readonly mean?: number | undefined;
  /** Divisor, not 0; defaults to 1. */
  readonly std?: number | undefined;
}

/** The transform with its defaults settled. */
export interface ValueTransform {
  readonly scale: number;
  readonly mean: number;
  readonly std: number;
  /** The formula, such as `'(x / 255 - 0.1307) / 0.3081'`; absent if numbers stay as they are. */
  readonly formula?: string;
}

/**
 * Settles the transform for a type of elements.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for a number that is not finite, for a `scale` of 0, which would make all samples the same, and for
 * a `std` of 0.
 */
export function valueTransform(element: ElementType, options: TransformOptions): ValueTransform {
  const isByte = element.kind === 'u1';
  const { scale = isByte ? 1 / 255 : 1, mean = 0, std = 1 } = options;
  for (const [key, value] of Object.entries({ scale, mean, std })) {
    const isFactor = key !== 'mean';
    if (Number.isFinite(value) && !(isFactor && value === 0)) continue;
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a finite number${isFactor ? ' other than 0' : ''} as the option '${key}', got ${value}. Give another, or leave it out.`,
    );
  }
  const scaled = scale === 1 ? 'x' : isByte && scale === 1 / 255 ? 'x / 255' : `x * ${scale}`;
  const shifted = mean === 0 ? scaled : `${scaled} ${mean < 0 ? '+' : '-'} ${Math.abs(mean)}`;
  const bracketed = std === 1 || shifted === 'x' ? shifted : `(${shifted})`;
  const formula = std === 1 ? bracketed : `${bracketed} / ${std}`;
  return { scale, mean, std, ...(formula === 'x' ? {} : { formula }) };
}
