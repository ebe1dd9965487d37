import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '@edjm/core';
import { networkFromFiles } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import type { TrainingReport } from '../../src/training/trainingReport.ts';
import { D_IN, edjm, edjmProcess, npy, testFolder } from '../fixture.ts';
import { epochs, layers, N, onFiles, trainingFolder } from './trainingFixture.ts';

const weightsIn = (path: string, out = 'net'): Promise<Buffer> =>
  readFile(join(path, out, 'net.safetensors'));

describe('edjm train', () => {
  it('trains on digits, and writes files that all have the same spectrum', async () => {
    await using folder = await testFolder();
    const description = {
      inputShape: [784],
      layers: [{ type: 'dense', units: 16 }, { type: 'relu' }, { type: 'dense', units: 10 }],
    };
    await writeFile(join(folder.path, 'mlp.json'), JSON.stringify(description));
    const args = ['train', 'mlp.json', '--data', 'sample:digits', '--limit', '600', '--tfjs'];
    const recorded = ['--spectrum-every', '2', '--spectrum-samples', '50'];
    const { code, stdout, stderr } = await edjm(folder.path, [...args, ...epochs(4), ...recorded]);
    expect(code).toBe(0);
    expect(stdout).toContain('trained on 500 samples of sample:digits as x / 255, validated on 100 (');
    expect(stdout).toMatch(/epoch +loss +validation loss +accuracy +learning rate +edjm-score/);
    expect(stderr).toMatch(/^mlp: training in \w+\..*\nepoch 1\/4: loss 2\.\d+, validation loss/);
    const out = join(folder.path, 'mlp');
    expect((await readdir(out)).sort()).toEqual([
      'checkpoints',
      'history.json',
      'mlp.json',
      'mlp.onnx',
      'mlp.safetensors',
      'tfjs',
    ]);
    const history = JSON.parse(await readFile(join(out, 'history.json'), 'utf8')) as TrainingReport;
    expect(history).toMatchObject({
      version: 1,
      stopped: 'epochs',
      network: { name: 'mlp', parameters: 784 * 16 + 16 + 160 + 10 },
      data: { name: 'sample:digits', n: 600, training: 500, validation: 100, transform: 'x / 255' },
      optimizer: { name: 'momentum-sgd', options: { learningRate: 0.1, momentum: 0.9 } },
      options: { seed: 0, epochs: 4, batchSize: 128 },
    });
    expect(history.data.sha256).toMatch(/^[0-9a-f]{64}$/);
    const [first, , , last] = history.epochs;
    expect(last?.trainingLoss).toBeLessThan(first?.trainingLoss ?? NaN);
    expect(history.epochs.map(({ spectrum }) => spectrum?.metrics['edjm-score'] !== undefined)).toEqual([
      false,
      true,
      false,
      true,
    ]);
    const spectrum = async (...model: string[]): Promise<number[]> => {
      const analyze = ['analyze', ...model, '--data', 'sample:digits', '--limit', '60', '--json'];
      const run = await edjm(folder.path, [...analyze, '--no-progress']);
      expect(run.stderr).not.toContain('error');
      return (JSON.parse(run.stdout) as Report).outputs.flatMap(({ singularValues }) => [...singularValues]);
    };
    const expected = await spectrum('mlp/mlp.onnx');
    const wasm = ['--engine', 'tfjs:wasm'];
    for (const model of [['mlp/mlp.json'], ['mlp/tfjs/model.json', ...wasm], ['mlp/mlp.json', ...wasm]]) {
      const found = await spectrum(...model);
      expect(found).toHaveLength(expected.length);
      const largest = Math.max(...expected);
      found.forEach((value, i) => {
        expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(1e-5 * largest);
      });
    }
  });

  it('gives the same weights again, from the description or from weights', async () => {
    await using folder = await trainingFolder();
    await edjm(folder.path, [...onFiles, ...epochs(2), '--seed', '3', '--out', 'a']);
    await edjm(folder.path, [...onFiles, ...epochs(2), '--seed', '3', '--out', 'b']);
    await edjm(folder.path, [...onFiles, ...epochs(2), '--seed', '4', '--out', 'c']);
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((out) => weightsIn(folder.path, out)));
    expect(b).toEqual(a);
    expect(c).not.toEqual(a);
    const more = [...onFiles, '--weights', 'a/net.safetensors', ...epochs(1), '--out', 'd', '--json'];
    const { stdout } = await edjm(folder.path, more);
    const history = JSON.parse(stdout) as TrainingReport;
    expect(history.network.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    const before = JSON.parse(await readFile(join(folder.path, 'a/history.json'), 'utf8')) as TrainingReport;
    expect(history.epochs[0]?.trainingLoss).toBeLessThan(before.epochs[0]?.trainingLoss ?? NaN);
  });

  it('takes sets by name, and tests on the part that is for that', async () => {
    await using folder = await testFolder();
    const set = join(folder.path, 'set');
    mkdirSync(set);
    const header = (...sizes: number[]) =>
      Buffer.from([0, 0, 8, sizes.length, ...sizes.flatMap((n) => [0, 0, 0, n])]);
    const write = (part: string, n: number) => {
      const labels = Buffer.from(Array.from({ length: n }, (_, i) => i % 2));
      const images = Buffer.concat([...labels].map((label) => Buffer.alloc(4, 255 * label)));
      writeFileSync(join(set, `${part}-images-idx3-ubyte`), Buffer.concat([header(n, 2, 2), images]));
      writeFileSync(join(set, `${part}-labels-idx1-ubyte`), Buffer.concat([header(n), labels]));
    };
    write('train', 60);
    write('t10k', 10);
    const description = { name: 'two', inputShape: [4], layers: [{ type: 'dense', units: 2 }] };
    await writeFile(join(folder.path, 'net.json'), JSON.stringify(description));
    const args = ['train', 'net.json', '--data', 'mnist:set', ...epochs(20), '--json'];
    const { code, stdout } = await edjm(folder.path, args);
    expect(code).toBe(0);
    const { test, data } = JSON.parse(stdout) as TrainingReport;
    expect(data).toMatchObject({ name: 'train-images-idx3-ubyte', training: 50, validation: 10 });
    expect(test).toMatchObject({ accuracy: 1, error: 0 });
    expect(await readdir(join(folder.path, 'two'))).toContain('two.onnx');
  });

  it('trains in SVD layers where a regularizer needs them, and writes the layers that were described', async () => {
    await using folder = await trainingFolder();
    const regularizers = ['--regularizer', 'layer-log-spectrum:strength=1e-3,guard=0.1'];
    const more = ['--regularizer', 'edjm-log-det:strength=1e-4,outputs=2,scale-free=false,samples=4'];
    const args = [...onFiles, ...epochs(3), ...regularizers, ...more, '--json'];
    const { code, stdout, stderr } = await edjm(folder.path, args);
    expect({ code, error: /error.*/.exec(stderr)?.[0] }).toEqual({ code: 0, error: undefined });
    const history = JSON.parse(stdout) as TrainingReport;
    expect(history.regularizers).toMatchObject([
      { name: 'layer-log-spectrum', options: { strength: 1e-3, guard: 0.1 } },
      { name: 'edjm-log-det', options: { strength: 1e-4, outputs: 2, scaleFree: false, samples: 4 } },
    ]);
    expect(Object.keys(history.epochs[0]?.penalties ?? {})).toEqual(['layer-log-spectrum', 'edjm-log-det']);
    const json = JSON.parse(await readFile(join(folder.path, 'net/net.json'), 'utf8')) as object;
    expect(json).toMatchObject({ format: 'edjm-network', name: 'net', layers });
    expect(networkFromFiles(json, await weightsIn(folder.path)).layers).toHaveLength(3);
  });

  it('tries combinations, and writes the best', async () => {
    await using folder = await trainingFolder();
    const grid = ['--grid', 'learning-rate=1e-6,0.1,1e30', '--grid', 'weight-decay=0'];
    const { code, stdout } = await edjm(folder.path, [...onFiles, ...epochs(5), ...grid]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/trial +learning-rate +weight-decay +accuracy +epoch/);
    expect(stdout).toMatch(/3 +1e\+30 +0 +failed +–/);
    const read = async (name: string) =>
      JSON.parse(await readFile(join(folder.path, 'net', name), 'utf8')) as object;
    const { trials } = (await read('search.json')) as { trials: { accuracy?: number; error?: string }[] };
    const best = (await read('history.json')) as TrainingReport;
    expect(best.optimizer.options).toMatchObject({ learningRate: 0.1 });
    expect(best.options['weightDecay']).toBe(0);
    expect(trials[1]?.accuracy).toBeGreaterThan(trials[0]?.accuracy ?? NaN);
    expect(trials[1]?.accuracy).toBeCloseTo(1 - (best.best?.result ?? NaN), 12);
    expect(trials[2]?.error).toContain('expected a finite loss');
  });
});

