import { readFileSync } from 'node:fs';
import { dataFolder, inData } from '@edjm/testing';
import { describe, expect, it } from 'vitest';
import { edjm } from '../fixture.ts';

/** A network on which a fault was found, and what is right. */
interface Case {
  readonly name: string;
  readonly file: string;
  readonly data: string;
  readonly args: readonly string[];
  readonly expect: 'values' | 'refusal';
  /** Of each output, descending. */
  readonly singularValues?: readonly (readonly number[])[];
  /** Words that the message of a refusal has. */
  readonly messageNames?: readonly string[];
}

/** Relative to the largest singular value of the output. */
const TOLERANCE = 1e-4;

const cases =
  dataFolder === undefined
    ? []
    : (JSON.parse(readFileSync(inData('cases', 'cases.json'), 'utf8')) as { readonly cases: readonly Case[] })
        .cases;

/** The largest error of a singular value, relative to the largest one of its output. */
function worstError(
  found: readonly { readonly singularValues: readonly number[] }[],
  expected: readonly (readonly number[])[],
): number {
  if (found.length !== expected.length) return Infinity;
  const errors = expected.flatMap((values, output) =>
    values.map((value, i) => {
      const error = Math.abs((found[output]?.singularValues[i] ?? 0) - value);
      return error === 0 ? 0 : error / (values[0] ?? 0);
    }),
  );
  return Math.max(...errors);
}

describe.skipIf(dataFolder === undefined)(
  'faults found on real use (skipped where EDJM_DATA_DIR does not name the data)',
  () => {
    it.each(cases)('$name', async ({ file, data, args, ...right }) => {
      const run = await edjm(inData('cases'), ['analyze', file, '--data', data, ...args, '--json']);
      if (right.expect === 'refusal') {
        expect(run.code).not.toBe(0);
        for (const word of right.messageNames ?? []) expect(run.stderr.toLowerCase()).toContain(word);
        return;
      }
      expect(run.code, run.stderr).toBe(0);
      const report = JSON.parse(run.stdout) as {
        readonly outputs: readonly { readonly singularValues: readonly number[] }[];
      };
      expect(worstError(report.outputs, right.singularValues ?? [])).toBeLessThan(TOLERANCE);
    });
  },
);
