export { type BackendUnderTest, testBackend } from './testBackend.ts';
export { type ReferenceCase, referenceCases } from './referenceCases.ts';
export type { TestRunner } from './testRunner.ts';
export { testMetric } from './testMetric.ts';
export { type ReferenceSpectrum, referenceSpectra } from './referenceSpectra.ts';
export { type TrainableBackendUnderTest, testTrainableBackend } from './testTrainableBackend.ts';
export { type TrainingCase, trainingCases, type TrainingRun } from './trainingCases.ts';
