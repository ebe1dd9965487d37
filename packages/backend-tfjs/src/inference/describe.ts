import { EdjmError, type Head } from '@edjm/core';
import { valueCount } from '@edjm/network';
import type { Tensor } from '@tensorflow/tfjs';
import { type KernelCall, withCalls } from '../tape/calls.ts';
import { checkDerivatives, derivativeTrials, type DerivativeTrials } from '../tape/checkDerivatives.ts';
import { type Engine, inEngine } from '../engines/engine.ts';
import type { Tf } from '../engines/tf.ts';
import { engineError } from '../engines/engineError.ts';
import { outputsOf } from './outputs.ts';
import type { TensorFunction } from '../sources/tensorFunction.ts';
import type { Pullback } from '../tape/pullback.ts';
import { Tape } from '../tape/tape.ts';
import type { Description } from './tfjsNetwork.ts';

/** Samples that a model is tried with if it takes any number of them. */
export const PROBES = 3;

/**
 * Runs a model once, on noise, to see its outputs and the bytes that they take, and that it can be differentiated.
 *
 * @throws EdjmError `UNSUPPORTED` for outputs that no derivative leads to, and for operations without derivatives or kernels;
 * `INVALID_DATA` for outputs that are NaN; `ENGINE_FAILED` if the model fails.
 */
export async function describe(engine: Engine, model: TensorFunction): Promise<Description> {
  const n = model.fixedBatchSize ?? PROBES;
  const values = noise(n * valueCount(model.inputShape));
  try {
    const { bytes, ...description } = probe(engine, model, { values });
    await checkDerivatives(derivativesOf(engine, model, { values }), engine.name);
    await checkNumbers(engine, model, { values });
    if (model.fixedBatchSize !== undefined) return { ...description, sampleBytes: bytes / n };
    // Copies of weights share their memory: they take the same bytes for any number of samples.
    const one = probe(engine, model, { values: values.subarray(0, values.length / n) });
    return { ...description, sampleBytes: Math.max(0, bytes - one.bytes) / (n - 1) };
  } catch (cause) {
    throw engineError(model.name, engine, cause);
  }
}

/** Samples that a model is tried with. */
interface Trial {
  readonly values: Float32Array;
}

/** Products that show wrong derivatives of the engine. */
function derivativesOf(engine: Engine, model: TensorFunction, { values }: Trial): DerivativeTrials {
  const { tf } = engine;
  const calls = new Map<string, KernelCall>();
  let found: DerivativeTrials = { adjoints: [], differences: [] };
  inEngine(engine, () => {
    tf.tidy(() => {
      const x = tf.tensor(values, [values.length / valueCount(model.inputShape), ...model.inputShape]);
      const run = outputsOf(tf, model, { x });
      const tape = new Tape(tf, (recording) => withCalls(tf, calls, () => run(recording)), { checked: true });
      try {
        found = derivativeTrials(tf, { tape, x, calls: [...calls.values()] });
      } finally {
        tape.dispose();
        for (const { inputs } of calls.values()) tf.dispose(inputs);
      }
    });
  });
  return found;
}

/** Runs a model and goes back once, for its outputs and the bytes of the tensors that are recorded. */
function probe(
  engine: Engine,
  model: TensorFunction,
  { values }: Trial,
): Omit<Description, 'sampleBytes'> & { readonly bytes: number } {
  const { tf } = engine;
  const n = values.length / valueCount(model.inputShape);
  let head: Head = { kind: 'none' };
  const onHead = (found: Head): void => {
    head = found;
  };
  const description = inEngine(engine, () =>
    tf.tidy(() => {
      const x = tf.tensor(values, [n, ...model.inputShape]);
      const before = tf.memory().numBytes;
      const tape = new Tape(tf, outputsOf(tf, model, { x, onHead }));
      try {
        const { y } = tape;
        checkOutputs(y, n);
        const pullback = tape.pullback([x], y);
        if (!pullback.exists) {
          throw new EdjmError(
            'UNSUPPORTED',
            'expected outputs that depend on the input through operations with derivatives, got outputs that do not.',
          );
        }
        const { onlyThrough } = pullback;
        if (onlyThrough !== undefined) {
          throw new EdjmError(
            'UNSUPPORTED',
            `expected an operation with a derivative on the way from the input to the output, got ${onlyThrough}, a step: its derivative is 0 wherever there is one. Choose a layer or node in front of it by the option 'output' (--output NAME).`,
          );
        }
        pullback.vjp(tf.onesLike(y));
        const bytes = tf.memory().numBytes - before;
        const operations = [...pullback.operations];
        return { dOut: y.size / n, bytes, operations, twice: canTwice(tf, pullback, y) };
      } finally {
        tape.dispose();
      }
    }),
  );
  return { ...description, head };
}

/** Whether the reverse pass has derivatives itself. */
function canTwice(tf: Tf, pullback: Pullback, y: Tensor): boolean {
  const cotangent = tf.onesLike(y);
  const tape = new Tape(tf, () => pullback.vjp(cotangent)[0] ?? cotangent);
  try {
    const second = tape.pullback([cotangent], tape.y);
    return second.exists && second.lacking === undefined;
  } finally {
    tape.dispose();
  }
}

function checkOutputs(y: Tensor, n: number): void {
  const [rows] = y.shape;
  if (rows === n && y.size > 0 && y.dtype === 'float32') return;
  throw new EdjmError(
    'UNSUPPORTED',
    `expected outputs in float32, one row for each of ${String(n)} samples, got ${y.dtype} of shape [${y.shape.join(', ')}].`,
  );
}

/** Refuses a model whose outputs are no numbers for ordinary samples. */
async function checkNumbers(engine: Engine, model: TensorFunction, { values }: Trial): Promise<void> {
  const { tf } = engine;
  const shape = [values.length / valueCount(model.inputShape), ...model.inputShape];
  const y = inEngine(engine, () => tf.tidy(() => model.run(tf.tensor(values, shape)).clone()));
  const outputs = await y.data();
  y.dispose();
  if (!outputs.some(Number.isNaN)) return;
  throw new EdjmError(
    'INVALID_DATA',
    'expected outputs that are numbers for samples between -1 and 1, got NaN. Weights may be damaged, or NaN themselves.',
  );
}

/** Values that are the same every time, and no two alike. */
function noise(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1)));
}
