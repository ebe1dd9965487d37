import { EdjmError } from '@edjm/core';
import type { SpectrumAxes, SpectrumSeries } from './series.ts';

/** Ends and ticks of an axis, and where its numbers go. */
export interface Axis {
  readonly scale: 'linear' | 'log';
  readonly min: number;
  readonly max: number;
  /** Numbers that get a label. */
  readonly ticks: readonly number[];
}

/** A point of a curve: the index of a singular value, counted from 1, and the value. */
export interface CurvePoint {
  readonly index: number;
  readonly value: number;
  /** Whether the value lies below the axis and is drawn at its lower end. */
  readonly below: boolean;
}

const LOWEST_DEFAULT_FLOOR = 1e-4;
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const TICK_STEPS = [1, 2, 2.5, 5, 10];
const MAX_DECADES = 8;

/** An axis goes on a little behind the last value above the floor. */
const MARGIN = 1.04;

/** The axis of indices: from 1 to the length of the longest spectrum, or to where the last curve falls below the axis of values. */
export function indexAxis(
  series: readonly SpectrumSeries[],
  { xScale = 'linear' }: SpectrumAxes,
  y: Axis,
): Axis {
  const longest = Math.max(...series.map(({ values }) => values.length));
  const visible = Math.max(...series.map(({ values }) => visibleCount(values, y.min)));
  const end = y.scale === 'log' ? Math.min(longest, Math.ceil(visible * MARGIN)) : longest;
  const max = Math.max(end, 2); // An axis needs two ends.
  return {
    scale: xScale,
    min: 1,
    max,
    ticks: xScale === 'log' ? powersOfTen(1, max) : [...new Set([1, ...evenTicks(max)])],
  };
}

/**
 * The axis of values: from the floor, or from 0 if it is linear, to 1.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for a floor that is not between 0 and 1.
 */
export function valueAxis(
  series: readonly SpectrumSeries[],
  { yScale = 'log', floor, ceiling = 1 }: SpectrumAxes,
): Axis {
  if (yScale === 'linear') {
    if (!(ceiling > 0 && ceiling <= 1)) {
      throw new EdjmError(
        'INVALID_ARGUMENT',
        `expected a ceiling above 0 and up to 1, got ${ceiling}. Try 0.25.`,
      );
    }
    return {
      scale: 'linear',
      min: 0,
      max: ceiling,
      ticks: [0, 1, 2, 3, 4, 5].map((i) => round((i * ceiling) / 5)),
    };
  }
  if (floor !== undefined && !(floor > 0 && floor < 1)) {
    throw new EdjmError('INVALID_ARGUMENT', `expected a floor above 0 and below 1, got ${floor}. Try 1e-4.`);
  }
  const min = floor ?? Math.max(LOWEST_DEFAULT_FLOOR, decadeBelow(smallestPositive(series)));
  return { scale: 'log', min, max: 1, ticks: everyFew(powersOfTen(min, 1)) };
}

/**
 * The points of a curve, no more than the axis of indices can show apart, up to the first value below the axis of
 * values; that one is drawn at its lower end.
 */
export function curvePoints(
  values: ArrayLike<number>,
  axes: { x: Axis; y: Axis },
  resolution: number,
): readonly CurvePoint[] {
  const { x, y } = axes;
  const points: CurvePoint[] = [];
  let last = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    const below = value < y.min;
    const position = Math.round(fraction(x, i + 1) * resolution);
    if (position > last || below || i === values.length - 1) {
      points.push({ index: i + 1, value: Math.min(y.max, Math.max(y.min, value)), below });
    }
    if (below) break;
    last = position;
  }
  return points;
}

/** Where a number lies on an axis: 0 at its lower end, 1 at its upper end. */
export function fraction({ scale, min, max }: Axis, number: number): number {
  return scale === 'linear' ? (number - min) / (max - min) : Math.log(number / min) / Math.log(max / min);
}

/** The label of a tick: 1, 10⁻¹, 10⁻² … below 1 on a logarithmic axis, plain digits everywhere else. */
export function tickLabel({ scale }: Axis, tick: number): string {
  if (scale === 'linear' || tick >= 1) return String(tick);
  const exponent = String(Math.round(-Math.log10(tick)));
  return `10⁻${exponent.replaceAll(/\d/g, (digit) => SUPERSCRIPTS.charAt(Number(digit)))}`;
}

/**
 * Ticks without a label between those of a logarithmic axis: 2, 3, … 9 times each power of ten, or the powers themselves
 * if there are many.
 */
export function minorTicks({ scale, min, max }: Axis): readonly number[] {
  if (scale === 'linear') return [];
  const powers = powersOfTen(min / 10, max);
  const factors = powers.length > MAX_DECADES + 2 ? [1] : [2, 3, 4, 5, 6, 7, 8, 9];
  return powers
    .flatMap((power) => factors.map((factor) => factor * power))
    .filter((tick) => tick > min && tick < max);
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}

/** How many values stand at or above the lower end of an axis, and one more that falls below. */
function visibleCount(values: ArrayLike<number>, min: number): number {
  for (let i = 0; i < values.length; i++) if ((values[i] as number) < min) return i + 1;
  return values.length;
}

/** No more ticks than can be read, the last one among them. */
function everyFew(ticks: readonly number[]): readonly number[] {
  const step = Math.ceil(ticks.length / (MAX_DECADES + 1));
  return ticks.filter((_, i) => (ticks.length - 1 - i) % step === 0);
}

function powersOfTen(min: number, max: number): readonly number[] {
  const first = Math.ceil(Math.log10(min) - 1e-9);
  const last = Math.floor(Math.log10(max) + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(`1e${first + i}`));
}

/** Multiples of a round step, four to eight of them, up to `max`. */
function evenTicks(max: number): readonly number[] {
  const power = 10 ** Math.floor(Math.log10(max / 4));
  const step =
    TICK_STEPS.map((factor) => factor * power).findLast(
      (size) => size <= max / 4 && Number.isInteger(size),
    ) ?? 1;
  return Array.from({ length: Math.floor(max / step) }, (_, i) => (i + 1) * step);
}

function decadeBelow(value: number): number {
  return Number(`1e${Math.ceil(Math.log10(value) - 1e-9) - 1}`);
}

function smallestPositive(series: readonly SpectrumSeries[]): number {
  let smallest = 1;
  for (const { values } of series) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (value > 0 && value < smallest) smallest = value;
    }
  }
  return smallest;
}
