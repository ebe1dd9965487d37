import { EdjmError } from '@edjm/core';
import * as Plot from '@observablehq/plot';
import {
  type Axis,
  curvePoints,
  indexAxis,
  minorTicks,
  tickLabel,
  valueAxis,
  type CurvePoint,
} from './axes.ts';
import { type CurveStyle, curveStyles, drawLegend } from './svgLegend.ts';
import {
  checkSeries,
  oneLine,
  X_LABEL,
  Y_LABEL,
  type SpectrumAxes,
  type SpectrumRegion,
  type SpectrumSeries,
} from './series.ts';
import {
  elementMaker,
  serialize,
  setAttributes,
  svgDocument,
  type SvgDocument,
  type SvgElement,
} from './svgDocument.ts';

/** Options of `spectrumSvg`. */
export interface SvgOptions extends SpectrumAxes {
  /** Whether the legend is drawn; defaults to true. */
  readonly legend?: boolean;
  /** Width in pixels, at least 150; defaults to 640. */
  readonly width?: number;
  /** Height in pixels of the axes; title, legend and labels come on top of it. At least 150; defaults to 360. */
  readonly height?: number;
  /**
   * Color behind the figure; defaults to `'white'`, which reads on light and dark pages alike. With `'none'` axes and
   * text take the color of the page's text, for figures inside HTML.
   */
  readonly background?: string;
  /** The document whose implementation makes the elements; defaults to linkedom's, also in browsers. */
  readonly document?: SvgDocument;
}

const MIN_SIZE = 150;
const INK = '#222222';
const MARGIN = { top: 16, right: 20, bottom: 48, left: 64 };
const TITLE_HEIGHT = 26;
const LEGEND_GAP = 6;
const DOT_RADIUS = 2.5;
/** Up to this many points each gets a mark: a curve of one value has no line. */
const SHORT_CURVE = 40;
const GRID = { stroke: 'currentColor', strokeOpacity: 0.13 };
const TICKS = { labelAnchor: 'center', labelArrow: 'none', tickSize: 5 } as const;
const MINOR_TICKS = { tickSize: 3, stroke: 'currentColor', strokeOpacity: 0.6, fill: 'none', label: null };

/**
 * Draws normalized spectra, one curve each, as a figure in SVG: index of the singular value against σ / max σ.
 *
 * The same input gives the same text, byte by byte. A curve ends where it falls below a logarithmic axis of values.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for no series, no values, values outside 0 to 1, a floor outside of that, or too
 * small a size.
 *
 * Colors: M. Okabe and K. Ito, Color Universal Design, 2008.
 *
 * @example
 * ```ts
 * import { spectrumSvg } from '@edjm/plot';
 *
 * const svg = spectrumSvg([{ label: '2 × 120', values: [1, 0.3, 0.05, 0.002], score: 5.49 }]);
 * console.log(svg.startsWith('<svg')); // true
 * ```
 */
export function spectrumSvg(series: readonly SpectrumSeries[], options: SvgOptions = {}): string {
  return serialize(spectrumElement(series, options));
}

