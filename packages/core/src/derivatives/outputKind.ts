import type { DenseMatrix } from '@edjm/linalg';
import type { SamplePart } from '../contracts/dataset.ts';
import { EdjmError } from '../contracts/errors.ts';
import type { Head } from '../contracts/head.ts';
import type {
  ActivationPatterns,
  DifferentiableNetwork,
  NarrowedNetwork,
  OutputKind,
  ParameterChange,
  Step,
} from '../contracts/network.ts';
import { jacobianRows } from './derivedJacobian.ts';
import { headFunctionOf } from './headFunctionOf.ts';
import type { HeadFunction } from './headFunction.ts';
import { checkOutputs } from './outputs.ts';
import { widelyScaled } from './scaledRows.ts';

/** Rows of the logits of all members of a softmax are computed if they are at most so many times as many as the rows asked for. */
const MEMBERS_PER_OUTPUT = 2;

/**
 * A network whose outputs are of another kind, made of one that gives logits z, by the chain rule through the head that the network has. Without
 * one it is the sigmoid of a single output, and the softmax of several on one axis:
 *
 *     p = softmax(z)        ∂p_k = p_k (∂z_k − Σ p_j ∂z_j)
 *     l = log softmax(z)    ∂l_k = ∂z_k − Σ p_j ∂z_j
 *     p = s(z)              ∂p = s(z) s(−z) ∂z
 *     l = log s(z)          ∂l = s(−z) ∂z
 *
 * in float64, without a difference that loses the digits of a probability near 0 or 1. Asked for `'as-is'`, it gives what the network's file gives.
 * A network that is as it is already stays so if it is asked for logits: it has none.
 *
 * @throws EdjmError `UNSUPPORTED` for probabilities of a network whose outputs are as they are, or if it is not clear along which axis its
 * softmax would be; `INVALID_ARGUMENT` if the network gives neither logits nor the kind asked for.
 */
