import { type DenseMatrix, jacobianRows } from '@edjm/core';
import { rowsAt } from '@edjm/linalg';
import { assertClose, assertEqual } from '../assertions.ts';
import { drawFrom } from '../reference/draw.ts';
import { type GoldenValues, goldenValues } from '../reference/golden.ts';
import type { Loaded } from './loaded.ts';
import {
  applyEach,
  combine,
  copy,
  fromBlockRows,
  gramOfRows,
  largestMagnitude,
  rowProducts,
} from '../reference/matrices.ts';

/** A batch of its own size, made of the samples of a case, with the oracle's results for it. */
export interface Trial extends GoldenValues {
  readonly batch: DenseMatrix;
  readonly size: string;
}

/** One sample, those of the case, and as many as make a second, nearly empty batch of the preferred size. */
export function trials({ network, reference }: Loaded): readonly Trial[] {
  const { outputs, jacobians } = goldenValues(reference);
  const samples = reference.batch.rows;
  return [1, samples, network.preferredBatchSize + 1].map((n) => {
    // Backwards, so that a sample has another place and other neighbors than in the batch of the case.
    const indices = Array.from({ length: n }, (_, i) => samples - 1 - (i % samples));
    return {
      batch: rowsAt(reference.batch, indices),
      outputs: rowsAt(outputs, indices),
      jacobians: jacobians.map((jacobian) => rowsAt(jacobian, indices)),
      size: `batch of ${n}`,
    };
  });
}

/** `forward` agrees with the oracle. */
export async function checkForward(loaded: Loaded): Promise<void> {
  for (const { batch, outputs, size } of trials(loaded)) {
    const got = await loaded.network.forward(batch);
    assertClose({ got, expected: outputs }, loaded.tolerance, `forward, ${size}`);
  }
}

/**
 * `vjp` agrees with the oracle, and so do the rows that core makes of it (or `jacobian`, if the network has it),
 * `jvp` and `gram`, if it has them.
 */
export async function checkDerivatives(loaded: Loaded): Promise<void> {
  for (const trial of trials(loaded)) {
    await checkVjp(loaded, trial);
    await checkJvp(loaded, trial);
    await checkJacobianAndGram(loaded, trial);
  }
}

async function checkVjp({ network, tolerance }: Loaded, { batch, jacobians, size }: Trial): Promise<void> {
  const cotangents = drawFrom(1).matrix(batch.rows, jacobians.length);
  const got = await network.vjp(batch, cotangents);
  assertClose({ got, expected: combine(jacobians, cotangents) }, tolerance, `vjp, ${size}`);
}

async function checkJvp({ network, tolerance }: Loaded, { batch, jacobians, size }: Trial): Promise<void> {
  if (!network.jvp) return;
  const tangents = drawFrom(2).matrix(batch.rows, batch.columns);
  const products = copy(await network.jvp(batch, tangents));
  assertClose({ got: products, expected: applyEach(jacobians, tangents) }, tolerance, `jvp, ${size}`);

  const cotangents = drawFrom(3).matrix(batch.rows, jacobians.length);
  const rows = await network.vjp(batch, cotangents);
  // The products may nearly cancel, so errors are relative to their summands.
  const comparison = {
    got: rowProducts(products, cotangents),
    expected: rowProducts(tangents, rows),
    scale: largestMagnitude(products) * largestMagnitude(cotangents),
  };
  assertClose(comparison, tolerance, `⟨J t, c⟩ = ⟨t, Jᵀ c⟩, ${size}`);
}

async function checkJacobianAndGram(
  { network, tolerance }: Loaded,
  { batch, jacobians, size }: Trial,
): Promise<void> {
  const all = jacobians.map((_, k) => k);
  // The last output alone, and all of them backwards: results follow the order that is asked for.
  for (const outputs of [all.slice(-1), all.toReversed()]) {
    const expected = outputs.map((k) => jacobians[k] as DenseMatrix);
    const compare = (name: string, got: readonly DenseMatrix[], wanted: readonly DenseMatrix[]): void => {
      assertEqual(got.length, outputs.length, `${name} of ${outputs.length} outputs, number of matrices`);
      for (const [i, matrix] of got.entries()) {
        const what = `${name} of output ${outputs[i]}, ${size}`;
        assertClose({ got: matrix, expected: wanted[i] as DenseMatrix }, tolerance, what);
      }
    };
    compare('jacobian', await jacobianRows(network, batch, outputs), expected);
    if (!network.gram) continue;
    const grams = await network.gram(batch, outputs);
    compare('gram', grams.map(fromBlockRows), expected.map(gramOfRows));
  }
}
