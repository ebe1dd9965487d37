import { checkSeries, oneLine, type SpectrumSeries } from './series.ts';
import { spectrumElement, type SvgOptions } from './spectrumSvg.ts';
import { elementMaker, serialize, setAttributes, svgDocument, type SvgElement } from './svgDocument.ts';
import { drawLegend } from './svgLegend.ts';
import { wrappedWords } from './textWidth.ts';

/** Options of `spectrumFigure`. */
export interface FigureOptions extends Pick<
  SvgOptions,
  'width' | 'height' | 'background' | 'document' | 'title' | 'yLabel' | 'floor' | 'region' | 'ordered'
> {
  /** Text below the figure, such as the data and the method; defaults to none. */
  readonly caption?: string | undefined;
}

const INK = '#222222';
const TOP = 12;
const TITLE_HEIGHT = 26;
const GAP = 8;
const CAPTION_LINE = 16;
/** About as wide as a letter of the caption at 11 pixels. */
const CAPTION_LETTER = 5.6;
const LEFT = 64;

/**
 * Draws normalized spectra as a figure in SVG of two panels: on the left the steep start, on a linear axis of values against a logarithmic index, with what the score adds up shaded; on the right the whole
 * spectrum, on a logarithmic axis of values, up to where the last curve falls below the floor.
 *
 * The same input gives the same text, byte by byte.
 *
 * @throws EdjmError as `spectrumSvg`.
 *
 * @example
 * ```ts
 * import { spectrumFigure } from '@edjm/plot';
 *
 * const svg = spectrumFigure([{ label: '2 × 120', values: [1, 0.3, 0.05, 0.002] }], { region: { count: 2, label: 'ε' } });
 * console.log(svg.startsWith('<svg')); // true
 * ```
 */
export function spectrumFigure(series: readonly SpectrumSeries[], options: FigureOptions = {}): string {
  checkSeries(series);
  const { title, caption, ...drawing } = options;
  const { width = 900, height = 300, background = 'white', ordered } = drawing;
  const document = svgDocument(options.document);
  const make = elementMaker(document);
  const legendTop = TOP + (title === undefined ? 0 : TITLE_HEIGHT);
  const { element: legend, height: legendHeight } = drawLegend(make, series, {
    top: legendTop,
    width,
    ordered,
  });
  const panelTop = legendTop + legendHeight + GAP;
  const panelWidth = Math.floor((width - GAP) / 2);
  const shared = { ...drawing, width: panelWidth, height, legend: false, background: 'none' };
  const panels = [
    spectrumElement(series, { ...shared, xScale: 'log', yScale: 'linear' }),
    spectrumElement(series, {
      ...shared,
      region: options.region && { count: options.region.count },
      yLabel: '',
    }),
  ];
  const panelHeight = Math.max(...panels.map((panel) => Number(panel.getAttribute('height'))));
  const lines =
    caption === undefined
      ? []
      : wrappedWords(oneLine(caption), Math.floor((width - 2 * LEFT) / CAPTION_LETTER));
  const total = panelTop + panelHeight + lines.length * CAPTION_LINE + (lines.length > 0 ? GAP : 0);

  const svg: SvgElement = make('svg', {
    class: 'edjm-spectrum',
    role: 'img',
    'aria-label': `Normalized spectra of ${series.map(({ label }) => oneLine(label)).join(', ')}`,
    width,
    height: total,
    viewBox: `0 0 ${width} ${total}`,
    fill: 'currentColor',
    'font-family': 'Helvetica, Arial, sans-serif',
    'font-size': 12,
    'text-anchor': 'middle',
  });
  if (background !== 'none') {
    setAttributes(svg, { color: INK });
    svg.append(make('rect', { width: '100%', height: '100%', fill: background }));
  }
  if (title !== undefined) {
    svg.append(
      make('text', { x: width / 2, y: TOP + 10, 'font-size': 15, 'font-weight': 'bold' }, oneLine(title)),
    );
  }
  svg.append(legend);
  for (const [i, panel] of panels.entries()) {
    for (const name of ['class', 'role', 'aria-label']) panel.removeAttribute(name);
    setAttributes(panel, { x: i * (panelWidth + GAP), y: panelTop });
    svg.append(panel);
  }
  for (const [i, line] of lines.entries()) {
    const y = panelTop + panelHeight + GAP + i * CAPTION_LINE;
    svg.append(
      make('text', { x: LEFT, y, 'font-size': 11, 'text-anchor': 'start', 'fill-opacity': 0.8 }, line),
    );
  }
  return serialize(svg);
}
