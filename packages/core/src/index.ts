export { EdjmError, type EdjmErrorCode } from './errors.ts';
export type {
  DifferentiableNetwork,
  JacobianBackend,
  LoadOptions,
  NarrowedNetwork,
  OutputKind,
  Step,
} from './network.ts';
export type {
  Dropout,
  GradientOptions,
  JacobianProduct,
  Loss,
  LossFunction,
  LossGradients,
  ParameterValues,
  StepOptions,
  StepResult,
  TrainableBackend,
  TrainableNetwork,
} from './trainable.ts';
export type {
  Projection,
  Regularizer,
  RegularizerContext,
  RegularizerGradient,
  RegularizerNeed,
  RegularizerQuantities,
} from './regularizer.ts';
export {
  checkGradientOptions,
  checkLoss,
  completeStepOptions,
  type CompleteStepOptions,
} from './stepOptions.ts';
export { checkFiniteValues, checkNamedValues, knownShape } from './namedValues.ts';
export { isWorthNarrowing } from './narrowing.ts';
export type { Dataset } from './dataset.ts';
export type { Metric, MetricContext, Need, Quantities } from './metric.ts';
export { analyze, explainAnalysis } from './analyze.ts';
export type { Analysis, AnalyzeOptions, EdjmSpectrum, Explanation, MetricResult } from './analysis.ts';
export type { Progress } from './progress.ts';
export { averageNormalizedSpectrum } from './averageSpectrum.ts';
export { jacobianRows } from './derivedJacobian.ts';
export { derivedJvp } from './derivedJvp.ts';
export { jacobianOperator, type JacobianOperatorOptions } from './jacobianOperator.ts';
export { withOutputKind } from './outputKind.ts';
export { outputGram, type OutputGram, type OutputGramOptions } from './outputGram.ts';
export { crossSpectrum, type CrossSpectrum, type CrossSpectrumOptions } from './crossSpectrum.ts';
export type { RowBatchOptions } from './rowBatches.ts';
export { planRun, type Plan, type PlanRequest } from './plan.ts';
export { spectrumMethods, type SpectrumMethod } from './spectrumMethod.ts';
export { METRIC_PACKAGE_PREFIX, metricFromModule } from './metricPlugin.ts';
export {
  createReport,
  REPORT_VERSION,
  reportSchema,
  type Report,
  type ReportContext,
  type ReportData,
  type ReportModel,
  type ReportOption,
  type ReportSpectrum,
} from './report.ts';
export type { BlockRows, DenseMatrix, FloatArray } from '@edjm/linalg';
export { allOutputs } from './outputs.ts';
export { checkThreads } from './threads.ts';
