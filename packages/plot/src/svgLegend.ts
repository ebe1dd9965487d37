import * as Plot from '@observablehq/plot';
import { legendText } from './legendText.ts';
import type { SpectrumSeries } from './series.ts';
import { textWidth } from './textWidth.ts';
import type { ElementMaker, SvgElement } from './svgDocument.ts';

/** Stroke width of curves and of their samples in the legend. */
const CURVE_WIDTH = 1.75;

/** Okabe and Ito's colors that read on white, the ones that differ most in lightness first. */
const COLORS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'];
/** Curves that share a color differ in their dashes. */
const DASHES = ['none', '7 3', '2 3'];

const LEFT = 64;
const LINE_HEIGHT = 19;
const SAMPLE_WIDTH = 28;
const SAMPLE_GAP = 8;
const COLUMN_GAP = 24;
/** Wider than most letters at 12 pixels; text cannot be measured without a browser. */
const LETTER_WIDTH = 7;
/** Up to this many entries stand one below the other. */
const SINGLE_COLUMN = 4;

/** Ends of the sequential scale: lighter than that does not read on white. */
const LIGHTEST = 0.85;
const NULL_DASHES = '1.5 3';
const NULL_WIDTH = 1.25;

/** Color and dashes of a curve, and how wide it is. */
export interface CurveStyle {
  readonly color: string;
  readonly dashes: string;
  readonly width: number;
}

/** The styles of curves, in their order: in an order of their own from dark to light, others in colors that people who see colors in another way tell apart. */
export function curveStyles(series: readonly SpectrumSeries[], ordered = false): readonly CurveStyle[] {
  const count = series.filter(({ isNull = false }) => !isNull).length;
  const scale = Plot.scale({
    color: { type: 'linear', scheme: 'viridis', domain: [0, Math.max(1, count - 1) / LIGHTEST] },
  });
  const styleAt = (place: number): CurveStyle =>
    ordered
      ? { color: scale.apply(place) as string, dashes: 'none', width: CURVE_WIDTH }
      : { ...curveStyle(place), width: CURVE_WIDTH };
  let place = -1;
  return series.map(({ isNull = false }) => {
    if (!isNull) place += 1;
    // In the color of the curve that it belongs to.
    const style = styleAt(Math.max(0, place));
    return isNull ? { ...style, dashes: NULL_DASHES, width: NULL_WIDTH } : style;
  });
}

/** Color and dashes of curve `i` among others without an order. */
function curveStyle(i: number): { readonly color: string; readonly dashes: string } {
  return {
    color: COLORS[i % COLORS.length] as string,
    dashes: DASHES[Math.floor(i / COLORS.length) % DASHES.length] as string,
  };
}

/** Draws the legend, in as many columns as fit if there are many curves, and says how high it is. */
export function drawLegend(
  make: ElementMaker,
  series: readonly SpectrumSeries[],
  {
    top,
    width,
    ordered,
  }: { readonly top: number; readonly width: number; readonly ordered?: boolean | undefined },
): { readonly element: SvgElement; readonly height: number } {
  const room = Math.floor((width - LEFT - SAMPLE_WIDTH - SAMPLE_GAP) / LETTER_WIDTH);
  const texts = series.map((curve) => legendText(curve, room));
  const longest = Math.max(...texts.map(textWidth));
  const columnWidth = SAMPLE_WIDTH + SAMPLE_GAP + longest * LETTER_WIDTH + COLUMN_GAP;
  const columns = series.length <= SINGLE_COLUMN ? 1 : Math.max(1, Math.floor((width - LEFT) / columnWidth));
  const styles = curveStyles(series, ordered);
  const element = make('g', { 'aria-label': 'legend', 'text-anchor': 'start' });
  for (const [i, text] of texts.entries()) {
    const x1 = LEFT + (i % columns) * columnWidth;
    const x2 = x1 + SAMPLE_WIDTH;
    const y = top + (Math.floor(i / columns) + 0.5) * LINE_HEIGHT;
    const { color, dashes, width: strokeWidth } = styles[i] as CurveStyle;
    const stroke = { stroke: color, 'stroke-width': strokeWidth, 'stroke-dasharray': dashes };
    element.append(make('line', { x1, x2, y1: y, y2: y, ...stroke }));
    element.append(make('text', { x: x2 + SAMPLE_GAP, y, dy: '0.32em' }, text));
  }
  return { element, height: Math.ceil(series.length / columns) * LINE_HEIGHT };
}
