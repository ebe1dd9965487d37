export {
  type BlockRows,
  type DenseMatrix,
  type Float64Matrix,
  type FloatArray,
  zeros,
} from './matrix/denseMatrix.ts';
export { rowsAt, rowsBetween } from './matrix/rows.ts';
export { scaledColumns, scaledRows } from './matrix/scaled.ts';
export { fromMatrix, toMatrix } from './dense/conversion.ts';
export { transposed } from './dense/transposed.ts';
export { allFinite } from './matrix/allFinite.ts';
export type { PackedTriangle } from './matrix/packedTriangle.ts';
export {
  eigenvalueErrorBound,
  type EigenvalueOptions,
  symmetricEigenvalues,
} from './solvers/symmetricEigenvalues.ts';
export {
  availableThreads,
  inThisThread,
  type SpectrumSolver,
  threadedSolver,
  type ThreadedSolverOptions,
} from './solvers/spectrumSolver.ts';
export { singularValuesOfRows } from './decompositions/singularValuesOfRows.ts';
export type {
  AccumulatorMethod,
  FinishOptions,
  Spectrum,
  SpectrumAccumulator,
} from './accumulators/spectrumAccumulator.ts';
export {
  type AddGramOptions,
  gramAccumulator,
  type GramAccumulator,
} from './accumulators/gramAccumulator.ts';
export { dualAccumulator, type DualAccumulator } from './accumulators/dualAccumulator.ts';
export {
  frequentDirectionsAccumulator,
  type FrequentDirectionsAccumulator,
  type FrequentDirectionsOptions,
} from './accumulators/frequentDirectionsAccumulator.ts';
export {
  dualBlocks,
  type DualBlocks,
  type DualBlocksOptions,
  type PlacedRows,
} from './accumulators/dualBlocks.ts';
export { deletedSpectra, type DeletedSpectraOptions } from './accumulators/deletedSpectra.ts';
export { tsqrAccumulator, type TsqrAccumulator } from './accumulators/tsqrAccumulator.ts';
export { tsqrErrorBound } from './accumulators/tsqrErrorBound.ts';
export { accumulatorFromBytes } from './accumulators/accumulatorBytes.ts';
export {
  accumulatorMemory,
  type AccumulatorMemory,
  type AccumulatorSize,
} from './accumulators/accumulatorMemory.ts';
export { singularVectors, type SingularVectors } from './decompositions/singularVectors.ts';
export { orthonormalRows } from './decompositions/orthonormalRows.ts';
export { choleskyInverse, type CholeskyInverse } from './decompositions/choleskyInverse.ts';
export { spectralGradient, type SpectralGradient } from './spectralFunctions/spectralGradient.ts';
export type { SpectralFunction, SpectralValue } from './spectralFunctions/spectralFunction.ts';
export {
  logDeterminantFunction,
  type LogDeterminantFunctionOptions,
} from './spectralFunctions/logDeterminantFunction.ts';
export { nuclearNormFunction } from './spectralFunctions/nuclearNormFunction.ts';
export { scoreFunction, type ScoreFunctionOptions } from './spectralFunctions/scoreFunction.ts';
export { spectralNormFunction } from './spectralFunctions/spectralNormFunction.ts';
export { crossGramAccumulator, type CrossGramAccumulator } from './subspaces/crossGramAccumulator.ts';
export { principalAngles } from './subspaces/principalAngles.ts';
export {
  dominantDirections,
  type Directions,
  type DominantDirectionsOptions,
} from './subspaces/dominantDirections.ts';
export { canonicalCorrelations } from './subspaces/canonicalCorrelations.ts';
export { symmetricEigen, type SymmetricEigen } from './decompositions/symmetricEigen.ts';
export { multiply, type MultiplyOptions } from './matrix/matrixProducts.ts';
export {
  largestSingularValues,
  type LargestSingularValues,
  type LargestSingularValuesOptions,
} from './krylov/largestSingularValues.ts';
export type { LinearOperator } from './krylov/linearOperator.ts';
export { krylovBlockSize, krylovBytes, krylovPasses, type KrylovSize } from './krylov/krylovCost.ts';
