import type { TrainableNetwork } from '@edjm/core';
import type { Network } from '@edjm/network';
import type { TrainingCase } from './trainingCase.ts';
import { trainingCases } from './trainingCases.ts';

/** A network that trains, and how exact it must be. */
export interface Training {
  readonly network: TrainableNetwork;
  readonly tolerance: number;
}

/** Loads networks that train, for the time that they are in use. */
export type Trainer = <T>(network: Network, use: (training: Training) => Promise<T>) => Promise<T>;

/** @returns the training case of that name. */
export function trainingCase(name: string): TrainingCase {
  const found = trainingCases().find((training) => training.name === name);
  if (found) return found;
  throw new Error(`expected a training case, got '${name}'. See trainingCases().`);
}
