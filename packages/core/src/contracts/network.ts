import type { BlockRows, DenseMatrix, FloatArray } from '@edjm/linalg';
import type { SamplePart } from './dataset.ts';
import type { Head } from './head.ts';

/**
 * The outputs that the rows of the EDJM are gradients of: the logits, their softmax or sigmoid, or its logarithm. `'as-is'` are outputs as the
 * network's file has them, if these are no logits.
 */
export type OutputKind = (typeof outputKinds)[number];

/** The kinds of {@link OutputKind}. */
export const outputKinds = ['logit', 'probability', 'log-probability', 'as-is'] as const;

/**
 * A trained network f: R^d_in → R^d_out, in inference mode, as every analysis sees it.
 *
 * A batch is a matrix of n samples, one a row, each flattened in row-major order of `inputShape`. Samples do not
 * interact: row i of every result depends on row i of the batch alone. A backend implements `forward` and `vjp`;
 * `jacobian` and `gram` are faster paths, for which an analysis takes `vjp` if they are absent. No analysis needs
 * `jvp`.
 *
 * Arrays in a result belong to the network and may be overwritten by its next call: use or copy them first.
 */
export interface DifferentiableNetwork {
  /** For messages and reports: a file name, say. */
  readonly name: string;
  /** Shape of one sample, without the batch axis, such as `[1, 28, 28]`. */
  readonly inputShape: readonly number[];
  /** The inputs that a sample brings, in the order in which their values stand side by side; absent if they have no names. */
  readonly inputs?: readonly SamplePart[];
  /** The number of values in one sample. */
  readonly sampleSize: number;
  /**
   * d_in: the number of values that the outputs are differentiated with respect to, the length of a row of the EDJM.
   * It is `sampleSize`, unless the network is differentiated with respect to a part of its input, or to a hidden layer x of
   * its own: results of n × d_in are of that width.
   */
  readonly dIn: number;
  /** d_out: the number of output values for one sample. */
  readonly dOut: number;
  /** What the outputs are; `'logit'` also stands for networks without a softmax or sigmoid, such as regressions. */
  readonly outputKind: OutputKind;
  /** What the network's file ends in. Absent stands for logits on one axis. */
  readonly head?: Head;
  /** Arithmetic of the engine; decides the tolerance of tests and the error of spectra. */
  readonly precision: 'float32' | 'float64';
  /** The batch size at which this network is fastest; any other works. */
  readonly preferredBatchSize: number;

  /** Outputs f(x_i): n × sampleSize in, n × d_out out. */
  forward(batch: DenseMatrix): Promise<DenseMatrix>;

  /**
   * Vector-Jacobian products: row i of the result is c_iᵀ J(x_i), with J(x) = ∂f(x)/∂x.
   *
   * @param batch - n × sampleSize samples.
   * @param cotangents - n × d_out, one cotangent c_i a sample.
   * @returns n × d_in.
   */
  vjp(batch: DenseMatrix, cotangents: DenseMatrix): Promise<DenseMatrix>;

  /** Jacobian-vector products: row i of the result is J(x_i) t_i; n × d_in tangents in, n × d_out out. */
  jvp?(batch: DenseMatrix, tangents: DenseMatrix): Promise<DenseMatrix>;

  /** Rows of the EDJM: for each of the given outputs k an n × d_in matrix whose row i is ∂f_k(x_i)/∂x. */
  jacobian?(batch: DenseMatrix, outputs: readonly number[]): Promise<readonly DenseMatrix[]>;

  /**
   * Gram matrices of the EDJM's rows on this batch, computed inside the engine so that rows never leave it: for
   * each of the given outputs the d_in × d_in matrix Σ_i r_i r_iᵀ, r_i = ∂f_k(x_i)/∂x, as block rows of its lower
   * triangle. Sums of products in less than float64 drown singular values below some 1e-4 of the largest.
   */
  gram?(batch: DenseMatrix, outputs: readonly number[]): Promise<readonly BlockRows[]>;

  /**
   * Which samples have a unit or a pooling window within rounding of its kink, where the engine's arithmetic may have chosen the
   * other side: n × 1, 1 for those and 0 for others. An estimate: within 4 units in the last place of the largest value of the layer.
   * Exact ties do not count; the conventions of derivatives decide there.
   */
  nearKinks?(batch: DenseMatrix): Promise<DenseMatrix>;

