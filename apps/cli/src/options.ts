import type { EdjmScoreOptions } from '@edjm/metrics';
import type { OutputKind } from '@edjm/core';

/** Options of `analyze` and `compare`, as commander gives them. */
export interface RunOptions {
  readonly data: string;
  readonly array?: string;
  readonly limit?: number;
  readonly scale?: number;
  readonly mean?: number;
  readonly std?: number;
  readonly outputs?: readonly number[];
  readonly outputKind: OutputKind;
  readonly jacobianOf: 'fed' | 'raw';
  readonly metric?: readonly string[];
  readonly percentile?: number;
  readonly percentileOf?: NonNullable<EdjmScoreOptions['percentileOf']>;
  readonly percentileRule?: NonNullable<EdjmScoreOptions['percentileRule']>;
  readonly input?: string;
  readonly output?: string;
  readonly inputShape?: readonly number[];
  readonly batchSize?: number;
  readonly maxMemory?: number;
  readonly threads?: number;
  readonly out?: string;
  readonly json?: boolean;
  readonly progress: boolean;
}

/** More outputs than any network has: a longer range is a slip of the finger. */
const MOST_INDICES = 1_000_000;

/** Indices and ranges: `0,7,10-12` → [0, 7, 10, 11, 12]. */
export function parseIndices(text: string): readonly number[] {
  const indices = text.split(',').flatMap((part) => {
    const [, first, last = first] = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(part) ?? [];
    const count = Number(last) - Number(first) + 1;
    if (first === undefined || count < 1 || count > MOST_INDICES) {
      throw new RangeError(`expected indices and ranges such as 0,7,10-19, got "${text}".`);
    }
    return Array.from({ length: count }, (_, offset) => Number(first) + offset);
  });
  if (new Set(indices).size !== indices.length)
    throw new RangeError(`expected every index once, got "${text}".`);
  return indices;
}

/** Sizes separated by commas or an x: `3,32,32` or `3x32x32`. */
export function parseShape(text: string): readonly number[] {
  const shape = text.split(/[,x]/).map(Number);
  if (shape.every((size) => Number.isInteger(size) && size > 0)) return shape;
  throw new RangeError(`expected a shape such as 3,32,32, got "${text}".`);
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  KI: 2 ** 10,
  MI: 2 ** 20,
  GI: 2 ** 30,
};

/** A number of bytes: `600MB`, `4GB`, `512MiB`, or plain bytes. */
export function parseMemory(text: string): number {
  const [, value, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*(?:([KMG]I?)?B?)\s*$/i.exec(text) ?? [];
  const factor = units[unit.toUpperCase()];
  if (value === undefined || factor === undefined || Number(value) === 0) {
    throw new RangeError(`expected a size such as 600MB or 4GB, got "${text}".`);
  }
  return Number(value) * factor;
}
