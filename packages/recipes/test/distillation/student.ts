import { cpuBackend } from '@edjm/backend-cpu';
import type { DenseMatrix, StepOptions } from '@edjm/core';
import { type Network, seededRandom, type Tensor } from '@edjm/network';

/** n samples of N(0, 1). */
export function normalSamples(n: number, columns: number, seed: number): DenseMatrix {
  const random = seededRandom(seed);
  return { rows: n, columns, data: Float64Array.from({ length: n * columns }, random.normal) };
}

/** The samples of training: all of them in every step. */
export interface Course {
  readonly samples: DenseMatrix;
  readonly targets: DenseMatrix;
  readonly steps: number;
  readonly options: StepOptions;
}

/** The parameters after so many steps. */
export async function trained(
  network: Network,
  { samples, targets, steps, options }: Course,
): Promise<ReadonlyMap<string, Tensor>> {
  await using student = await cpuBackend().loadTrainable(network);
  for (let step = 0; step < steps; step++) await student.step(samples, targets, options);
  return await student.parameters();
}

/** The outputs of a network in float64. */
export async function outputsOf(network: Network, samples: DenseMatrix): Promise<DenseMatrix> {
  await using loaded = await cpuBackend().load(network);
  return await loaded.forward(samples);
}

/** Rows without their means. */
export function centeredRows({ columns, data }: DenseMatrix): readonly number[] {
  return Array.from(data, (value, i) => {
    const start = i - (i % columns);
    return value - Array.from(data.subarray(start, start + columns)).reduce((sum, z) => sum + z, 0) / columns;
  });
}

/** The mean squared difference of two networks' logits without their means. */
export async function logitDistance(a: Network, b: Network, samples: DenseMatrix): Promise<number> {
  const [left, right] = [
    centeredRows(await outputsOf(a, samples)),
    centeredRows(await outputsOf(b, samples)),
  ];
  return left.reduce((sum, value, i) => sum + (value - right[i]!) ** 2, 0) / left.length;
}
