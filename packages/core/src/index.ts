export { EdjmError, type EdjmErrorCode } from './errors.ts';
export type { DifferentiableNetwork, JacobianBackend, LoadOptions, OutputKind } from './network.ts';
export type { Dataset } from './dataset.ts';
export type { Metric, MetricContext, Need, Quantities } from './metric.ts';
export type { DenseMatrix, FloatArray } from '@edjm/linalg';
