import type { FixedValue } from './sampleInputs.ts';

/** The function of the model that is meant. */
export interface NetworkGraphOptions {
  /** For messages. Defaults to `'the model'`. */
  readonly name?: string | undefined;
  /**
   * The tensor to differentiate with respect to: an input, or a tensor inside the model, such as the output of an
   * embedding. Several tensors stand side by side, each taken as independent of the others. Defaults to the only
   * input of real numbers.
   */
  readonly input?: string | readonly string[] | undefined;
  /** The tensor to differentiate: an output, or a hidden layer. Defaults to the only output. */
  readonly output?: string | undefined;
  /** Shape of one sample, for all inputs or by name, if the model leaves more than the batch open. */
  readonly inputShape?: readonly number[] | Readonly<Record<string, readonly number[]>> | undefined;
  /** Where the batch stands in the model's inputs, and in its output if that has several axes. Defaults to 0. */
  readonly batchAxis?: number | undefined;
  /** Shape of one sample of the data: it tells sizes that the model leaves open. */
  readonly dataShape?: readonly number[] | undefined;
  /** Values, by name, of inputs that samples do not bring. */
  readonly fixed?: Readonly<Record<string, FixedValue>> | undefined;
  /**
   * Whether operators that round, such as quantization, pass derivatives on as if they did not, wherever the rounded
   * value is within its range. Defaults to false: a network that rounds between input and output is refused.
   */
  readonly straightThrough?: boolean | undefined;
  /** Initializers that become inputs of the graphs, by their names: every run gives their values, as in training. */
  readonly parameters?: readonly string[] | undefined;
  /** The fixed batch size of the model, to be replaced by any other; see `withFreeBatch` of `NetworkGraph`. */
  readonly replacedBatchSize?: number | undefined;
}
