import {
  EdjmError,
  type FloatArray,
  type Head,
  nextTask,
  type RawNetwork,
  type Run,
  type Step,
  type UnitCotangents,
} from '@edjm/core';
import { valueCount } from '@edjm/network';
import type { Tensor } from '@tensorflow/tfjs';
import { type Engine, inEngine, type TfjsEngine } from '../engines/engine.ts';
import { runModel } from '../engines/engineError.ts';
import { float64Gram, hasFloat64 } from '../engines/tensorflowKernels.ts';
import type { TensorFunction } from '../sources/tensorFunction.ts';
import type { Pullback } from '../tape/pullback.ts';
import { Tape } from '../tape/tape.ts';
import { outputsOf } from './outputs.ts';

/** The most samples in a run that is fast: more of them make the products no faster, and their operands leave the cache. */
const LARGEST_RUN = 500;
/** The same for slow engines: during a run the process hears of nothing else, such as of Ctrl-C. */
const SLOW_RUNS: Readonly<Partial<Record<TfjsEngine, number>>> = { cpu: 16, wasm: 128 };
/** The fewest samples in a run that is fast: fewer make the products thin. */
const SMALLEST_RUN = 16;
/** The intermediate values of a run may take so many bytes for most of them to stay in a processor's last cache. */
const CACHED_BYTES = 2 ** 25;
/** Values that a reverse pass holds for each one that the forward pass left. */
const REVERSE_SHARE = 1;

/** The properties of a model that its first run shows. */
export interface Description {
  readonly dOut: number;
  readonly head: Head;
  /** Bytes of intermediate values for one sample. */
  readonly sampleBytes: number;
  /** The operations from the samples to the outputs, by TensorFlow's names. */
  readonly operations: readonly string[];
  /** Whether the reverse pass has derivatives itself, for Jacobian-vector products. */
  readonly twice: boolean;
}

/** A run of a model: its outputs, [n, …], and their pullback to the samples. */
interface Recorded {
  readonly y: Tensor;
  readonly pullback: Pullback;
}

/** A model in TensorFlow.js. Each call runs it once, in inference mode, and goes backward once for each output. */
export function tfjsNetwork(engine: Engine, model: TensorFunction, description: Description): RawNetwork {
  const { tf } = engine;
  const { name, inputShape, fixedBatchSize } = model;
  const { dOut, head } = description;
  const dIn = valueCount(inputShape);
  const formsGrams = inEngine(engine, () => hasFloat64(tf));

  /** Runs the model, and does something with its record; in the end only the result is left. */
  const recorded = async <T extends Tensor | Tensor[] | undefined>(
    { samples, size }: Run,
    use: (record: Recorded) => T,
  ): Promise<T> => {
    // A run blocks the process, so pending events are handled first.
    await nextTask();
    return runModel(engine, name, () =>
      tf.tidy(() => {
        const x = tf.tensor(samples, [size, ...inputShape]);
        const tape = new Tape(tf, outputsOf(tf, model, { x }));
        try {
          return use({ y: tape.y, pullback: tape.pullback([x], tape.y) });
        } finally {
          tape.dispose();
        }
      }),
    );
  };
  /** The values of a tensor, which is freed. */
  const read = async (tensor: Tensor): Promise<Float32Array> => {
    try {
      return await tensor.data<'float32'>();
    } finally {
      tensor.dispose();
    }
  };
  /** Rows of the EDJM for cotangents, size × d_out. */
  const rowsFor = ({ y, pullback }: Recorded, cotangents: FloatArray): Tensor =>
    tf.tidy(() => only(pullback.vjp(tf.tensor(cotangents as Float32Array, y.shape))));

  return {
    name,
    inputShape,
    dOut,
    outputKind: head.kind === 'as-is' ? 'as-is' : 'logit',
    head,
    precision: 'float32',
    preferredBatchSize: fixedBatchSize ?? fastestRun(engine.name, description),
    fixedRunSize: fixedBatchSize,
    // A copy: a function may return a tensor that it keeps.
    forward: async (run) => read(await recorded(run, ({ y }) => y.clone())),
    vjp: async (run, cotangents) => read(await recorded(run, (record) => rowsFor(record, cotangents))),
    ...(description.twice && {
      jvp: async (run: Run, tangents: FloatArray) =>
        read(
          await recorded(run, (record) =>
            jvpOfVjp(engine, record, tf.tensor(tangents as Float32Array, [run.size, ...inputShape])),
          ),
        ),
    }),
    async jacobian(run, { outputs, of }) {
      const tensors = await recorded(run, (record) => outputs.map((_, place) => rowsFor(record, of(place))));
      try {
        const rows: Float32Array[] = [];
        for (const tensor of tensors) rows.push(await read(tensor));
        return rows;
      } finally {
        tf.dispose(tensors);
      }
    },
    // Products in float32 would drown small singular values.
    ...(formsGrams && {
      gram: async (run: Run, { outputs, of }: UnitCotangents) => {
        const grams: ReturnType<typeof float64Gram>[] = [];
        await recorded(run, (record) => {
          for (const place of outputs.keys()) {
            tf.tidy(() => {
              const rows = rowsFor(record, of(place)).reshape([run.size, dIn]);
              grams.push(float64Gram(tf, run.rows < run.size ? rows.slice(0, run.rows) : rows));
            });
          }
          return undefined;
        });
        return grams;
      },
    }),
    workspaceBytes({ size, outputs, call }) {
      const rows = size * dIn * Float32Array.BYTES_PER_ELEMENT;
      const products = Float64Array.BYTES_PER_ELEMENT * (size * dIn + 3 * dIn ** 2);
      const held = call === 'gram' && formsGrams ? 2 * rows + products : (outputs + 1) * rows;
      return Math.ceil((1 + REVERSE_SHARE) * size * description.sampleBytes + held);
    },
    explain(size, outputs) {
      const { operations } = description;
      const samples = `${engine.name}, ${String(size)} samples`;
      const each = `${String(outputs)} times, once for each output`;
      const forward: Step = { pass: 'forward', of: samples, nodes: operations };
      const reverse: Step = { pass: 'reverse', of: each, nodes: operations.toReversed() };
      const gram: Step = { pass: 'gram', of: each, nodes: ['Transpose', 'Cast to float64', 'MatMul'] };
      return formsGrams ? [forward, reverse, gram] : [forward, reverse];
    },
    async dispose() {
      inEngine(engine, model.dispose);
    },
  };
}

/** The number of samples at which a run is fastest. */
function fastestRun(engine: TfjsEngine, { sampleBytes }: Description): number {
  const fitting = Math.floor(CACHED_BYTES / Math.max(1, sampleBytes));
  return Math.min(SLOW_RUNS[engine] ?? LARGEST_RUN, Math.max(SMALLEST_RUN, fitting));
}

/** J t as the derivative, with respect to c, of the vector-Jacobian product cᵀJ, which is linear in c. */
function jvpOfVjp({ tf }: Engine, { pullback, y }: Recorded, tangents: Tensor): Tensor {
  return tf.tidy(() => {
    const cotangent = tf.zeros(y.shape);
    const tape = new Tape(tf, () => only(pullback.vjp(cotangent)));
    try {
      return only(tape.pullback([cotangent], tape.y).vjp(tangents));
    } finally {
      tape.dispose();
    }
  });
}

function only(tensors: readonly Tensor[]): Tensor {
  const [tensor] = tensors;
  if (tensor === undefined) throw new EdjmError('ENGINE_FAILED', 'expected a gradient, got none.');
  return tensor;
}
