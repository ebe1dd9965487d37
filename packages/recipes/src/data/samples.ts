import type { DenseMatrix } from '@edjm/core';

/** Samples with the class of each. */
export interface LabeledSamples {
  /** n × sampleSize. */
  readonly samples: DenseMatrix;
  /** n classes, from 0 up. */
  readonly labels: Int32Array | Uint8Array;
}

/** Samples with the targets of each: numbers, or probabilities of the classes. */
export interface TargetSamples {
  /** n × sampleSize. */
  readonly samples: DenseMatrix;
  /** n × dOut. */
  readonly targets: DenseMatrix;
}

/** Samples for training or validation, in memory. */
export type TrainingSamples = LabeledSamples | TargetSamples;

/** Whether samples have classes. */
export function isLabeled(data: TrainingSamples): data is LabeledSamples {
  return 'labels' in data;
}
