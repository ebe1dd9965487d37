export { EdjmError, type EdjmErrorCode } from './errors.ts';
export type { DifferentiableNetwork, JacobianBackend, LoadOptions, OutputKind } from './network.ts';
export type { Dataset } from './dataset.ts';
export type { Metric, MetricContext, Need, Quantities } from './metric.ts';
export { analyze, type Analysis, type AnalyzeOptions, type MetricResult, type Progress } from './analyze.ts';
export { averageNormalizedSpectrum } from './averageSpectrum.ts';
export { jacobianRows } from './derivedJacobian.ts';
export { withOutputKind } from './outputKind.ts';
export { planRun, type Plan, type PlanRequest, type SpectrumMethod } from './plan.ts';
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
export type { DenseMatrix, FloatArray } from '@edjm/linalg';
