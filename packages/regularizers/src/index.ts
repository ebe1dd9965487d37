export { edjmLogDet, type EdjmLogDetOptions } from './jacobian/edjmLogDet.ts';
export {
  evaluateRegularizer,
  type Evaluation,
  type EvaluationOptions,
} from './evaluation/evaluateRegularizer.ts';
export { jacobianFrobenius, type JacobianFrobeniusOptions } from './jacobian/jacobianFrobenius.ts';
export { jacobianNuclearNorm, type JacobianNuclearNormOptions } from './jacobian/jacobianNuclearNorm.ts';
export { layerLogSpectrum, type LayerLogSpectrumOptions } from './svd/layerLogSpectrum.ts';
export type { LogDetOptions } from './matrixFunctions/logDet.ts';
export { mergedSvd } from './svd/mergedSvd.ts';
export { orthogonality, type OrthogonalityOptions } from './weights/orthogonality.ts';
export { prunedSvd, type PrunedSvdOptions } from './svd/prunedSvd.ts';
export { singularValueBounding, type SingularValueBoundingOptions } from './weights/singularValueBounding.ts';
export { spectralNormPenalty, type SpectralNormPenaltyOptions } from './weights/spectralNormPenalty.ts';
export { spectralNormalization, type SpectralNormalizationOptions } from './weights/spectralNormalization.ts';
export { svdFactorized, type SvdFactorizedOptions } from './svd/svdFactorized.ts';
export type { SvdLayer } from './svd/svdGroups.ts';
export { svdLayers } from './svd/svdLayers.ts';
export { svdTraining, type SvdTrainingOptions } from './svd/svdTraining.ts';
export { weightLogDet, type WeightLogDetOptions } from './weights/weightLogDet.ts';
export type { WeightChoice } from './weights/weightRegularizer.ts';
