import { tensorNames } from '../network/tensorNames.ts';

type Names =
  'batch' | 'outputs' | 'cotangents' | 'targets' | 'lossGradient' | 'tangents' | 'loss' | 'rate' | 'decay';

type NamesOf = 'velocity' | 'added' | 'gradient' | 'handedOut';

type TrainingNames = Readonly<Record<Names, string> & Record<NamesOf, (name: string) => string>>;

/** Names of the inputs and outputs of the graphs that a `TrainingGraph` writes; parameters have their own. */
export const trainingNames: TrainingNames = {
  batch: tensorNames.batch,
  outputs: tensorNames.outputs,
  cotangents: tensorNames.cotangents,
  /** n × dOut. */
  targets: 'edjm/targets',
  /** The gradient of a loss that is computed elsewhere, n × dOut. */
  lossGradient: 'edjm/loss-gradient',
  /** K × n × dIn. */
  tangents: 'edjm/tangents',
  /** The mean loss of the batch. */
  loss: 'edjm/loss',
  /** The learning rate. */
  rate: 'edjm/rate',
  /** The learning rate times the weight decay. */
  decay: 'edjm/decay',
  velocity: (parameter: string): string => `edjm/velocity/${parameter}`,
  added: (parameter: string): string => `edjm/added/${parameter}`,
  gradient: (parameter: string): string => `edjm/gradient/${parameter}`,
  handedOut: (tensor: string): string => `edjm/handed-out/${tensor}`,
};

/** The name of the value after a step. */
export function nextOf(state: string): string {
  return `edjm/next/${state}`;
}
