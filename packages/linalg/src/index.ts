export type { DenseMatrix, FloatArray } from './denseMatrix.ts';
