import type { FloatArray } from '@edjm/linalg';
import type { OutputGroups } from '../contracts/head.ts';

/** The probabilities of a sample as a function of its logits: a sigmoid of each, or a softmax of each group. */
export interface HeadFunction {
  /** The members of an output's group, itself among them. */
  readonly members: (output: number) => readonly number[];
  /** p(z), or its logarithm. */
  readonly values: (z: Float64Array) => Float64Array;
  /** A linear map from changes of z to changes of p or log p at one z, and its transpose. */
  readonly at: (z: Float64Array) => HeadDerivative;
}

/** The derivative of a head at a sample. Arrays hold `width` numbers for each output, so that rows of a Jacobian go in as they are. */
export interface HeadDerivative {
  /** Replaces changes of the logits by those of the outputs. */
  readonly push: (changes: Float64Array, width: number) => void;
  /** The cotangents of the logits for those of the outputs. */
  readonly pull: (cotangents: FloatArray) => Float64Array;
}

/**
 *     s(z)        s(z) s(−z) ∂z
 *     log s(z)    s(−z) ∂z
 *
 * 1 − s(z) is computed as s(−z), so that values near 1 keep their digits.
 */
export function sigmoidHead(log: boolean): HeadFunction {
  const slope = (z: number): number => (log ? sigmoid(-z) : sigmoid(z) * sigmoid(-z));
  return {
    members: (output) => [output],
    values: (z) => z.map(log ? logSigmoid : sigmoid),
    at: (z) => {
      const slopes = z.map(slope);
      return {
        push: (changes, width) => {
          for (let i = 0; i < changes.length; i++) {
            changes[i] = (changes[i] as number) * (slopes[Math.floor(i / width)] as number);
          }
        },
        pull: (cotangents) => slopes.map((value, i) => value * (cotangents[i] as number)),
      };
    },
  };
}

function sigmoid(z: number): number {
  const power = Math.exp(-Math.abs(z));
  return (z < 0 ? power : 1) / (1 + power);
}

function logSigmoid(z: number): number {
  return Math.min(z, 0) - Math.log1p(Math.exp(-Math.abs(z)));
}

/**
 *     p = softmax(z)        ∂p_k = p_k (∂z_k − ∂z_t − Σ_{j≠t} p_j (∂z_j − ∂z_t))
 *     l = log softmax(z)    ∂l_k = ∂z_k − ∂z_t − Σ_{j≠t} p_j (∂z_j − ∂z_t)
 *
 * for any t, since shifting all z changes nothing. With t the largest, no sum holds a p near 1: the textbook's ∂z_k − Σ p_j ∂z_j cancels there.
 */
export function softmaxHead(groups: OutputGroups, log: boolean): HeadFunction {
  return {
    members: (output) => membersOf(groups, output),
    values: (z) => {
      const result = new Float64Array(z.length);
      for (const members of groupsOf(groups, z.length)) {
        const { top, logs } = normalized(z, members);
        for (const k of members) {
          const value = (z[k] as number) - (z[top] as number) - logs;
          result[k] = log ? value : Math.exp(value);
        }
      }
      return result;
    },
    at: (z) => {
      const all = groupsOf(groups, z.length).map((members) => ({ members, ...normalized(z, members) }));
      return {
        push: (changes, width) => {
          for (const group of all) pushGroup(group, { changes, width, log });
        },
        pull: (cotangents) => {
          const result = new Float64Array(z.length);
          for (const group of all) pullGroup(group, { cotangents, result, log });
          return result;
        },
      };
    },
  };
}

/** A softmax over some outputs at one z. */
interface Normalized {
  /** The output of the largest logit. */
  readonly top: number;
  /** log Σ e^(z_j − z_t). */
  readonly logs: number;
  /** p, in the order of the members. */
  readonly p: Float64Array;
  /** Σ_{j≠t} p_j = 1 − p_t. */
  readonly others: number;
}

interface Group extends Normalized {
  readonly members: readonly number[];
}

function pushGroup(
  { members, top, p }: Group,
  { changes, width, log }: { readonly changes: Float64Array; readonly width: number; readonly log: boolean },
): void {
  const mean = new Float64Array(width);
  const first = top * width;
  for (const [place, k] of members.entries()) {
    const share = p[place] as number;
    for (let i = 0; i < width; i++) {
      // The largest comes to 0, and is needed by the others before.
      if (k === top) continue;
      const change = (changes[k * width + i] as number) - (changes[first + i] as number);
      changes[k * width + i] = change;
      mean[i] = (mean[i] as number) + share * change;
    }
  }
  for (const [place, k] of members.entries()) {
    const factor = log ? 1 : (p[place] as number);
    for (let i = 0; i < width; i++) {
      const change = k === top ? 0 : (changes[k * width + i] as number);
      changes[k * width + i] = factor * (change - (mean[i] as number));
    }
  }
}

function pullGroup(
  { members, top, p, others }: Group,
  {
    cotangents,
    result,
    log,
  }: { readonly cotangents: FloatArray; readonly result: Float64Array; readonly log: boolean },
): void {
  const atTop = cotangents[top] as number;
  let sum = 0;
  for (const [place, k] of members.entries()) {
    if (k === top) continue;
    const c = cotangents[k] as number;
    sum += log ? c : (p[place] as number) * (c - atTop);
  }
  for (const [place, k] of members.entries()) {
    const share = p[place] as number;
    const c = cotangents[k] as number;
    if (!log) result[k] = share * (c - atTop - sum);
    else if (k === top) result[k] = c * others - share * sum;
    else result[k] = c - share * (sum + atTop);
  }
}

function normalized(z: Float64Array, members: readonly number[]): Normalized {
  const top = members.reduce((best, k) => ((z[k] as number) > (z[best] as number) ? k : best));
  const powers = Float64Array.from(members, (k) => Math.exp((z[k] as number) - (z[top] as number)));
  const sum = powers.reduce((total, value, place) => (members[place] === top ? total : total + value), 0);
  return {
    top,
    logs: Math.log1p(sum),
    p: powers.map((value) => value / (1 + sum)),
    others: sum / (1 + sum),
  };
}

function membersOf({ size, stride }: OutputGroups, output: number): readonly number[] {
  const span = size * stride;
  const first = Math.floor(output / span) * span + (output % stride);
  return Array.from({ length: size }, (_, j) => first + j * stride);
}

function groupsOf(groups: OutputGroups, dOut: number): readonly (readonly number[])[] {
  const { size, stride } = groups;
  return Array.from({ length: dOut / size }, (_, index) =>
    membersOf(groups, Math.floor(index / stride) * size * stride + (index % stride)),
  );
}
