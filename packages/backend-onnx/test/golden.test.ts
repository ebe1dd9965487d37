import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyze, type OutputKind } from '@edjm/core';
import { openDataset } from '@edjm/datasets';
import { edjmScore } from '@edjm/metrics';
import { describe, expect, it } from 'vitest';
import { onnxBackend } from '../src/index.ts';

/** The part of a golden file that is compared; its numbers were computed in float64 from all singular values. */
interface Golden {
  /** By name. */
  readonly files: Readonly<Record<string, unknown>>;
  readonly float32Deviation: Deviation;
  /** Absent where the network has no switches: no ReLU, no max pooling. */
  readonly switchSensitivity?: Deviation;
  readonly inputs: { readonly file: string; readonly n: number };
  readonly outputs: { readonly kind: 'logits' | 'probability' | 'regression'; readonly count: number };
  readonly firstOutputs: readonly (readonly number[])[];
  readonly score: number;
  readonly perOutput: readonly {
    readonly output: number;
    readonly singularValues: readonly number[];
    readonly score: number;
  }[];
  readonly stacked: { readonly singularValues: readonly number[]; readonly score: number };
  readonly probability?: { readonly score: number };
  readonly logProbability?: { readonly score: number };
  readonly logits?: { readonly score: number };
}

interface Deviation {
  readonly singularValues: number;
  readonly score: number;
}

const root = process.env['EDJM_DATA_DIR'];
const folder = join(root ?? '', 'golden');
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Golden;
const goldens =
  root === undefined
    ? []
    : readdirSync(folder)
        .filter((name) => name.endsWith('.golden.json'))
        .filter((name) => Object.keys(read(name).files).some((file) => file.endsWith('.onnx')));

async function analyzed(file: string, golden: Golden, outputKind: OutputKind) {
  await using network = await onnxBackend().load(join(folder, file), { outputKind });
  const data = await openDataset(join(folder, golden.inputs.file));
  for await (const batch of data.batches(golden.firstOutputs.length)) {
    const first = Array.from((await network.forward(batch)).data);
    const outputs = Array.from({ length: golden.outputs.count }, (_, index) => index);
    const options = { metrics: [edjmScore()], outputs, stacked: true };
    return { first, analysis: await analyze(network, data, options) };
  }
  throw new Error('expected samples');
}

function expectScore(actual: number | undefined, expected: number, golden: Golden): void {
  const stated = 3 * (golden.float32Deviation.score + (golden.switchSensitivity?.score ?? 0));
  expect(Math.abs((actual ?? NaN) - expected)).toBeLessThanOrEqual(Math.max(1e-5 * expected, stated));
}

/** Values above 1e-4 of the largest that are off by more than 1e-4 of themselves, beside what switches may do. */
function wrongValues(
  found: { readonly singularValues: Float64Array } | undefined,
  expected: readonly number[],
  golden: Golden,
): readonly object[] {
  const [largest = 0] = expected;
  return expected.flatMap((value, place) => {
    if (value <= 1e-4 * largest) return [];
    const error = Math.abs((found?.singularValues[place] ?? NaN) - value);
    const allowed = 1e-4 * value + (golden.switchSensitivity?.singularValues ?? 0) * largest;
    return error <= allowed ? [] : [{ place, value, error }];
  });
}

describe.skipIf(root === undefined)(
  'golden networks (skipped where EDJM_DATA_DIR does not name the data)',
  () => {
    describe.each(goldens)('%s', (name) => {
      const golden = read(name);
      const kind: OutputKind = golden.outputs.kind === 'probability' ? 'probability' : 'logit';
      for (const file of Object.keys(golden.files).filter((name) => name.endsWith('.onnx'))) {
        it(`${file}: outputs, singular values, score`, async () => {
          const { first, analysis } = await analyzed(file, golden, kind);
          const expected = golden.firstOutputs.flat();
          const largestOutput = Math.max(...expected.map(Math.abs));
          first.forEach((value, index) => {
            expect(Math.abs(value - (expected[index] ?? NaN))).toBeLessThanOrEqual(1e-5 * largestOutput);
          });
          for (const [index, { output, singularValues }] of golden.perOutput.entries()) {
            const found = analysis.outputs[index];
            expect(found?.index).toBe(output);
            expect(wrongValues(found, singularValues, golden)).toEqual([]);
          }
          expect(wrongValues(analysis.stacked, golden.stacked.singularValues, golden)).toEqual([]);
          expectScore(analysis.stacked?.metrics['edjm-score'], golden.stacked.score, golden);
          expectScore(analysis.metrics['edjm-score']?.value, golden.score, golden);
        });

        const others: [OutputKind, { readonly score: number } | undefined][] = [
          ['probability', golden.probability],
          ['log-probability', golden.logProbability],
          ['logit', golden.logits],
        ];
        for (const [other, expected] of others) {
          if (expected === undefined || other === kind) continue;
          it(`${file}: score of ${other} rows`, async () => {
            const { analysis } = await analyzed(file, golden, other);
            expectScore(analysis.metrics['edjm-score']?.value, expected.score, golden);
          });
        }
      }
    });
  },
);
