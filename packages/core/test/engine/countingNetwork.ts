import type { BlockRows, DenseMatrix } from '@edjm/linalg';
import type { RawNetwork, Run } from '../../src/index.ts';

/** What an engine was asked for. */
export interface CallLog {
  readonly calls: { call: string; size: number; rows: number; samples: number[] }[];
}

/**
 * f(x) = (x₀², x₀ x₁) in float32, whose every call is written down, and whose results it overwrites in the next call, as an engine may.
 */
export function countingNetwork(parts: Partial<RawNetwork> = {}): RawNetwork & CallLog {
  const calls: CallLog['calls'] = [];
  let given: Float32Array[] = [];
  const begin = (call: string, { size, rows, samples }: Run): void => {
    calls.push({ call, size, rows, samples: [...samples] });
    for (const array of given) array.fill(NaN);
    given = [];
  };
  /** Longer than asked for, as the array of an engine may be. */
  const fresh = (length: number, entry: (at: number) => number): Float32Array => {
    const array = Float32Array.from({ length: length + 3 }, (_, at) => (at < length ? entry(at) : NaN));
    given.push(array);
    return array;
  };
  const rowsOf = ({ samples, size }: Run, cotangents: ArrayLike<number>): Float32Array =>
    fresh(2 * size, (at) => {
      const i = 2 * Math.floor(at / 2);
      const [x, y, a, b] = [samples[i]!, samples[i + 1]!, cotangents[i]!, cotangents[i + 1]!];
      return at === i ? 2 * a * x + b * y : b * x;
    });
  return {
    calls,
    name: 'counting',
    inputShape: [2],
    dOut: 2,
    outputKind: 'logit',
    precision: 'float32',
    preferredBatchSize: 4,
    forward: async (run) => {
      begin('forward', run);
      const { samples, size } = run;
      return fresh(2 * size, (at) => samples[at - (at % 2)]! * samples[at]!);
    },
    vjp: async (run, cotangents) => {
      begin('vjp', run);
      return rowsOf(run, cotangents);
    },
    jacobian: async (run, units) => {
      begin('jacobian', run);
      return units.outputs.map((_, place) => rowsOf(run, units.of(place)));
    },
    gram: async (run, units) => {
      begin('gram', run);
      return units.outputs.map((_, place) => gramOf(rowsOf(run, units.of(place)), run.size));
    },
    workspaceBytes: ({ size, runs, outputs }) => 8 * size * runs * outputs,
    dispose: async () => {
      calls.push({ call: 'dispose', size: 0, rows: 0, samples: [] });
    },
    ...parts,
  };
}

/** RᵀR of n rows of 2 values, as one block. */
export function gramOf(rows: ArrayLike<number>, n: number): BlockRows {
  const data = new Float64Array(4);
  for (let i = 0; i < n; i++) {
    const [a, b] = [rows[2 * i]!, rows[2 * i + 1]!];
    for (const [at, product] of [a * a, a * b, a * b, b * b].entries()) data[at]! += product;
  }
  return [{ rows: 2, columns: 2, data }];
}

/** Samples of two values each. */
export function samples(...values: readonly number[]): DenseMatrix {
  return { rows: values.length / 2, columns: 2, data: Float32Array.from(values) };
}
