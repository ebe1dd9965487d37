import golden from '../generated/trainingGolden.json' with { type: 'json' };
import type { TrainingCase } from './trainingCase.ts';

/** Values by the names of parameters or statistics. */
export type NamedNumbers = Readonly<Record<string, readonly number[]>>;

/** The results of the float64 oracle for a training case. */
export interface TrainingGolden {
  /** By the name of the run. */
  readonly runs: Readonly<Record<string, RunGolden>>;
  /** The gradients of the sum of the products. */
  readonly jacobianGradients: NamedNumbers;
}

/** The results of one run of a case. */
export interface RunGolden {
  readonly loss: number;
  readonly gradients: NamedNumbers;
  /** The stored statistics after the run. */
  readonly statistics: NamedNumbers;
}

/**
 * The numbers of the file: made by the float64 backend, which its own tests check against central differences, and
 * rounded to ten digits. `packages/backend-cpu/test/trainingGolden.test.ts` writes and checks it.
 */
const byName: Readonly<Record<string, TrainingGolden>> = golden;

/** The oracle's values for a case. */
export function trainingGolden({ name }: TrainingCase): TrainingGolden {
  const stored = byName[name];
  if (stored) return stored;
  throw new Error(
    `expected golden values for '${name}', got none. Update the snapshots of backend-cpu's tests.`,
  );
}

/** The oracle's values for one run of a case. */
export function runGolden(training: TrainingCase, run: string): RunGolden {
  const stored = trainingGolden(training).runs[run];
  if (stored) return stored;
  throw new Error(
    `expected golden values for '${run}', got none. Update the snapshots of backend-cpu's tests.`,
  );
}
