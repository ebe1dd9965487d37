export { EdjmError, type EdjmErrorCode } from './contracts/errors.ts';
export type {
  ActivationPatterns,
  DifferentiableNetwork,
  JacobianBackend,
  LoadOptions,
  NarrowedNetwork,
  NetworkParameter,
  OutputKind,
  ParameterChange,
  Step,
} from './contracts/network.ts';
export { outputKinds } from './contracts/network.ts';
export { type Head, type HeadKind, headKinds, type OutputGroups } from './contracts/head.ts';
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
} from './contracts/trainable.ts';
export type {
  Projection,
  Regularizer,
  RegularizerContext,
  RegularizerGradient,
  RegularizerNeed,
  RegularizerQuantities,
} from './contracts/regularizer.ts';
export type {
  ModelInspection,
  ModelOperator,
  ModelTensor,
  NamedTensor,
  OperatorDerivative,
} from './contracts/inspection.ts';
export { checkLoss, type CompleteStepOptions } from './training/stepOptions.ts';
export { checkGradients } from './training/namedValues.ts';
export { checkLoadMemory } from './engine/loadMemory.ts';
export { engineNetwork } from './engine/engineNetwork.ts';
export { headOfOutputs } from './engine/headOfOutputs.ts';
export { checkIndependence, type ProbeOptions } from './engine/independence.ts';
export type { RawNetwork, CallSize, Run, StackedRows, UnitCotangents } from './engine/rawNetwork.ts';
export { trainableEngineNetwork } from './engine/trainableEngineNetwork.ts';
export type {
  LabeledBatch,
  NamedValues,
  StackedProducts,
  RawTrainableNetwork,
  Velocities,
} from './engine/rawTrainableNetwork.ts';
export { serialQueue, type SerialQueue } from './engine/serialQueue.ts';
export { type Interval, jackknifeInterval } from './evidence/jackknife.ts';
export { isWorthNarrowing } from './derivatives/narrowing.ts';
export type { Dataset, SamplePart } from './contracts/dataset.ts';
export { defineMetric, defineNetworkMetric } from './contracts/defineMetric.ts';
export { defineBackend, defineRegularizer } from './contracts/definePlugin.ts';
export type { Metric, MetricContext, MetricReading, Need, Quantities } from './contracts/metric.ts';
export {
  type AnyMetric,
  type BatchQuantities,
  isNetworkMetric,
  isSpectrumMetric,
  type NetworkMetric,
  type NetworkMetricContext,
  type NetworkNeed,
  type NetworkQuantities,
  type Observation,
} from './contracts/networkMetric.ts';
export { analyze, explainAnalysis } from './analysis/analyze.ts';
export type {
  Analysis,
  EdjmSpectrum,
  Explanation,
  MetricResult,
  StackedSpectrum,
} from './analysis/analysis.ts';
export type { NearKinks } from './analysis/nearKinks.ts';
export type { AnalyzeOptions } from './plan/analyzeOptions.ts';
export type { Progress } from './run/progress.ts';
export { averageNormalizedSpectrum } from './analysis/averageSpectrum.ts';
export { jacobianRows } from './derivatives/derivedJacobian.ts';
export { derivedJvp } from './derivatives/derivedJvp.ts';
export { jacobianOperator, type JacobianOperatorOptions } from './rows/jacobianOperator.ts';
export { withOutputKind } from './derivatives/outputKind.ts';
export { softmaxGroups, type SoftmaxPlace, type Transposition } from './derivatives/softmaxGroups.ts';
export { outputGram, type OutputGram, type OutputGramOptions } from './analysis/outputGram.ts';
export { crossSpectrum, type CrossSpectrum, type CrossSpectrumOptions } from './analysis/crossSpectrum.ts';
export type { RowBatchOptions } from './rows/rowBatches.ts';
export { edjmMatrix, type EdjmMatrixOptions } from './rows/edjmMatrix.ts';
export { marchenkoPasturEdge } from './evidence/marchenkoPastur.ts';
export { rowsNetwork, type RowsNetworkOptions } from './rows/rowsNetwork.ts';
export { planRun } from './plan/plan.ts';
export type { PlanRequest } from './plan/planRequest.ts';
export type { Plan, Settings } from './contracts/plan.ts';
export type { FoundSpectrum, Job, MethodRun, SpectrumMethod } from './contracts/spectrumMethod.ts';
export type { Narrowing, Target } from './contracts/target.ts';
export { edjmOperator } from './methods/edjmOperator.ts';
export { spectrumMethods } from './methods/index.ts';
export { nextTask } from './run/cancellation.ts';
export { METRIC_PACKAGE_PREFIX, metricFromModule } from './contracts/metricPlugin.ts';
export {
  createReport,
  type NullModel,
  type NullModelKind,
  nullModelKinds,
  REPORT_VERSION,
  reportSchema,
  type Report,
  type ReportContext,
  type ReportData,
  type ReportModel,
  type ReportOption,
  type ReportSpectrum,
} from './analysis/report.ts';
export type { BlockRows, DenseMatrix, FloatArray } from '@edjm/linalg';
export { allOutputs } from './derivatives/outputs.ts';
export { checkThreads } from './run/threads.ts';
