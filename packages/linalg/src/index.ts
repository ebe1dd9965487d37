export type { BlockRows, DenseMatrix, FloatArray } from './denseMatrix.ts';
export { allFinite } from './allFinite.ts';
export type { PackedTriangle } from './packedTriangle.ts';
export {
  eigenvalueErrorBound,
  type EigenvalueOptions,
  symmetricEigenvalues,
} from './symmetricEigenvalues.ts';
export {
  availableThreads,
  inThisThread,
  type SpectrumSolver,
  threadedSolver,
  type ThreadedSolverOptions,
} from './spectrumSolver.ts';
export { singularValuesOfRows } from './singularValuesOfRows.ts';
export type {
  AccumulatorMethod,
  FinishOptions,
  Spectrum,
  SpectrumAccumulator,
} from './spectrumAccumulator.ts';
export { type AddGramOptions, gramAccumulator, type GramAccumulator } from './gramAccumulator.ts';
export { dualAccumulator, type DualAccumulator } from './dualAccumulator.ts';
export {
  frequentDirectionsAccumulator,
  type FrequentDirectionsAccumulator,
  type FrequentDirectionsOptions,
} from './frequentDirectionsAccumulator.ts';
export { dualBlocks, type DualBlocks, type DualBlocksOptions, type PlacedRows } from './dualBlocks.ts';
export { tsqrAccumulator, type TsqrAccumulator } from './tsqrAccumulator.ts';
export { tsqrErrorBound } from './tsqrErrorBound.ts';
export { accumulatorFromBytes } from './accumulatorBytes.ts';
export { accumulatorMemory, type AccumulatorMemory, type AccumulatorSize } from './accumulatorMemory.ts';
export { singularVectors, type SingularVectors } from './singularVectors.ts';
export { orthonormalRows } from './orthonormalRows.ts';
export { choleskyInverse, type CholeskyInverse } from './choleskyInverse.ts';
export { spectralGradient, type SpectralGradient } from './spectralGradient.ts';
export type { SpectralFunction, SpectralValue } from './spectralFunctions/spectralFunction.ts';
export { logDeterminant, type LogDeterminantOptions } from './spectralFunctions/logDeterminant.ts';
export { nuclearNorm } from './spectralFunctions/nuclearNorm.ts';
export { score, type ScoreOptions } from './spectralFunctions/score.ts';
export { spectralNorm } from './spectralFunctions/spectralNorm.ts';
export { crossGramAccumulator, type CrossGramAccumulator } from './crossGramAccumulator.ts';
export { principalAngles } from './principalAngles.ts';
export { dominantDirections, type Directions, type DominantDirectionsOptions } from './dominantDirections.ts';
export { canonicalCorrelations } from './canonicalCorrelations.ts';
export { symmetricEigen, type SymmetricEigen } from './symmetricEigen.ts';
export { multiply, type MultiplyOptions } from './matrixProducts.ts';
export {
  largestSingularValues,
  type LargestSingularValues,
  type LargestSingularValuesOptions,
} from './largestSingularValues.ts';
export type { LinearOperator } from './krylov/linearOperator.ts';
export { krylovBlockSize, krylovBytes, krylovPasses, type KrylovSize } from './krylov/krylovCost.ts';
