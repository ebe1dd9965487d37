import { EdjmError, type OutputKind } from '@edjm/core';
import { valueCount } from '@edjm/network';
import type { Tensor } from '@tensorflow/tfjs';
import { type Adjoint, adjoints, checkAdjoints } from '../tape/adjoints.ts';
import { type Engine, inEngine, type Tf } from '../engines/engine.ts';
import { engineError } from '../engines/engineError.ts';
import { outputsOf } from './outputs.ts';
import type { TensorFunction } from '../sources/tensorFunction.ts';
import { Tape, type Way } from '../tape/tape.ts';
import type { Description } from './tfjsNetwork.ts';

/** Samples that a model is tried with, where it does not say how many it takes. */
const PROBES = 3;
/** How far outputs of a sample may lie apart where others are beside it: float32 sums in another order. */
const TOLERANCE = 1e-3;

/**
 * Runs a model once, on noise, to see what it gives, what that takes, and that it can be differentiated.
 *
 * @throws EdjmError `UNSUPPORTED` for outputs that no derivative leads to, or that depend on other samples, and for operations without
 * derivatives or kernels; `ENGINE_FAILED` where the model fails.
 */
export async function describe(
  engine: Engine,
  model: TensorFunction,
  outputKind: OutputKind,
): Promise<Description> {
  const n = model.fixedBatchSize ?? PROBES;
  const values = noise(n * valueCount(model.inputShape));
  try {
    const { bytes, ...description } = probe(engine, model, { values, outputKind });
    await checkAdjoints(linearParts(engine, model, { values, outputKind }), engine.name);
    if (model.fixedBatchSize !== undefined) return { ...description, sampleBytes: bytes / n };
    await checkIndependence(engine, model, values);
    // What does not depend on the number of samples are copies of weights, which share their memory.
    const one = probe(engine, model, { values: values.subarray(0, values.length / n), outputKind });
    return { ...description, sampleBytes: Math.max(0, bytes - one.bytes) / (n - 1) };
  } catch (cause) {
    throw engineError(model.name, engine, cause);
  }
}

/** What a model is tried with. */
interface Trial {
  readonly values: Float32Array;
  readonly outputKind: OutputKind;
}

/** Products by which wrong derivatives of the engine's show. */
function linearParts(
  engine: Engine,
  model: TensorFunction,
  { values, outputKind }: Trial,
): readonly Adjoint[] {
  const { tf } = engine;
  let found: readonly Adjoint[] = [];
  inEngine(engine, () => {
    tf.tidy(() => {
      const x = tf.tensor(values, [values.length / valueCount(model.inputShape), ...model.inputShape]);
      const tape = new Tape(tf, outputsOf(tf, model, { x, outputKind }), { checked: true });
      try {
        found = adjoints(tf, tape.linear);
      } finally {
        tape.dispose();
      }
    });
  });
  return found;
}

/** Runs a model and goes back once: what it gives, and the bytes of tensors that are recorded on the way. */
function probe(
  engine: Engine,
  model: TensorFunction,
  { values, outputKind }: Trial,
): Omit<Description, 'sampleBytes'> & { readonly bytes: number } {
  const { tf } = engine;
  const n = values.length / valueCount(model.inputShape);
  return inEngine(engine, () =>
    tf.tidy(() => {
      const x = tf.tensor(values, [n, ...model.inputShape]);
      const before = tf.memory().numBytes;
      const tape = new Tape(tf, outputsOf(tf, model, { x, outputKind }));
      try {
        const { y } = tape;
        checkOutputs(y, n);
        const way = tape.way([x], y);
        if (!way.exists) {
          throw new EdjmError(
            'UNSUPPORTED',
            'expected outputs that depend on the input through operations with derivatives, got outputs that do not.',
          );
        }
        way.back(tf.onesLike(y));
        const bytes = tf.memory().numBytes - before;
        const operations = [...way.operations];
        return { dOut: y.size / n, outputKind, bytes, operations, twice: canTwice(tf, way, y) };
      } finally {
        tape.dispose();
      }
    }),
  );
}

/** Whether the reverse pass has derivatives itself. */
function canTwice(tf: Tf, way: Way, y: Tensor): boolean {
  const cotangent = tf.onesLike(y);
  const tape = new Tape(tf, () => way.back(cotangent)[0] ?? cotangent);
  try {
    const second = tape.way([cotangent], tape.y);
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

/** Outputs of a sample are the same where it is alone, or the network is no function of a sample. */
async function checkIndependence(engine: Engine, model: TensorFunction, values: Float32Array): Promise<void> {
  const { tf } = engine;
  const size = valueCount(model.inputShape);
  const outputs = async (samples: Float32Array): Promise<readonly number[]> => {
    const shape = [samples.length / size, ...model.inputShape];
    const y = inEngine(engine, () => tf.tidy(() => model.run(tf.tensor(samples, shape)).clone()));
    try {
      return Array.from(await y.data());
    } finally {
      y.dispose();
    }
  };
  const together = await outputs(values);
  if (together.some(Number.isNaN)) {
    throw new EdjmError(
      'INVALID_DATA',
      'expected outputs that are numbers for samples between -1 and 1, got NaN. Weights may be damaged, or NaN themselves.',
    );
  }
  if (!together.every(Number.isFinite)) return;
  const width = together.length / PROBES;
  const scale = Math.max(...together.map(Math.abs));
  for (const sample of [0, PROBES - 1]) {
    const alone = await outputs(values.slice(sample * size, (sample + 1) * size));
    const off = alone.map((value, i) => Math.abs(value - (together[sample * width + i] ?? NaN)));
    if (Math.max(...off) <= TOLERANCE * scale) continue;
    throw new EdjmError(
      'UNSUPPORTED',
      'expected outputs of a sample that do not depend on the samples beside it, got other ones. Batch statistics belong to training alone.',
    );
  }
}

/** Values that are the same every time, and no two alike. */
function noise(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1)));
}
