import { EdjmError } from '@edjm/core';
import { plot } from 'simple-ascii-chart';
import { curvePoints, fraction, indexAxis, tickLabel, valueAxis, type Axis } from './axes.ts';
import { heading, TERMINAL_COLORS } from './ansi.ts';
import { legendText } from './legendText.ts';
import { center, fit } from './textWidth.ts';
import { checkSeries, oneLine, X_LABEL, Y_LABEL, type SpectrumAxes, type SpectrumSeries } from './series.ts';

/** Options of `spectrumText`. */
export interface TextOptions extends SpectrumAxes {
  /** Characters in a line, at least 30; defaults to 80. */
  readonly width?: number;
  /** Lines that the axes take, at least 5; defaults to 20. */
  readonly height?: number;
  /** Whether to color the curves with ANSI sequences; defaults to false. */
  readonly color?: boolean;
}

const MARKS = ['●', '▲', '■', '◆', '○', '△', '□', '◇'];
const MIN_WIDTH = 30;
const MIN_HEIGHT = 5;
/** The margins that the chart library puts beside and above the plotted area. */
const LIBRARY_COLUMNS = 3;
const AXIS_SYMBOLS = { n: '│', e: '─' };

/**
 * Draws normalized spectra as text for a terminal, a mark for each curve: index of the singular value against σ / max σ.
 *
 * No line is longer than `width`. A curve ends where it falls below a logarithmic axis of values.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for no series, no values, values outside 0 to 1, a floor outside of that, or too
 * small a size.
 *
 * @example
 * ```ts
 * import { spectrumText } from '@edjm/plot';
 *
 * console.log(spectrumText([{ label: '2 × 120', values: [1, 0.3, 0.05, 0.002], score: 5.49 }], { width: 60 }));
 * ```
 */
export function spectrumText(series: readonly SpectrumSeries[], options: TextOptions = {}): string {
  checkSeries(series);
  const { color = false, title, yLabel = Y_LABEL } = options;
  const width = atLeast(MIN_WIDTH, options.width ?? 80, 'width');
  const height = atLeast(MIN_HEIGHT, options.height ?? 20, 'height');
  const y = valueAxis(series, options);
  const axes = { x: indexAxis(series, options, y), y };
  const marks = series.map((_, i) => markOf(i, color));
  const legend = series.map((curve, i) => `${marks[i] ?? ''} ${legendText(curve, width - 2)}`);
  return [
    ...(title === undefined ? [] : [center(heading(fit(oneLine(title), width), color), width)]),
    fit(oneLine(yLabel), width),
    ...drawChart(series, marks, { axes, width, height }),
    center(X_LABEL, width),
    ...legend,
  ].join('\n');
}

interface Canvas {
  readonly axes: { readonly x: Axis; readonly y: Axis };
  readonly width: number;
  readonly height: number;
}

type Position = [right: number, up: number];

function drawChart(
  series: readonly SpectrumSeries[],
  marks: readonly string[],
  { axes, width, height }: Canvas,
): string[] {
  const { x, y } = axes;
  const labelWidth = Math.max(...y.ticks.map((tick) => tickLabel(y, tick).length));
  const columns = width - labelWidth - LIBRARY_COLUMNS;
  const curves = series.map(({ values }) => {
    const points = curvePoints(values, axes, columns - 1);
    const positions = points.map(({ index, value }): Position => [fraction(x, index), fraction(y, value)]);
    return connected(positions, columns, height);
  });
  // The last curve shows the library the ends of the axes; it is not drawn.
  const frame: Position[] = [
    [0, 0],
    [1, 1],
  ];
  let curve = -1;
  const chart = plot([...curves, frame], {
    width: columns,
    height,
    customXAxisTicks: readableTicks(x, columns).map((tick) => fraction(x, tick)),
    customYAxisTicks: y.ticks.map((tick) => fraction(y, tick)),
    symbols: { axis: AXIS_SYMBOLS },
    formatter: (position, { axis }) =>
      axis === 'x' ? labelAt(x, position) : labelAt(y, position).padStart(labelWidth),
    lineFormatter: ({ index, plotX, plotY }) => {
      // Curves come one after the other, each from its first point on; nothing else tells them apart.
      if (index === 0) curve++;
      const symbol = marks[curve];
      return symbol === undefined ? [] : { x: plotX, y: plotY, symbol };
    },
  });
  return chart
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}

/** Points and, between them, as many more as it takes to leave no gap in the grid of characters. */
function connected(points: readonly Position[], columns: number, rows: number): Position[] {
  return points.flatMap(([right, up], i) => {
    const [nextRight, nextUp] = points[i + 1] ?? [right, up];
    const steps = Math.max(
      1,
      Math.ceil(Math.max((nextRight - right) * columns, Math.abs(nextUp - up) * rows)),
    );
    return Array.from({ length: steps }, (_, step): Position => [
      right + ((nextRight - right) * step) / steps,
      up + ((nextUp - up) * step) / steps,
    ]);
  });
}

/** The ticks whose labels, centered below them, do not touch. */
function readableTicks(axis: Axis, columns: number): readonly number[] {
  let free = 0;
  return axis.ticks.filter((tick) => {
    const label = tickLabel(axis, tick);
    const start = Math.round(fraction(axis, tick) * (columns - 1)) - Math.floor(label.length / 2);
    if (start < free && tick !== axis.min) return false;
    free = start + label.length + 1;
    return true;
  });
}

function labelAt(axis: Axis, position: number): string {
  const tick = axis.ticks.find((candidate) => Math.abs(fraction(axis, candidate) - position) < 1e-9);
  return tick === undefined ? '' : tickLabel(axis, tick);
}

function markOf(i: number, color: boolean): string {
  const mark = MARKS[i % MARKS.length] as string;
  return color ? (TERMINAL_COLORS[i % TERMINAL_COLORS.length]?.(mark) ?? mark) : mark;
}

function atLeast(smallest: number, value: number, name: string): number {
  if (Number.isInteger(value) && value >= smallest) return value;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `expected a whole number from ${smallest} up as ${name}, got ${value}.`,
  );
}