describe('a run that is interrupted', () => {
  it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
    'goes on after %s to the same weights',
    async (signal) => {
      await using folder = await trainingFolder();
      const args = [...onFiles, ...epochs(60)];
      await edjm(folder.path, [...args, '--out', 'whole']);
      const kill = { signal, at: 'epoch 3/' };
      const { code, stdout, stderr } = await edjmProcess(folder.path, [...args, '--out', 'cut off'], {
        kill,
      });
      expect(stdout).toBe('');
      expect(await readdir(join(folder.path, 'cut off'))).toEqual(['checkpoints']);
      if (signal !== 'SIGKILL') {
        expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
        expect(stderr).toMatch(
          /interrupted: cut off\/checkpoints .*edjm train net\.json .*--epochs 60 --out 'cut off' --resume\n$/,
        );
      }
      const again = await edjm(folder.path, [...args, '--out', 'cut off', '--resume']);
      expect(again.code).toBe(0);
      expect(again.stderr).toMatch(/went on from checkpoint-\d+\.safetensors: \d+ epochs and \d+ steps/);
      expect(await weightsIn(folder.path, 'cut off')).toEqual(await weightsIn(folder.path, 'whole'));
    },
  );

  it('goes on in its engine, and is not mixed with another', async () => {
    await using folder = await trainingFolder();
    await edjm(folder.path, [...onFiles, ...epochs(2), '--engine', 'cpu']);
    const resumed = await edjm(folder.path, [...onFiles, ...epochs(3), '--resume']);
    expect(resumed.stderr).toContain('training in cpu.');
    expect(resumed.stdout).toMatch(/\n3 /);
    const refused = async (says: RegExp, ...more: string[]): Promise<void> => {
      const before = await weightsIn(folder.path);
      const { code, stderr } = await edjm(folder.path, [...onFiles, ...epochs(4), '--no-progress', ...more]);
      expect(code).toBe(2);
      expect(stderr).toMatch(says);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(await weightsIn(folder.path)).toEqual(before);
    };
    await refused(/expected cpu, which the run was begun in, got onnx/, '--resume', '--engine', 'onnx');
    await refused(
      /they differ in .*--batch-size \(10 in the checkpoint, 20/,
      '--resume',
      '--batch-size',
      '20',
    );
    await refused(
      /began with the initializer orthogonal, got one/,
      '--resume',
      '--initializer',
      'orthogonal',
    );
    await refused(/expected a place without a run, got checkpoints\/checkpoint-/);
    await rm(join(folder.path, 'net/checkpoints'), { recursive: true });
    await refused(/expected a place without a run, got net\.onnx\. Replace it by --overwrite/);
    await refused(/expected a place without a run, got net\.onnx\. Replace it by --overwrite/, '--resume');
    await edjm(folder.path, [...onFiles, ...epochs(1), '--overwrite']);
    const tanh = { inputShape: [D_IN], layers: layers.with(1, { type: 'tanh' }) };
    await writeFile(join(folder.path, 'net.json'), JSON.stringify(tanh));
    await refused(/expected a run of this network, got one of other layers/, '--resume');
  });
});

