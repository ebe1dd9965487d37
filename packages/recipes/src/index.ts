export { train, type ResumedFrom, type TrainingResult } from './training/train.ts';
export {
  checkTrainingOptions,
  type SpectrumOptions,
  type TrainingData,
  type TrainingOptions,
  type TrainingProgress,
} from './training/options.ts';
export {
  historyJson,
  type EpochRecord,
  type History,
  type Monitor,
  type SpectrumRecord,
  type StopReason,
  type ValidationResult,
} from './training/history.ts';
export { validate } from './training/validate.ts';
export type { LabeledSamples, TargetSamples, TrainingSamples } from './data/samples.ts';
export { loadSamples } from './data/loadSamples.ts';
export { splitSamples, type SplitOptions } from './data/splitSamples.ts';
export type { Optimizer, OptimizerRun, UpdateOptions } from './optimizers/optimizer.ts';
export { momentumSgd, type MomentumSgdOptions } from './optimizers/momentumSgd.ts';
export { adam, type AdamOptions } from './optimizers/adam.ts';
export { pathSgd, type PathSgdOptions } from './optimizers/pathSgd.ts';
export { pathFactors } from './optimizers/pathFactors.ts';
export type { Schedule } from './schedules/schedule.ts';
export { constantRate } from './schedules/constantRate.ts';
export { halving, type HalvingOptions } from './schedules/halving.ts';
export { checkpointFolder } from './checkpoints/checkpointFolder.ts';
export type { CheckpointOptions, CheckpointStore } from './checkpoints/checkpointOptions.ts';
export {
  gridSearch,
  type GridSearchOptions,
  type SearchResult,
  type Trial,
  type TrialResult,
} from './search/gridSearch.ts';
export type { Point, Space } from './search/points.ts';
export { ensemble, type EnsembleOptions } from './ensembles/ensemble.ts';
export { distillationLoss } from './distillation/distillationLoss.ts';
export { hintNetwork, type HintOptions, withHint } from './distillation/hints.ts';
export { type BottleneckOptions, withLinearBottleneck } from './distillation/linearBottleneck.ts';
export { logitTargets, type LogitTargetOptions } from './distillation/logitTargets.ts';
export type { MixtureOptions } from './distillation/mixture.ts';
export { softTargets, type SoftTargetOptions } from './distillation/softTargets.ts';
export { teacherOutputs, type TeacherOptions } from './distillation/teacherOutputs.ts';
