import { EdjmError } from '@edjm/core';

/** One curve: a normalized spectrum and what to call it. */
export interface SpectrumSeries {
  /** Name in the legend, such as a model's. */
  readonly label: string;
  /** Normalized singular values σ / max σ, descending from 1; zeros are allowed. */
  readonly values: ArrayLike<number>;
  /** The EDJM score, shown beside the label; nothing is shown if it is absent. */
  readonly score?: number;
  /** The smallest and the largest value at each index, such as over the outputs: drawn as a band behind the curve. */
  readonly band?: SpectrumBand | undefined;
  /** Whether it is what noise gives, which is drawn thin and dotted in the color of the curve before it. Defaults to false. */
  readonly isNull?: boolean;
}

/** The ends of a band, as long as the curve. */
export interface SpectrumBand {
  readonly low: ArrayLike<number>;
  readonly high: ArrayLike<number>;
}

/** The largest values, which a score adds up. */
export interface SpectrumRegion {
  /** How many: indices 1 to that are shaded. */
  readonly count: number;
  /** Text at its edge, such as `'ε'`. */
  readonly label?: string;
}

/** How the axes of a spectrum are divided; the same for pictures and for terminal text. */
export interface SpectrumAxes {
  /** Scale of the index; defaults to `'linear'`. */
  readonly xScale?: 'linear' | 'log';
  /** Scale of the singular values; defaults to `'log'`. */
  readonly yScale?: 'linear' | 'log';
  /**
   * Lower end of a logarithmic axis of values, above 0 and below 1. A curve ends where it falls below. Defaults to the
   * power of ten below the smallest value drawn, but to no less than 1e-4.
   */
  readonly floor?: number;
  /** Upper end of a linear axis of values, above 0 and up to 1, where curves are cut; defaults to 1. */
  readonly ceiling?: number;
  /** The values that the score adds up, shaded; defaults to none. */
  readonly region?: SpectrumRegion | undefined;
  /** Whether the series have an order, such as epochs or depth: colors then go from dark to light. Defaults to false. */
  readonly ordered?: boolean | undefined;
  /** Title above the figure; defaults to none. */
  readonly title?: string;
  /** Title of the axis of values; defaults to `'σ / max σ (mean over outputs)'`. */
  readonly yLabel?: string;
}

/** Title of the index axis. */
export const X_LABEL = 'index of singular value';
/** Default title of the axis of values. */
export const Y_LABEL = 'σ / max σ (mean over outputs)';

// Averages of normalized spectra may exceed 1 by a rounding error.
const LARGEST_VALUE = 1 + 1e-9;

/**
 * Refuses series that cannot be drawn.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for no series, no values, or values outside 0 to 1.
 */
export function checkSeries(series: readonly SpectrumSeries[]): void {
  if (series.length === 0) {
    throw new EdjmError('INVALID_ARGUMENT', 'expected at least one spectrum to draw, got none.');
  }
  for (const { label, values } of series) {
    if (values.length === 0) {
      throw new EdjmError('INVALID_ARGUMENT', `'${label}': expected singular values to draw, got none.`);
    }
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (!(value >= 0 && value <= LARGEST_VALUE)) {
        throw new EdjmError(
          'INVALID_ARGUMENT',
          `'${label}': expected normalized singular values from 0 to 1, got ${value} at index ${i}. Divide by the largest.`,
        );
      }
    }
  }
}

/** A label on one line: what would move a terminal's cursor, break a line or not be allowed in XML becomes a space. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Noncharacter_Code_Point}]+/gu, ' ').trim();
}