describe('a run that replaces another', () => {
  it('leaves that one as it is where its own input is refused, and nothing of it if it is not', async () => {
    await using folder = await trainingFolder();
    const files = async (...path: string[]) => (await readdir(join(folder.path, 'net', ...path))).sort();
    await edjm(folder.path, [...onFiles, ...epochs(2), '--engine', 'cpu', '--tfjs']);
    const [before, weights] = [await files('checkpoints'), await weightsIn(folder.path)];
    expect(before).toContain('run.json');
    const labels = Uint8Array.from({ length: N }, () => 7);
    await writeFile(join(folder.path, 'wrong.npy'), npy([N], labels, '|u1'));
    for (const bad of [
      ['--labels', 'wrong.npy'],
      ['--weight-decay', '-1'],
    ]) {
      const { code } = await edjm(folder.path, [...onFiles, ...bad, '--engine', 'cpu', '--overwrite']);
      expect(code).not.toBe(0);
      expect(await files('checkpoints')).toEqual(before);
      expect(await weightsIn(folder.path)).toEqual(weights);
    }
    const { code } = await edjm(folder.path, [...onFiles, ...epochs(1), '--engine', 'cpu', '--overwrite']);
    expect(code).toBe(0);
    expect(await files()).toEqual(['checkpoints', 'history.json', 'net.json', 'net.onnx', 'net.safetensors']);
  });

  it('is refused what is not the file of a run', async () => {
    await using folder = await trainingFolder();
    await edjm(folder.path, [...onFiles, ...epochs(1), '--engine', 'cpu']);
    const identity = join(folder.path, 'net/checkpoints/run.json');
    const whole = JSON.parse(await readFile(identity, 'utf8')) as object;
    const resume = [...onFiles, ...epochs(2), '--no-progress', '--resume'];
    for (const content of ['null', '{"a', JSON.stringify({ ...whole, engine: 'abacus' })]) {
      await writeFile(identity, content);
      const { code, stderr } = await edjm(folder.path, resume);
      expect(code).toBe(1);
      expect(stderr).toMatch(/run\.json: expected the file of a run, got: /);
      expect(stderr).not.toContain('    at ');
    }
    await writeFile(identity, JSON.stringify({ ...whole, threads: 3 }));
    const { code, stderr } = await edjm(folder.path, resume);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: the run was begun with --threads 3 and goes on with 1: .*\n$/);
  });
});
