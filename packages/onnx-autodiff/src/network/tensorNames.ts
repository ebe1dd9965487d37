/** Names of the inputs and outputs of the graphs that a `NetworkGraph` writes. */
export const tensorNames = {
  /** The samples, n × sampleSize. */
  batch: 'edjm/batch',
  /** K × n × dOut. */
  cotangents: 'edjm/cotangents',
  /** n × dOut. */
  outputs: 'edjm/outputs',
  /** n × 1. */
  nearKinks: 'edjm/near_kinks',
  /** K × n × dIn. */
  rows: 'edjm/rows',
  /** K × dIn × dIn, in blocks that have this name and a number. */
  gram: 'edjm/gram',
} as const;
