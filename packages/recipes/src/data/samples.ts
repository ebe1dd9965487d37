import type { DenseMatrix } from '@edjm/core';

/** Samples with the class of each. */
export interface LabelledSamples {
  /** n × inputSize. */
  readonly samples: DenseMatrix;
  /** n classes, from 0 up. */
  readonly labels: Int32Array | Uint8Array;
}

/** Samples with what the network is to give for each: numbers, or probabilities of the classes. */
export interface TargetSamples {
  /** n × inputSize. */
  readonly samples: DenseMatrix;
  /** n × outputSize. */
  readonly targets: DenseMatrix;
}

/** What a network is trained or validated on, in memory. */
export type TrainingSamples = LabelledSamples | TargetSamples;

/** Whether samples have classes. */
export function isLabelled(data: TrainingSamples): data is LabelledSamples {
  return 'labels' in data;
}
