import { type DenseMatrix, EdjmError, type Loss } from '@edjm/core';
import { isLabeled, type LabeledSamples, type TrainingSamples } from './samples.ts';

/** The sizes that samples must have. */
export interface Expected {
  readonly sampleSize: number;
  readonly dOut: number;
  readonly loss: Loss;
}

/** How far the probabilities of a sample may be from 1 in sum, for rounding in float32. */
const SUM_TOLERANCE = 1e-3;

/**
 * Refuses samples that a network cannot be trained on, before work starts.
 *
 * @param what - names them in messages, such as `'training'`.
 * @throws EdjmError `SHAPE_MISMATCH` if sizes do not fit; `INVALID_DATA` for no samples, values that are not finite, labels out of range
 * and, for the cross-entropy, targets that are no probabilities.
 */
export function checkSamples(what: string, data: TrainingSamples, expected: Expected): void {
  const { samples } = data;
  checkInputs(what, samples, expected.sampleSize);
  if (isLabeled(data)) checkLabels(what, data, expected.dOut);
  else {
    checkMatrix(`${what}, targets`, data.targets, { rows: samples.rows, columns: expected.dOut });
    if (expected.loss === 'cross-entropy') checkProbabilities(what, data.targets);
  }
}

/** @throws EdjmError `SHAPE_MISMATCH`, `INVALID_DATA` for samples that a network does not take, and for none. */
export function checkInputs(what: string, samples: DenseMatrix, sampleSize: number): void {
  if (samples.rows === 0) {
    throw new EdjmError('INVALID_DATA', `${what}: expected samples, got none. Give at least one.`);
  }
  checkMatrix(`${what}, samples`, samples, { rows: samples.rows, columns: sampleSize });
}

/** @throws EdjmError `SHAPE_MISMATCH` if there is not one label a sample. */
export function checkLabelCount(what: string, samples: number, labels: number): void {
  if (labels === samples) return;
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `${what}: expected one label for each of ${samples} samples, got ${labels} labels. Give the labels that go with the samples.`,
  );
}

function checkLabels(what: string, { samples, labels }: LabeledSamples, dOut: number): void {
  checkLabelCount(what, samples.rows, labels.length);
  const wrong = labels.findIndex((label) => label < 0 || label >= dOut);
  if (wrong === -1) return;
  throw new EdjmError(
    'INVALID_DATA',
    `${what}: expected labels from 0 to ${dOut - 1}, one for each output, got ${labels[wrong] as number} for sample ${wrong} (counted from 0). Give labels that count from 0, or a network with more outputs.`,
  );
}

function checkMatrix(
  what: string,
  { rows, columns, data }: DenseMatrix,
  expected: { readonly rows: number; readonly columns: number },
): void {
  if (rows !== expected.rows || columns !== expected.columns || data.length !== rows * columns) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${what}: expected ${expected.rows} × ${expected.columns} values, got ${rows} × ${columns} with ${data.length}. Give data that fits the network.`,
    );
  }
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong === -1) return;
  throw new EdjmError(
    'INVALID_DATA',
    `${what}: expected finite values, got ${data[wrong] as number} in row ${Math.floor(wrong / columns)} (counted from 0). Leave such samples out.`,
  );
}

function checkProbabilities(what: string, { rows, columns, data }: DenseMatrix): void {
  for (let row = 0; row < rows; row++) {
    const values = data.subarray(row * columns, (row + 1) * columns);
    let sum = 0;
    for (const value of values) sum += value;
    if (Math.abs(sum - 1) <= SUM_TOLERANCE && values.every((value) => value >= 0)) continue;
    throw new EdjmError(
      'INVALID_DATA',
      `${what}, targets: expected probabilities for the cross-entropy, got values with the sum ${sum} in row ${row} (counted from 0). Give probabilities, or the loss 'squared-error'.`,
    );
  }
}