  /**
   * The linear piece that every unit with a kink (ReLU and its kin, maxima, pooling windows) is on, for every sample: two samples with the same
   * pattern lie in one linear region of the logits. Only piecewise linear networks have it.
   */
  activationPatterns?(batch: DenseMatrix): Promise<ActivationPatterns>;

  /**
   * The same network with other parameters, in an engine of its own: to be disposed of by the caller.
   *
   * @param change - the new values of a parameter, as many as it has; undefined keeps it as it is.
   */
  reparameterized?(change: ParameterChange): Promise<DifferentiableNetwork>;

  /**
   * Bytes that one call of `gram`, or of `jacobian` or `vjp` (`'rows'`), holds at its peak for a batch of n samples and a number
   * of outputs: activations and other intermediate values. An upper estimate. The loaded network does not count; arguments
   * and results need not, since an analysis adds them itself.
   */
  workspaceBytes(n: number, outputs: number, call: 'gram' | 'rows'): number;

  /**
   * The network behind an affine map t = W x + b that has fewer values than x, where every way from x to the outputs passes
   * through one: its EDJM is that of `network` times W, J = A W, so that products and spectra shrink from d_in to h values,
   * and at most h singular values are not 0. Of several such maps that with the fewest values.
   *
   * @param atMost - the largest h of use. Defaults to any that {@link isWorthNarrowing}.
   * @returns undefined if there is none: it costs little to ask.
   */
  narrowed?(atMost?: number): Promise<NarrowedNetwork | undefined>;

  /** What a run computes on a batch of n samples for a number of outputs, step by step, for people to read. */
  explain?(n: number, outputs: number): readonly Step[];

  /** Frees what the engine holds. Calling it twice is no error; any other call afterwards is. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The linear pieces that the units of a network are on. */
export interface ActivationPatterns {
  /** Samples. */
  readonly rows: number;
  /** Bytes of one pattern: units with a kink, or more if a unit takes several bytes. */
  readonly columns: number;
  /** rows × columns: 0 or 1 for a ReLU, the place of the largest value for a pooling window. */
  readonly data: Uint8Array;
}

/** A parameter of a trained network. */
export interface NetworkParameter {
  /** Its name in the file. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Only to be read. */
  readonly data: FloatArray;
  /**
   * `'weight'`: multiplies values of the network (dense, convolutional, recurrent, embedding); `'bias'`: is added to them; `'normalization'`:
   * scale, shift or statistics of a normalization; `'other'`: anything else.
   */
  readonly role: 'weight' | 'bias' | 'normalization' | 'other';
}

/** Gives a parameter new values, or undefined to keep it. */
export type ParameterChange = (parameter: NetworkParameter) => FloatArray | undefined;

/** A network as a function of t = W x + b: what `narrowed` of {@link DifferentiableNetwork} gives. */
export interface NarrowedNetwork {
  /**
   * The same function of the same samples x, differentiated with respect to t: `dIn` is h. It holds what it needs by
   * itself, to be disposed of before or after the network that it came from.
   */
  readonly network: DifferentiableNetwork;
  /** W: h × d_in in float64. */
  readonly matrix: DenseMatrix;
}

/** One step of a run: what of the network it computes, and by what operations of the engine. */
export interface Step {
  /** The forward pass, the reverse pass, or what is made of its rows. */
  readonly pass: 'forward' | 'reverse' | 'gram';
  /** The part of the network, such as an operator and its name; empty if it belongs to none. */
  readonly of: string;
  /** Operations in order. */
  readonly nodes: readonly string[];
}

/** Turns a source of kind `Source` (a path, bytes, a network as data) into a `DifferentiableNetwork`. */
export interface JacobianBackend<Source, Options extends LoadOptions = LoadOptions> {
  /** Short and unique, such as `'onnx'`. */
  readonly name: string;
  load(source: Source, options?: Options): Promise<DifferentiableNetwork>;
}

/** Options that every backend's `load` understands. */
export interface LoadOptions {
  /** Which outputs to differentiate. Defaults to `'logit'`: the values before a final softmax or sigmoid. */
  readonly outputKind?: OutputKind | undefined;
  /** Bytes that samples may take which the network is tried with. A model that needs more is refused. Defaults to 4 GiB. */
  readonly maxMemory?: number | undefined;
}
