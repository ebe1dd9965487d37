import { type DenseMatrix, type DifferentiableNetwork, jacobianRows, type NarrowedNetwork } from '@edjm/core';
import { transposed } from '@edjm/linalg';
import { assert, assertClose, assertEqual, assertRefused } from '../assertions.ts';
import { type Trial, trials } from './checkAgreement.ts';
import { drawFrom } from '../reference/draw.ts';
import type { Loaded } from './loaded.ts';
import { applyEach, copy, fromBlockRows, gramOfRows, product } from '../reference/matrices.ts';

/**
 * Where `narrowed` gives a network and a matrix W, its rows times W are those of the oracle, and it lives and ends without the
 * network that it came from.
 */
export async function checkNarrowed(loaded: Loaded): Promise<void> {
  const { network } = loaded;
  const narrowed = await network.narrowed?.();
  if (!narrowed) return;
  try {
    checkSizes(network, narrowed);
    for (const trial of trials(loaded)) await checkRows(narrowed, trial, loaded.tolerance);
    await checkLifetimes(loaded, narrowed);
  } finally {
    await narrowed.network.dispose();
  }
}

function checkSizes(network: DifferentiableNetwork, { network: behind, matrix }: NarrowedNetwork): void {
  const { dIn } = behind;
  assert(dIn < network.dIn, `narrowed, dIn: expected less than ${network.dIn}, got ${dIn}`);
  assertEqual(`${matrix.rows} × ${matrix.columns}`, `${dIn} × ${network.dIn}`, 'narrowed, matrix');
  assertEqual(behind.sampleSize, network.sampleSize, 'narrowed, sampleSize');
  assertEqual(behind.dOut, network.dOut, 'narrowed, dOut');
  assertEqual(behind.outputKind, network.outputKind, 'narrowed, outputKind');
}

async function checkRows(
  { network, matrix }: NarrowedNetwork,
  { batch, outputs, jacobians, size }: Trial,
  tolerance: number,
): Promise<void> {
  const got = await network.forward(batch);
  assertClose({ got, expected: outputs }, tolerance, `narrowed, forward, ${size}`);
  const all = jacobians.map((_, k) => k);
  const rows = (await jacobianRows(network, batch, all)).map(copy);
  for (const [k, expected] of jacobians.entries()) {
    const what = `narrowed, rows of output ${k} times W, ${size}`;
    assertClose({ got: product(rows[k] as DenseMatrix, matrix), expected }, tolerance, what);
  }
  if (network.jvp) {
    const tangents = drawFrom(4).matrix(batch.rows, network.dIn);
    const products = await network.jvp(batch, tangents);
    const expected = applyEach(rows, tangents);
    assertClose({ got: products, expected }, tolerance, `narrowed, jvp, ${size}`);
  }
  const grams = (await network.gram?.(batch, all)) ?? [];
  for (const [k, gram] of grams.entries()) {
    const whole = product(product(transposed(matrix), fromBlockRows(gram)), matrix);
    const expected = gramOfRows(jacobians[k] as DenseMatrix);
    assertClose({ got: whole, expected }, tolerance, `narrowed, Wᵀ (gram of output ${k}) W, ${size}`);
  }
}

/** A narrower one does not exist; a second one can be disposed of alone; the first one outlives the network that it came from. */
async function checkLifetimes(
  { network, reference: { batch } }: Loaded,
  { network: behind, matrix }: NarrowedNetwork,
): Promise<void> {
  const narrower = await network.narrowed?.(matrix.rows - 1);
  assert(
    narrower === undefined,
    `narrowed(${matrix.rows - 1}): expected none, got ${narrower?.matrix.rows} rows`,
  );
  const second = await network.narrowed?.(matrix.rows);
  assert(second !== undefined, `narrowed(${matrix.rows}): expected a network, got none`);
  const expected = copy(await network.forward(batch));
  await second.network.dispose();
  assertClose(
    { got: await network.forward(batch), expected },
    0,
    'forward after dispose of a narrowed network',
  );
  await network.dispose();
  await behind.forward(batch);
  await assertRefused(async () => network.narrowed?.(), 'narrowed after dispose');
}
