import { cpuBackend } from '@edjm/backend-cpu';
import type { TrainableNetwork } from '@edjm/core';
import { multilayerPerceptron, seededRandom } from '@edjm/network';
import type { LabeledSamples, TrainingData } from '../src/index.ts';

const CLASSES = 3;
const COLUMNS = 4;

/** Clouds of normal values around three corners: samples that a small network tells apart. */
export function clouds(n: number, seed: number): LabeledSamples {
  const random = seededRandom(seed);
  const labels = Int32Array.from({ length: n }, (_, i) => i % CLASSES);
  const data = Float32Array.from(
    { length: n * COLUMNS },
    (_, i) => random.normal() + (i % COLUMNS === labels[Math.floor(i / COLUMNS)]! ? 3 : 0),
  );
  return { samples: { rows: n, columns: COLUMNS, data }, labels };
}

/** 50 samples to train on, 30 to validate. */
export function smallData(): TrainingData {
  return { training: clouds(50, 1), validation: clouds(30, 2) };
}

/** 4-6-3, the same each time. */
export function smallNetwork(seed: number = 5): Promise<TrainableNetwork> {
  const network = multilayerPerceptron({ dIn: COLUMNS, hidden: [6], dOut: CLASSES, seed });
  return cpuBackend().loadTrainable(network);
}

/** All parameters, as plain values. */
export async function weightsOf(network: TrainableNetwork): Promise<Record<string, readonly number[]>> {
  return Object.fromEntries([...(await network.parameters())].map(([name, { data }]) => [name, [...data]]));
}
