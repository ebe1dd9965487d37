export { spectrumSvg, type SvgOptions } from './spectrumSvg.ts';
export { spectrumFigure, type FigureOptions } from './spectrumFigure.ts';
export { reportHtml, type ReportHtmlOptions } from './report/reportHtml.ts';
export type { SvgDocument } from './svgDocument.ts';
export type { SpectrumAxes, SpectrumBand, SpectrumRegion, SpectrumSeries } from './series.ts';
export { spectrumText, type TextOptions } from './spectrumText.ts';
export { comparisonTable, type ComparisonRow, type TableOptions } from './comparisonTable.ts';
