export { EdjmError, type EdjmErrorCode } from './errors.ts';
export type { DifferentiableNetwork, JacobianBackend, LoadOptions, OutputKind, Step } from './network.ts';
export type { Dataset } from './dataset.ts';
export type { Metric, MetricContext, Need, Quantities } from './metric.ts';
export { analyze, type Analysis, type AnalyzeOptions, type MetricResult } from './analyze.ts';
export type { Progress } from './progress.ts';
export { averageNormalizedSpectrum } from './averageSpectrum.ts';
export { jacobianRows } from './derivedJacobian.ts';
export { withOutputKind } from './outputKind.ts';
export { planRun, type Plan, type PlanRequest } from './plan.ts';
export type { SpectrumMethod } from './spectrumMethod.ts';
export { METRIC_PACKAGE_PREFIX, metricFromModule } from './metricPlugin.ts';
export {
  createReport,
  REPORT_VERSION,
  reportSchema,
  type Report,
  type ReportContext,
  type ReportData,
  type ReportModel,
} from './report.ts';
export type { BlockRows, DenseMatrix, FloatArray } from '@edjm/linalg';
export { allOutputs } from './outputs.ts';
