import {
  type DenseMatrix,
  type DifferentiableNetwork,
  EdjmError,
  type Head,
  jacobianRows,
  type OutputKind,
} from '@edjm/core';
import { zeros } from '@edjm/linalg';

/** A network with its part in the mean. */
export interface Member {
  readonly network: DifferentiableNetwork;
  /** The weights of all members sum to 1. */
  readonly weight: number;
}

/** The weighted mean of networks of the same shape and kind of output. */
export class EnsembleNetwork implements DifferentiableNetwork {
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly sampleSize: number;
  readonly dIn: number;
  readonly dOut: number;
  readonly outputKind: OutputKind;
  readonly head?: Head;
  readonly precision: 'float32' | 'float64';
  readonly preferredBatchSize: number;
  readonly #members: readonly Member[];
  readonly #disposesMembers: boolean;
  #isDisposed = false;

  constructor(name: string, members: readonly Member[], disposesMembers: boolean) {
    const networks = members.map(({ network }) => network);
    const [first] = networks as [DifferentiableNetwork];
    this.name = name;
    this.inputShape =
      networks.find(({ inputShape }) => inputShape.length > 1)?.inputShape ?? first.inputShape;
    this.sampleSize = first.sampleSize;
    this.dIn = first.dIn;
    this.dOut = first.dOut;
    this.outputKind = first.outputKind;
    // The mean of logits is one of logits if all members make the same of them.
    const isShared = networks.every(({ head }) => head?.kind === first.head?.kind);
    if (first.head && isShared) this.head = first.head;
    this.precision = networks.every(({ precision }) => precision === 'float64') ? 'float64' : 'float32';
    this.preferredBatchSize = Math.min(...networks.map(({ preferredBatchSize }) => preferredBatchSize));
    this.#members = members;
    this.#disposesMembers = disposesMembers;
  }

  async forward(batch: DenseMatrix): Promise<DenseMatrix> {
    return this.#mean(batch.rows, this.dOut, (network) => network.forward(batch));
  }

  async vjp(batch: DenseMatrix, cotangents: DenseMatrix): Promise<DenseMatrix> {
    return this.#mean(batch.rows, this.dIn, (network) => network.vjp(batch, cotangents));
  }

  async jacobian(batch: DenseMatrix, outputs: readonly number[]): Promise<readonly DenseMatrix[]> {
    this.#checkInUse();
    const means = outputs.map(() => zeros(batch.rows, this.dIn));
    for (const { network, weight } of this.#members) {
      const blocks = await jacobianRows(network, batch, outputs);
      for (const [i, mean] of means.entries()) addTo(mean, blocks[i] as DenseMatrix, weight);
    }
    return means;
  }

  workspaceBytes(n: number, outputs: number): number {
    const ofMembers = this.#members.map(({ network }) => network.workspaceBytes(n, outputs, 'rows'));
    // The outputs of a member stand beside the sum.
    const results = n * (outputs * this.dIn + this.dOut);
    return Math.max(...ofMembers) + Float64Array.BYTES_PER_ELEMENT * results;
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    if (this.#disposesMembers) for (const { network } of this.#members) await network.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  /** One member after the other: each may overwrite its result in its next call, and one network may be several members. */
  async #mean(
    rows: number,
    columns: number,
    call: (network: DifferentiableNetwork) => Promise<DenseMatrix>,
  ): Promise<DenseMatrix> {
    this.#checkInUse();
    const mean = zeros(rows, columns);
    for (const { network, weight } of this.#members) addTo(mean, await call(network), weight);
    return mean;
  }

  #checkInUse(): void {
    if (!this.#isDisposed) return;
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected an ensemble in use, got ${this.name} after dispose(). Make another one.`,
    );
  }
}

function addTo(sum: DenseMatrix, { data }: DenseMatrix, weight: number): void {
  for (let i = 0; i < data.length; i++) sum.data[i] = (sum.data[i] as number) + weight * (data[i] as number);
}
