import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { networkToModel } from '@edjm/backend-onnx';
import type { Report } from '@edjm/core';
import { multilayerPerceptron } from '@edjm/network';
import { writeModel } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { D_IN, D_OUT, edjm, testFolder } from '../fixture.ts';

/** A test folder with a second network, `linear.onnx`, all of whose rows are the same: its score is 1. */
async function twoNetworks(): ReturnType<typeof testFolder> {
  const folder = await testFolder();
  const model = networkToModel(
    multilayerPerceptron({ dIn: D_IN, hidden: [], dOut: D_OUT, seed: 4, name: 'linear' }),
  );
  await writeFile(join(folder.path, 'linear.onnx'), writeModel(model));
  return folder;
}

const analyze = ['analyze', 'model.onnx', '--data', 'data.npy'];
const compare = ['compare', 'model.onnx', 'linear.onnx', '--data', 'data.npy', '--json'];

async function normOf(folder: string): Promise<number> {
  const { stdout } = await edjm(folder, [...analyze, '--json']);
  return (JSON.parse(stdout) as Report).metrics['effective-rank']?.value ?? NaN;
}

describe('bounds of metrics', () => {
  it('that are kept change nothing', async () => {
    await using folder = await twoNetworks();
    const kept = ['--min', 'effective-rank=0.5', '--max', 'effective-rank=100'];
    const [bare, bounded] = [
      await edjm(folder.path, [...analyze, '--json']),
      await edjm(folder.path, [...analyze, ...kept, '--json']),
    ];
    expect({ code: bounded.code, stderr: bounded.stderr }).toEqual({ code: 0, stderr: '' });
    const [one, other] = [bare, bounded].map(({ stdout }) => JSON.parse(stdout) as Report);
    expect(other?.options).toEqual(one?.options);
    const dropped = await edjm(folder.path, [
      ...compare.toSpliced(1, 2, 'linear.onnx', 'model.onnx'),
      '--max-drop',
      'effective-rank=0%',
    ]);
    expect({ code: dropped.code, stderr: dropped.stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('that are missed are said in a line each, beside the results, with exit code 3', async () => {
    await using folder = await twoNetworks();
    const { code, stdout, stderr } = await edjm(folder.path, [
      ...analyze,
      ...['--min', 'effective-rank=100', '--max', 'edjm-score=0.5', '--out', 'results', '--json'],
    ]);
    expect(code).toBe(3);
    const report = JSON.parse(stdout) as Report;
    expect(JSON.parse(await readFile(join(folder.path, 'results/report.json'), 'utf8'))).toEqual(report);
    const [rank, score] = ['effective-rank', 'edjm-score'].map((name) =>
      report.metrics[name]?.value.toPrecision(5),
    );
    expect(stderr).toBe(
      `failed: model.onnx: effective-rank is ${rank ?? ''}, below --min 100\n` +
        `failed: model.onnx: edjm-score is ${score ?? ''}, above --max 0.5\n`,
    );
  });

  it('compare a network with the first: a share of its value, or a number', async () => {
    await using folder = await twoNetworks();
    const value = await normOf(folder.path);
    const shown = `effective-rank is 1.0000, ${(100 - 100 / value).toPrecision(3)} % below the ${value.toPrecision(5)} of model.onnx; --max-drop is 5 %`;
    const share = await edjm(folder.path, [...compare, '--max-drop', 'effective-rank=5%']);
    expect({ code: share.code, stderr: share.stderr }).toEqual({
      code: 3,
      stderr: `failed: linear.onnx: ${shown}\n`,
    });
    const drop = value - 1;
    for (const [allowed, code] of [
      [drop * 1.01, 0],
      [drop * 0.99, 3],
    ]) {
      const run = await edjm(folder.path, [...compare, '--max-drop', `effective-rank=${String(allowed)}`]);
      expect(run.code).toBe(code);
    }
  });

  it('count only beyond the interval', async () => {
    await using folder = await twoNetworks();
    const sure = [...analyze, '--confidence', '0.95'];
    const { stdout } = await edjm(folder.path, [...sure, '--json']);
    const { value, interval } = (JSON.parse(stdout) as Report).metrics['effective-rank'] ?? { value: NaN };
    const inside = `effective-rank=${String((value + (interval?.high ?? NaN)) / 2)}`;
    const outside = `effective-rank=${String((interval?.high ?? NaN) * 1.01)}`;
    expect((await edjm(folder.path, [...analyze, '--min', inside])).code).toBe(3);
    expect((await edjm(folder.path, [...sure, '--min', inside])).code).toBe(0);
    const missed = await edjm(folder.path, [...sure, '--min', outside]);
    expect(missed.code).toBe(3);
    expect(missed.stderr).toContain(`(${(interval?.low ?? NaN).toPrecision(5)} to `);
    const drop = String(value - 1 - ((interval?.high ?? NaN) - value) / 2);
    expect((await edjm(folder.path, [...compare, '--max-drop', `effective-rank=${drop}`])).code).toBe(3);
    const unsure = [...compare, '--confidence', '0.95', '--max-drop', `effective-rank=${drop}`];
    expect((await edjm(folder.path, unsure)).code).toBe(0);
  });

  it.each([
    [[...analyze, '--min', 'edjm-scores=2'], 'expected one of the metrics that are computed (edjm-score'],
    [[...analyze, '--metric', 'rankme', '--max', 'edjm-score=2'], 'ask for it by --metric edjm-score'],
    [[...analyze, '--min', 'edjm-score'], 'expected NAME=NUMBER'],
    [[...analyze, '--min', 'edjm-score=high'], 'expected NAME=NUMBER'],
    [[...analyze, '--min', 'edjm-score=5%'], 'expected NAME=NUMBER'],
    [[...analyze, '--max', 'edjm-score='], 'expected NAME=NUMBER'],
    [[...compare, '--max-drop', 'edjm-score=-1'], '0 or above'],
    [[...compare, '--max-drop', 'edjm-score=%'], 'PERCENT'],
    [[...analyze, '--max-drop', 'edjm-score=5%'], 'unknown option'],
    [[...analyze, '--values', '2', '--min', 'nuclear-norm=0'], 'Raise --values'],
  ])('are refused: %s', async (args, message) => {
    await using folder = await twoNetworks();
    const { code, stderr } = await edjm(folder.path, args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