/** As {@link spectrumSvg}, as an element that may become part of another figure. */
export function spectrumElement(series: readonly SpectrumSeries[], options: SvgOptions = {}): SvgElement {
  checkSeries(series);
  const { width = 640, height = 360, background = 'white', title, yLabel = Y_LABEL } = options;
  const { legend: hasLegend = true } = options;
  for (const [name, size] of Object.entries({ width, height })) checkSize(name, size);
  const document = svgDocument(options.document);
  const make = elementMaker(document);
  const legendTop = MARGIN.top + (title === undefined ? 0 : TITLE_HEIGHT);
  const drawn = drawLegend(make, series, { top: legendTop, width, ordered: options.ordered });
  const { element: legend, height: legendHeight } = hasLegend ? drawn : { element: undefined, height: 0 };
  const axesTop = legendTop + legendHeight + LEGEND_GAP;
  const y = valueAxis(series, options);
  const x = indexAxis(series, options, y);
  const styles = curveStyles(series, options.ordered);

  const svg = Plot.plot({
    document,
    width,
    height: axesTop + height + MARGIN.bottom,
    marginTop: axesTop,
    marginRight: MARGIN.right,
    marginBottom: MARGIN.bottom,
    marginLeft: MARGIN.left,
    x: { type: x.scale, domain: [x.min, x.max] },
    y: { type: y.scale, domain: [y.min, y.max] },
    marks: [
      Plot.gridX(x.ticks, GRID),
      Plot.gridY(y.ticks, GRID),
      Plot.axisX(minorTicks(x), MINOR_TICKS),
      Plot.axisY(minorTicks(y), MINOR_TICKS),
      Plot.axisX(x.ticks, {
        ...TICKS,
        tickFormat: (tick: number) => tickLabel(x, tick),
        label: X_LABEL,
        labelOffset: 40,
      }),
      Plot.axisY(y.ticks, {
        ...TICKS,
        tickFormat: (tick: number) => tickLabel(y, tick),
        label: oneLine(yLabel),
        labelOffset: 52,
      }),
      Plot.frame({ stroke: 'currentColor', strokeOpacity: 0.6 }),
      drawRegion(options.region, { x, y }),
      series.map((one, i) => drawBand(one, styles[i] as CurveStyle, { x, y, width })),
      series.map(({ values }, i) => drawCurve(curvePoints(values, { x, y }, width), styles[i] as CurveStyle)),
    ],
  }) as SvgElement;

  for (const style of svg.querySelectorAll('style')) style.remove();
  setAttributes(svg, {
    class: 'edjm-spectrum',
    role: 'img',
    'aria-label': `Normalized spectra of ${series.map(({ label }) => oneLine(label)).join(', ')}`,
    'font-family': 'Helvetica, Arial, sans-serif',
    'font-size': 12,
  });
  if (background !== 'none') {
    setAttributes(svg, { color: INK });
    svg.prepend(make('rect', { width: '100%', height: '100%', fill: background }));
  }
  if (title !== undefined) {
    const center = (MARGIN.left + width - MARGIN.right) / 2;
    const font = { 'font-size': 15, 'font-weight': 'bold' };
    svg.append(make('text', { x: center, y: MARGIN.top + 10, ...font }, oneLine(title)));
  }
  if (legend) svg.append(legend);
  return svg;
}

function checkSize(name: string, size: number): void {
  if (Number.isFinite(size) && size >= MIN_SIZE) return;
  throw new EdjmError('INVALID_ARGUMENT', `expected a ${name} of at least ${MIN_SIZE} pixels, got ${size}.`);
}

/** The values that the score adds up, shaded, with a line at their end. */
function drawRegion(
  region: SpectrumRegion | undefined,
  { x, y }: { readonly x: Axis; readonly y: Axis },
): Plot.Markish {
  if (region === undefined || region.count < 1) return null;
  const end = Math.min(x.max, region.count);
  const area = { x1: x.min, x2: end, y1: y.min, y2: y.max };
  return [
    Plot.rect([area], {
      x1: 'x1',
      x2: 'x2',
      y1: 'y1',
      y2: 'y2',
      fill: 'currentColor',
      fillOpacity: 0.06,
    }),
    Plot.ruleX([end], {
      stroke: 'currentColor',
      strokeOpacity: 0.45,
      strokeDasharray: '4 3',
    }),
    ...(region.label === undefined
      ? []
      : [
          Plot.text([oneLine(region.label)], {
            x: end,
            y: y.max,
            text: (label: string) => label,
            dx: 5,
            dy: 9,
            textAnchor: 'start',
            fillOpacity: 0.75,
          }),
        ]),
  ];
}

/** The range over the outputs, behind the curve. */
function drawBand(
  { band }: SpectrumSeries,
  { color }: CurveStyle,
  { x, y, width }: { readonly x: Axis; readonly y: Axis; readonly width: number },
): Plot.Markish {
  if (band === undefined) return null;
  const high = curvePoints(band.high, { x, y }, width);
  const points = high.map(({ index, value }) => ({
    index,
    high: value,
    low: Math.max(y.min, Math.min(y.max, band.low[index - 1] ?? 0)),
  }));
  return Plot.area(points, {
    x1: 'index',
    y1: 'low',
    y2: 'high',
    fill: color,
    fillOpacity: 0.16,
  });
}

function drawCurve(points: readonly CurvePoint[], { color, dashes, width }: CurveStyle): Plot.Markish {
  const position = { x: 'index', y: 'value' };
  const line = Plot.line(points, {
    ...position,
    stroke: color,
    strokeWidth: width,
    strokeDasharray: dashes,
  });
  if (points.length > SHORT_CURVE) return line;
  const marked = points.filter(({ below }) => !below);
  return [line, Plot.dot(marked, { ...position, r: DOT_RADIUS, fill: color })];
}
