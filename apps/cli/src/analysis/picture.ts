import type { Report } from '@edjm/core';
import type { FigureOptions, SpectrumBand, SpectrumRegion, SpectrumSeries } from '@edjm/plot';

/** The forms of the picture: two panels, or one on linear axes, as in the paper. */
export const pictureStyles = ['panels', 'paper'] as const;

/** A form of the picture. */
export type PictureStyle = (typeof pictureStyles)[number];

/** The metric that legends show. */
const SCORE = 'edjm-score';

/** The upper end of the axis of values in the paper's figures. */
const PAPER_CEILING = 0.25;

/** Bands of more models hide each other. */
const MOST_BANDS = 3;

/** The spectra of reports as curves. */
export function seriesOf(reports: readonly Report[]): SpectrumSeries[] {
  return reports.map(({ model, normalizedSpectrum, metrics }) => ({
    label: model.name,
    values: normalizedSpectrum,
    ...(metrics[SCORE] && { score: metrics[SCORE].value }),
  }));
}

/** How a picture is drawn. */
export interface PictureOptions {
  /** Defaults to `'panels'`. */
  readonly style?: PictureStyle | undefined;
  readonly title?: string | undefined;
  /** With a scale of either axis, the picture has one panel. Defaults to two panels. */
  readonly xScale?: 'linear' | 'log' | undefined;
  readonly yScale?: 'linear' | 'log' | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** The picture of reports as SVG. The plotting library is larger than the rest of the command. */
export async function pictureOf(reports: readonly Report[], options: PictureOptions = {}): Promise<string> {
  const hasBands = reports.length <= MOST_BANDS && options.style !== 'paper';
  const series = reports.flatMap((report) => [
    ...seriesOf([report]).map((one) => ({ ...one, band: hasBands ? bandOf(report) : undefined })),
    ...(options.style === 'paper' ? [] : nullSeries(report)),
  ]);
  const ordered = areOrdered(reports.map(({ model }) => model.name));
  return drawn(series, options, { ordered, region: regionOf(reports), caption: captionOf(reports) });
}

/** Curves as SVG, in the form that is asked for. */
export async function drawn(
  series: readonly SpectrumSeries[],
  { style = 'panels', title, xScale, yScale, width, height }: PictureOptions,
  { ordered, region, caption }: Pick<FigureOptions, 'ordered' | 'region' | 'caption'>,
): Promise<string> {
  const { spectrumFigure, spectrumSvg } = await import('@edjm/plot');
  const shared = {
    ordered,
    ...(title !== undefined && { title }),
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
  };
  if (style === 'paper') {
    return spectrumSvg(series, {
      ...shared,
      yScale: yScale ?? 'linear',
      xScale: xScale ?? 'linear',
      ceiling: PAPER_CEILING,
    });
  }
  if (xScale === undefined && yScale === undefined)
    return spectrumFigure(series, { ...shared, region, caption });
  return spectrumSvg(series, { ...shared, region, xScale: xScale ?? 'linear', yScale: yScale ?? 'log' });
}

/** The smallest and the largest normalized value over the outputs, index by index. */
function bandOf({ outputs, normalizedSpectrum }: Report): SpectrumBand | undefined {
  if (outputs.length < 2) return undefined;
  const normalized = outputs.map(({ singularValues }) => {
    const [largest = 0] = singularValues;
    return singularValues.map((value) => (largest === 0 ? 0 : value / largest));
  });
  const over = (choose: (...values: number[]) => number) =>
    normalizedSpectrum.map((_, index) =>
      normalized.reduce((found, values) => choose(found, values[index] ?? 0), normalized[0]?.[index] ?? 0),
    );
  return { low: over(Math.min), high: over(Math.max) };
}

const nullLabels = { init: 'fresh weights', permuted: 'permuted rows' } as const;

function nullSeries({ model, nullModels = [] }: Report): readonly SpectrumSeries[] {
  return nullModels.map(({ kind, metrics, normalizedSpectrum }) => {
    const scores = metrics[SCORE] ?? [];
    const score = scores.reduce((sum, value) => sum + value, 0) / scores.length;
    return {
      label: `${model.name}, ${nullLabels[kind]}`,
      values: normalizedSpectrum,
      isNull: true,
      ...(scores.length > 0 && { score }),
    };
  });
}

/** The values that the score adds up, if all models have as many. */
function regionOf(reports: readonly Report[]): SpectrumRegion | undefined {
  const counts = reports.map(({ metrics, data: { n }, dIn }) => {
    const percentile = metrics[SCORE]?.options?.['percentile'];
    const total = Math.min(n, dIn);
    if (typeof percentile !== 'number') return undefined;
    return total - 1 - Math.floor(((total - 1) * percentile) / 100);
  });
  const [count] = counts;
  if (count === undefined || counts.some((other) => other !== count)) return undefined;
  return { count, label: 'ε' };
}

function captionOf(reports: readonly Report[]): string | undefined {
  const [report] = reports;
  if (report === undefined) return undefined;
  const { data, dIn, outputs, outputKind, method } = report;
  const parts = [
    `n = ${data.n.toLocaleString('en')} points of ${data.name}, ${dIn.toLocaleString('en')} inputs, ${String(outputs.length)} outputs (${outputKind}), method ${method}.`,
    'Curves: mean over the outputs.',
    ...(outputs.length > 1 && reports.length <= MOST_BANDS ? ['Bands: smallest to largest output.'] : []),
    ...(regionOf(reports) ? ['Shaded up to ε: the values that the score adds up.'] : []),
  ];
  return parts.join(' ');
}

/** Whether names differ in one number alone, which grows: checkpoints of a training, or networks of growing depth. */
export function areOrdered(names: readonly string[]): boolean {
  if (names.length < 3) return false;
  const parts = names.map((name) => name.split(/(\d+(?:\.\d+)?)/));
  const [first = []] = parts;
  const changing = first.flatMap((part, index) =>
    parts.some((other) => other[index] !== part) ? [index] : [],
  );
  const [place] = changing;
  if (place === undefined || changing.length > 1 || place % 2 === 0) return false;
  const numbers = parts.map((other) => Number(other[place]));
  return numbers.every((value, index) => index === 0 || value > (numbers[index - 1] ?? Infinity));
}
