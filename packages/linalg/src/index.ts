export type { BlockRows, DenseMatrix, FloatArray } from './denseMatrix.ts';
export { symmetricEigenvalues } from './symmetricEigenvalues.ts';
export { singularValuesOfRows } from './singularValuesOfRows.ts';
export type { RowSpectrum, SpectrumAccumulator } from './spectrumAccumulator.ts';
export { gramAccumulator, type GramAccumulator } from './gramAccumulator.ts';
export { rowsAccumulator, type RowsAccumulator } from './rowsAccumulator.ts';
