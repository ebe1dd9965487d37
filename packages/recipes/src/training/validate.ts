import { type DenseMatrix, EdjmError, type Loss, type TrainableNetwork } from '@edjm/core';
import { batchAt } from '../data/batch.ts';
import { isLabeled, type TrainingSamples } from '../data/samples.ts';
import type { ValidationResult } from './history.ts';

/**
 * The mean loss of a network in inference mode, and its accuracy if there are labels.
 *
 * @param options - `loss` defaults to `'cross-entropy'`.
 * @throws EdjmError `INVALID_DATA` if the loss is not finite.
 *
 * @example
 * ```ts
 * import type { TrainableNetwork } from '@edjm/core';
 * import { type LabeledSamples, validate } from '@edjm/recipes';
 *
 * declare const network: TrainableNetwork;
 * declare const test: LabeledSamples;
 * console.log((await validate(network, test)).accuracy);
 * ```
 */
export async function validate(
  network: Pick<TrainableNetwork, 'name' | 'forward' | 'dOut' | 'preferredBatchSize'>,
  data: TrainingSamples,
  options: { readonly loss?: Loss } = {},
): Promise<ValidationResult> {
  const { loss = 'cross-entropy' } = options;
  const n = data.samples.rows;
  let [total, correct] = [0, 0];
  for (let first = 0; first < n; first += network.preferredBatchSize) {
    const count = Math.min(network.preferredBatchSize, n - first);
    const { batch, targets } = batchAt(
      data,
      Uint32Array.from({ length: count }, (_, i) => first + i),
      network.dOut,
    );
    const outputs = await network.forward(batch);
    total += lossSum(outputs, targets, loss);
    if (isLabeled(data)) correct += correctCount(outputs, data.labels.subarray(first, first + count));
  }
  const mean = total / n;
  if (!Number.isFinite(mean)) {
    throw new EdjmError(
      'INVALID_DATA',
      `${network.name}: expected a finite loss in validation, got ${mean}. Lower the learning rate.`,
    );
  }
  if (!isLabeled(data)) return { loss: mean };
  return { loss: mean, accuracy: correct / n, error: (n - correct) / n };
}

function lossSum(outputs: DenseMatrix, targets: DenseMatrix, loss: Loss): number {
  if (typeof loss === 'function') return loss(outputs, targets).value * outputs.rows;
  const ofSample = loss === 'cross-entropy' ? crossEntropy : squaredError;
  let sum = 0;
  for (let row = 0; row < outputs.rows; row++) sum += ofSample(rowOf(outputs, row), rowOf(targets, row));
  return sum;
}

/** −Σ_k t_k log softmax(y)_k = Σ_k t_k (log Σ_j exp(y_j) − y_k). */
function crossEntropy(y: Float64Array, t: Float64Array): number {
  const largest = y.reduce((a, b) => Math.max(a, b), -Infinity);
  const logSum = largest + Math.log(y.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  return t.reduce((sum, target, k) => (target === 0 ? sum : sum + target * (logSum - (y[k] as number))), 0);
}

/** ½ Σ_k (y_k − t_k)². */
function squaredError(y: Float64Array, t: Float64Array): number {
  return y.reduce((sum, value, k) => sum + 0.5 * (value - (t[k] as number)) ** 2, 0);
}

function correctCount(outputs: DenseMatrix, labels: Int32Array | Uint8Array): number {
  let correct = 0;
  for (const [row, label] of labels.entries()) {
    const y = rowOf(outputs, row);
    // The first of equal outputs counts, and a network whose outputs are not numbers is right nowhere.
    const largest = y.reduce((best, value, k) => (value > (y[best] as number) ? k : best), 0);
    if (largest === label && Number.isFinite(y[largest])) correct++;
  }
  return correct;
}

function rowOf({ columns, data }: DenseMatrix, row: number): Float64Array {
  return new Float64Array(data.subarray(row * columns, (row + 1) * columns));
}
