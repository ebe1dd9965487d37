import type { BlockRows, DenseMatrix } from '@edjm/linalg';
import type { Batch } from './checkedBatches.ts';
import { EdjmError } from '../contracts/errors.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';

/** The request to a network. */
export interface Question {
  readonly batch: Batch;
  /** Indices of the outputs. */
  readonly group: readonly number[];
}

/** Above it the sum of the squares over the data overflows float64. */
const LARGEST_GRADIENT = 1e150;

/**
 * Refuses rows of another shape than n × d_in for each output, and numbers in them that are not finite.
 *
 * @throws EdjmError `SHAPE_MISMATCH`, `INVALID_DATA`.
 */
export function checkRows(
  network: DifferentiableNetwork,
  results: readonly DenseMatrix[],
  { batch, group }: Question,
): void {
  const { dIn } = network;
  const { first, samples } = batch;
  const fits = ({ rows, columns, data }: DenseMatrix): boolean =>
    rows === samples.rows && columns === dIn && data.length === rows * columns;
  if (results.length !== group.length || !results.every(fits)) {
    throw wrongShape(
      network,
      `rows of ${samples.rows} × ${dIn} for each of ${group.length} outputs`,
      results,
    );
  }
  for (const [index, { data, columns }] of results.entries()) {
    for (let at = 0; at < data.length; at++) {
      if (Math.abs(data[at] as number) <= LARGEST_GRADIENT) continue;
      const row = Math.floor(at / columns);
      const place = `sample ${first + row}, input ${at - row * columns}`;
      throw notFinite(network, data[at], `the derivative of output ${String(group[index])} at ${place}`);
    }
  }
}

/**
 * Refuses Gram matrices that are not block rows up to the diagonal, d_in in all, for each output, and diagonals that are
 * not finite: NaN or infinity in a row shows there.
 *
 * @throws EdjmError `SHAPE_MISMATCH`, `INVALID_DATA`.
 */
export function checkGrams(
  network: DifferentiableNetwork,
  results: readonly BlockRows[],
  { batch, group }: Question,
): void {
  const { dIn } = network;
  const { first, samples } = batch;
  const wrong = results.find((blocks) => !isLowerTriangle(blocks, dIn));
  if (results.length !== group.length || wrong !== undefined) {
    const expected = `the ${dIn} rows of a Gram matrix up to its diagonal for each of ${group.length} outputs`;
    throw wrongShape(network, expected, wrong ?? results.flat());
  }
  for (const [index, blocks] of results.entries()) {
    const bad = diagonal(blocks).findIndex((square) => !(Math.abs(square) <= LARGEST_GRADIENT ** 2));
    if (bad === -1) continue;
    const last = first + samples.rows - 1;
    const place = `${first === last ? `sample ${first}` : `samples ${first} to ${last}`}, input ${bad}`;
    const what = `the squared derivatives of output ${String(group[index])} at ${place}`;
    throw notFinite(network, diagonal(blocks)[bad], what);
  }
}

function isLowerTriangle(blocks: BlockRows, order: number): boolean {
  let end = 0;
  for (const { rows, columns, data } of blocks) {
    end += rows;
    if (columns < end || data.length !== rows * columns) return false;
  }
  return end === order;
}

function diagonal(blocks: BlockRows): number[] {
  let first = 0;
  return blocks.flatMap(({ rows, columns, data }) => {
    const offset = first;
    first += rows;
    return Array.from({ length: rows }, (_, row) => data[row * columns + offset + row] as number);
  });
}

function wrongShape(
  network: DifferentiableNetwork,
  expected: string,
  got: readonly DenseMatrix[],
): EdjmError {
  const shapes = got.map(({ rows, columns, data }) => `${rows} × ${columns} in an array of ${data.length}`);
  return new EdjmError(
    'SHAPE_MISMATCH',
    `${network.name}: expected from its backend ${expected}, got ${shapes.length === 0 ? 'none' : shapes.join('; ')}. Correct the backend; @edjm/conformance tests it.`,
  );
}

function notFinite(network: DifferentiableNetwork, got: number | undefined, what: string): EdjmError {
  return new EdjmError(
    'INVALID_DATA',
    `${network.name}: expected finite gradients below ${LARGEST_GRADIENT}, got ${String(got)} in ${what} (counted from 0). The network overflows on this data, or has no derivative there. Leave those samples out, or choose an output in front of the operation that overflows.`,
  );
}
