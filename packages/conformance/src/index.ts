export { type BackendUnderTest, testBackend } from './backend/testBackend.ts';
export { type ReferenceCase, referenceCases } from './reference/referenceCases.ts';
export type { TestRunner } from './testRunner.ts';
export { testMetric } from './metric/testMetric.ts';
export { type ReferenceSpectrum, referenceSpectra } from './reference/referenceSpectra.ts';
export { type TrainableBackendUnderTest, testTrainableBackend } from './training/testTrainableBackend.ts';
export type { TrainingCase, TrainingRun } from './training/trainingCase.ts';
export { trainingCases } from './training/trainingCases.ts';
