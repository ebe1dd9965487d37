export { spectrumSvg, type SvgOptions } from './spectrumSvg.ts';
export type { SvgDocument } from './svgDocument.ts';
export type { SpectrumAxes, SpectrumSeries } from './series.ts';
export { spectrumText, type TextOptions } from './spectrumText.ts';
export { comparisonTable, type ComparisonRow, type TableOptions } from './comparisonTable.ts';
