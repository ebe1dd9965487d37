import type { DenseMatrix, JacobianProduct } from '@edjm/core';
import { inferShapes, valueCount, withoutSoftmax } from '@edjm/network';
import { type Draw, drawFrom } from '../reference/draw.ts';
import type { TrainingCase } from './trainingCase.ts';
import { trainingRecipes } from './trainingRecipes.ts';

/** Samples in the batch of each case: no power of two, so that a padded batch shows. */
const SAMPLES = 5;

/** Far from the seeds of the reference cases. */
const FIRST_SEED = 1001;

/**
 * The networks that training is tested on, with seeded weights and samples: the same values on every machine.
 *
 * @example
 * ```ts
 * import { trainingCases } from '@edjm/conformance';
 *
 * for (const { name, runs } of trainingCases()) console.log(name, runs.map((run) => run.name));
 * ```
 */
export function trainingCases(): readonly TrainingCase[] {
  return trainingRecipes().map(({ name, inputShape, layers, runs }, index) => {
    const draw = drawFrom(FIRST_SEED + index);
    const network = { name, inputShape, layers: layers(draw) };
    const dIn = valueCount(inputShape);
    const dOut = valueCount(inferShapes(withoutSoftmax(network)).at(-1) ?? []);
    const product = (): JacobianProduct => ({
      cotangents: draw.matrix(SAMPLES, dOut),
      tangents: draw.matrix(SAMPLES, dIn),
    });
    return {
      name,
      network,
      batch: draw.matrix(SAMPLES, dIn),
      targets: probabilities(draw, SAMPLES, dOut),
      runs,
      products: [product(), product()],
    };
  });
}

/** Rows of positive values whose sum is 1. */
function probabilities(draw: Draw, rows: number, columns: number): DenseMatrix {
  const data = draw.vector(rows * columns).map(Math.exp);
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * columns, (i + 1) * columns);
    const total = row.reduce((sum, value) => sum + value, 0);
    row.set(row.map((value) => value / total));
  }
  return { rows, columns, data };
}