export function withOutputKind(network: DifferentiableNetwork, kind: OutputKind): DifferentiableNetwork {
  const wanted = kind === 'as-is' ? ownKind(network) : kind;
  if (network.outputKind === wanted) return network;
  if (network.outputKind === 'as-is' && wanted === 'logit') return network;
  if (network.outputKind !== 'logit' && network.outputKind !== 'as-is') {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${network.name}: expected a network of ${wanted} outputs, got ${network.outputKind} outputs. Load it with outputKind: '${wanted}'.`,
    );
  }
  return new HeadedNetwork(network, wanted, headFunctionOf(network, wanted === 'log-probability'));
}

/** The kind of the outputs in the network's file. */
function ownKind({ outputKind, head }: DifferentiableNetwork): OutputKind {
  switch (head?.kind) {
    case 'softmax':
    case 'sigmoid':
      return 'probability';
    case 'log-softmax':
    case 'log-sigmoid':
      return 'log-probability';
    case 'none':
    case 'as-is':
    case undefined:
      return outputKind;
  }
}

class HeadedNetwork implements DifferentiableNetwork {
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly inputs?: readonly SamplePart[];
  readonly sampleSize: number;
  readonly dIn: number;
  readonly dOut: number;
  readonly outputKind: OutputKind;
  readonly head?: Head;
  readonly precision: 'float32' | 'float64';
  readonly preferredBatchSize: number;
  readonly jvp?: (batch: DenseMatrix, tangents: DenseMatrix) => Promise<DenseMatrix>;
  readonly narrowed?: (atMost?: number) => Promise<NarrowedNetwork | undefined>;
  readonly nearKinks?: (batch: DenseMatrix) => Promise<DenseMatrix>;
  readonly activationPatterns?: (batch: DenseMatrix) => Promise<ActivationPatterns>;
  readonly reparameterized?: (change: ParameterChange) => Promise<DifferentiableNetwork>;
  readonly explain?: (n: number, outputs: number) => readonly Step[];
  readonly #logits: DifferentiableNetwork;
  readonly #function: HeadFunction;

  constructor(logits: DifferentiableNetwork, kind: OutputKind, headFunction: HeadFunction) {
    this.#logits = logits;
    this.#function = headFunction;
    this.outputKind = kind;
    this.name = logits.name;
    this.inputShape = logits.inputShape;
    if (logits.inputs) this.inputs = logits.inputs;
    this.sampleSize = logits.sampleSize;
    this.dIn = logits.dIn;
    this.dOut = logits.dOut;
    if (logits.head) this.head = logits.head;
    this.precision = logits.precision;
    this.preferredBatchSize = logits.preferredBatchSize;
    if (logits.narrowed) {
      this.narrowed = async (atMost) => {
        const narrowed = await logits.narrowed?.(atMost);
        return narrowed && { ...narrowed, network: new HeadedNetwork(narrowed.network, kind, headFunction) };
      };
    }
    if (logits.jvp) {
      this.jvp = async (batch, tangents) => {
        const z = await this.#logitsOf(batch);
        const moved = await logits.jvp?.(batch, tangents);
        return eachSample(moved ?? tangents, (changes, row) => {
          headFunction.at(z(row)).push(changes, 1);
          return changes;
        });
      };
    }
    // The method of the logits, bound to them.
    if (logits.nearKinks) this.nearKinks = logits.nearKinks.bind(logits);
    if (logits.activationPatterns) this.activationPatterns = logits.activationPatterns.bind(logits);
    if (logits.reparameterized) {
      const reparameterized = logits.reparameterized.bind(logits);
      this.reparameterized = async (change) =>
        new HeadedNetwork(await reparameterized(change), kind, headFunction);
    }
    if (logits.explain) {
      this.explain = (n, outputs) => [
        ...(logits.explain?.(n, outputs) ?? []).filter(({ pass }) => pass !== 'gram'),
        { pass: 'reverse', of: 'the head', nodes: [`${kind} of the logits, in float64`] },
      ];
    }
  }

  async forward(batch: DenseMatrix): Promise<DenseMatrix> {
    return eachSample(await this.#logits.forward(batch), (z) => this.#function.values(z));
  }

  async vjp(batch: DenseMatrix, cotangents: DenseMatrix): Promise<DenseMatrix> {
    const z = await this.#logitsOf(batch);
    const pulled = eachSample(cotangents, (c, row) => this.#function.at(z(row)).pull(c));
    return widelyScaled(pulled, (scaled) => this.#logits.vjp(batch, scaled));
  }

  async jacobian(batch: DenseMatrix, outputs: readonly number[]): Promise<readonly DenseMatrix[]> {
    checkOutputs(this, outputs);
    const members = [...new Set(outputs.flatMap((output) => this.#function.members(output)))];
    if (members.length > MEMBERS_PER_OUTPUT * outputs.length) return this.#oneByOne(batch, outputs);
    const z = await this.#logitsOf(batch);
    const rows = await jacobianRows(this.#logits, batch, members);
    const { dIn, dOut } = this;
    const found = outputs.map(() => new Float64Array(batch.rows * dIn));
    const changes = new Float64Array(dOut * dIn);
    for (let sample = 0; sample < batch.rows; sample++) {
      const range = [sample * dIn, (sample + 1) * dIn] as const;
      members.forEach((k, place) => {
        changes.set(rows[place]?.data.subarray(...range) ?? [], k * dIn);
      });
      this.#function.at(z(sample)).push(changes, dIn);
      outputs.forEach((k, place) => {
        found[place]?.set(changes.subarray(k * dIn, (k + 1) * dIn), range[0]);
      });
    }
    return found.map((data) => ({ rows: batch.rows, columns: dIn, data }));
  }

  workspaceBytes(n: number, outputs: number): number {
    const members = Math.min(this.dOut, MEMBERS_PER_OUTPUT * outputs);
    // The rows of the logits, those of one sample, and a few values for each output.
    const held = n * members * this.dIn + this.dOut * this.dIn + 3 * n * this.dOut;
    return this.#logits.workspaceBytes(n, members, 'rows') + Float64Array.BYTES_PER_ELEMENT * held;
  }

  dispose(): Promise<void> {
    return this.#logits.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #oneByOne(batch: DenseMatrix, outputs: readonly number[]): Promise<readonly DenseMatrix[]> {
    const blocks: DenseMatrix[] = [];
    for (const output of outputs) {
      const data = new Float64Array(batch.rows * this.dOut);
      for (let row = 0; row < batch.rows; row++) data[row * this.dOut + output] = 1;
      blocks.push(await this.vjp(batch, { rows: batch.rows, columns: this.dOut, data }));
    }
    return blocks;
  }

  /** The logits of each sample, kept: the network may overwrite its result in the next call. */
  async #logitsOf(batch: DenseMatrix): Promise<(sample: number) => Float64Array> {
    const { columns, data } = await this.#logits.forward(batch);
    const kept = Float64Array.from(data);
    return (sample) => kept.subarray(sample * columns, (sample + 1) * columns);
  }
}

/** A matrix in float64 whose rows are made of those of another. */
function eachSample(
  { rows, columns, data }: DenseMatrix,
  make: (row: Float64Array, sample: number) => Float64Array,
): DenseMatrix {
  const result = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const range = [row * columns, (row + 1) * columns] as const;
    result.set(make(Float64Array.from(data.subarray(...range)), row), range[0]);
  }
  return { rows, columns, data: result };
}
