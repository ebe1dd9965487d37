import type { DenseMatrix } from '@edjm/linalg';
import { EdjmError } from '../contracts/errors.ts';
import type { DifferentiableNetwork, NarrowedNetwork, OutputKind } from '../contracts/network.ts';

/**
 * A network whose outputs are of another kind, made of one that gives logits z by the chain rule:
 *
 *     p = softmax(z)        cᵀ ∂p/∂x = (p ⊙ (c − ⟨c, p⟩))ᵀ ∂z/∂x
 *     l = log softmax(z)    cᵀ ∂l/∂x = (c − p Σc)ᵀ ∂z/∂x
 *
 * A backend that builds the softmax into the network when it loads it is faster.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if the network gives neither logits nor the kind asked for.
 */
export function withOutputKind(network: DifferentiableNetwork, kind: OutputKind): DifferentiableNetwork {
  if (network.outputKind === kind) return network;
  if (network.outputKind !== 'logit') {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${network.name}: expected a network of ${kind} outputs, got ${network.outputKind} outputs. Load it with outputKind: '${kind}'.`,
    );
  }
  return new NormalizedOutputs(network, kind);
}

class NormalizedOutputs implements DifferentiableNetwork {
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly sampleSize: number;
  readonly dIn: number;
  readonly dOut: number;
  readonly outputKind: OutputKind;
  readonly precision: 'float32' | 'float64';
  readonly preferredBatchSize: number;
  readonly narrowed?: (atMost?: number) => Promise<NarrowedNetwork | undefined>;
  readonly #logits: DifferentiableNetwork;

  constructor(logits: DifferentiableNetwork, kind: OutputKind) {
    this.#logits = logits;
    this.outputKind = kind;
    this.name = logits.name;
    this.inputShape = logits.inputShape;
    this.sampleSize = logits.sampleSize;
    this.dIn = logits.dIn;
    this.dOut = logits.dOut;
    this.precision = logits.precision;
    this.preferredBatchSize = logits.preferredBatchSize;
    if (logits.narrowed) {
      this.narrowed = async (atMost) => {
        const narrowed = await logits.narrowed?.(atMost);
        return narrowed && { ...narrowed, network: new NormalizedOutputs(narrowed.network, kind) };
      };
    }
  }

  async forward(batch: DenseMatrix): Promise<DenseMatrix> {
    const logs = logSoftmaxRows(await this.#logits.forward(batch));
    return this.outputKind === 'probability' ? { ...logs, data: logs.data.map(Math.exp) } : logs;
  }

  async vjp(batch: DenseMatrix, cotangents: DenseMatrix): Promise<DenseMatrix> {
    const logs = logSoftmaxRows(await this.#logits.forward(batch));
    const { rows, columns } = cotangents;
    const data = new Float64Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      const range = [row * columns, (row + 1) * columns] as const;
      const c = Float64Array.from(cotangents.data.subarray(...range));
      const p = logs.data.subarray(...range).map(Math.exp);
      const isProbability = this.outputKind === 'probability';
      const mean = c.reduce((sum, value, index) => sum + value * (isProbability ? (p[index] ?? 0) : 1), 0);
      c.forEach((value, index) => {
        const share = p[index] ?? 0;
        data[row * columns + index] = isProbability ? share * (value - mean) : value - share * mean;
      });
    }
    return this.#logits.vjp(batch, { rows, columns, data });
  }

  workspaceBytes(n: number, outputs: number): number {
    return (
      this.#logits.workspaceBytes(n, outputs, 'rows') + 3 * Float64Array.BYTES_PER_ELEMENT * n * this.dOut
    );
  }

  dispose(): Promise<void> {
    return this.#logits.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

function logSoftmaxRows({ rows, columns, data }: DenseMatrix): {
  rows: number;
  columns: number;
  data: Float64Array;
} {
  const result = new Float64Array(data.length);
  for (let row = 0; row < rows; row++) {
    const z = Float64Array.from(data.subarray(row * columns, (row + 1) * columns));
    const largest = z.reduce((a, b) => Math.max(a, b), -Infinity);
    const log = largest + Math.log(z.reduce((sum, value) => sum + Math.exp(value - largest), 0));
    z.forEach((value, index) => {
      result[row * columns + index] = value - log;
    });
  }
  return { rows, columns, data: result };
}
