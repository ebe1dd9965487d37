import { EdjmError } from '@edjm/core';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import { type Adjoint, adjoints, wrongByAdjoints } from './adjoints.ts';
import type { KernelCall } from './calls.ts';
import { type Difference, differences, wrongByDifferences } from './differences.ts';
import type { Tape } from './tape.ts';

/** Products that show wrong derivatives of a model's operations. */
export interface DerivativeTrials {
  readonly adjoints: readonly Adjoint[];
  readonly differences: readonly Difference[];
}

/** Goes back through each operation of a model once. */
export function derivativeTrials(
  tf: Tf,
  { tape, x, calls }: { readonly tape: Tape; readonly x: Tensor; readonly calls: readonly KernelCall[] },
): DerivativeTrials {
  const { tensors } = tape.pullback([x], tape.y);
  return { adjoints: adjoints(tf, tape.linear), differences: differences(tf, calls, tensors) };
}

/** @throws EdjmError `UNSUPPORTED` for operations whose derivatives are wrong. */
export async function checkDerivatives(trials: DerivativeTrials, engine: string): Promise<void> {
  const wrong = new Set([
    ...(await wrongByAdjoints(trials.adjoints)),
    ...(await wrongByDifferences(trials.differences)),
  ]);
  if (wrong.size === 0) return;
  throw new EdjmError(
    'UNSUPPORTED',
    `expected operations that the engine ${engine} of TensorFlow.js differentiates rightly, got ${[...wrong].join(', ')}, whose derivatives it gets wrong. Take another engine, or export the model to ONNX.`,
  );
}
