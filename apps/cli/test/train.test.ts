import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '@edjm/core';
import { networkFromFiles } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import type { TrainingReport } from '../src/training/trainingReport.ts';
import { D_IN, edjm, npy, samples, testFolder } from './fixture.ts';

const N = 120;

const layers = [{ type: 'dense', units: 8 }, { type: 'relu' }, { type: 'dense', units: 3 }];

/** A folder with `net.json` (6-8-3), and 120 samples of three classes that a network can tell apart. */
async function trainingFolder(): Promise<Awaited<ReturnType<typeof testFolder>>> {
  const folder = await testFolder();
  const x = samples(N, D_IN).map((value, i) => value + (i % D_IN === Math.floor(i / D_IN) % 3 ? 1.5 : 0));
  await writeFile(join(folder.path, 'x.npy'), npy([N, D_IN], new Uint8Array(x.buffer)));
  await writeFile(
    join(folder.path, 'y.npy'),
    npy(
      [N],
      Uint8Array.from({ length: N }, (_, i) => i % 3),
      '|u1',
    ),
  );
  await writeFile(join(folder.path, 'net.json'), JSON.stringify({ inputShape: [D_IN], layers }));
  return folder;
}

const onFiles = [
  'train',
  'net.json',
  '--data',
  'x.npy',
  '--labels',
  'y.npy',
  '--batch-size',
  '10',
  '--threads',
  '1',
];

const epochs = (n: number): string[] => ['--epochs', String(n)];

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
    const args = ['train', 'mlp.json', '--dataset', 'sample:digits', '--limit', '600', '--tfjs'];
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
    const wasm = ['--tfjs-engine', 'wasm'];
    for (const model of [
      ['mlp/mlp.json'],
      ['mlp/tfjs/model.json', ...wasm],
      ['mlp/mlp.json', '--backend', 'tfjs', ...wasm],
    ]) {
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
    const args = ['train', 'net.json', '--dataset', 'mnist:set', ...epochs(20), '--json'];
    const { code, stdout } = await edjm(folder.path, args);
    expect(code).toBe(0);
    const { test, data } = JSON.parse(stdout) as TrainingReport;
    expect(data).toMatchObject({ name: 'train-images-idx3-ubyte', training: 50, validation: 10 });
    expect(test).toMatchObject({ accuracy: 1, error: 0 });
    expect(await readdir(join(folder.path, 'two'))).toContain('two.onnx');
  });

  it('trains in SVD layers where a regulariser needs them, and writes the layers that were described', async () => {
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
    expect(trials[1]?.accuracy).toBe(1 - (best.best?.result ?? NaN));
    expect(trials[2]?.error).toContain('expected a finite loss');
  });
});

describe('a run that is interrupted', () => {
  it.each(['SIGKILL', 'SIGINT'] as const)('goes on after %s to the same weights', async (signal) => {
    await using folder = await trainingFolder();
    const args = [...onFiles, ...epochs(60)];
    await edjm(folder.path, [...args, '--out', 'whole']);
    const kill = { signal, at: 'epoch 3/' };
    const { code, stdout, stderr } = await edjm(folder.path, [...args, '--out', 'cut off'], { kill });
    expect(stdout).toBe('');
    expect(await readdir(join(folder.path, 'cut off'))).toEqual(['checkpoints']);
    if (signal === 'SIGINT') {
      expect(code).toBe(130);
      expect(stderr).toMatch(
        /interrupted: cut off\/checkpoints .*edjm train net\.json .*--epochs 60 --out 'cut off' --resume\n$/,
      );
    }
    const again = await edjm(folder.path, [...args, '--out', 'cut off', '--resume']);
    expect(again.code).toBe(0);
    expect(again.stderr).toMatch(/went on from checkpoint-\d+\.safetensors: \d+ epochs and \d+ steps/);
    expect(await weightsIn(folder.path, 'cut off')).toEqual(await weightsIn(folder.path, 'whole'));
  });

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
    await refused(/they differ in .*batchSize \(10 in the checkpoint, 20/, '--resume', '--batch-size', '20');
    await refused(
      /began with the initializer orthogonal, got one/,
      '--resume',
      '--initializer',
      'orthogonal',
    );
    await refused(/expected a place without a run, got checkpoints\/checkpoint-/);
    await rm(join(folder.path, 'net/checkpoints'), { recursive: true });
    await refused(/expected a place without a run, got net\.onnx\. Go on with that run by --resume/);
    await edjm(folder.path, [...onFiles, ...epochs(1), '--overwrite']);
    const tanh = { inputShape: [D_IN], layers: layers.with(1, { type: 'tanh' }) };
    await writeFile(join(folder.path, 'net.json'), JSON.stringify(tanh));
    await refused(/expected a run of this network, got one of other layers/, '--resume');
  });
});

describe('training that cannot work', () => {
  interface Case {
    readonly args: readonly string[];
    readonly code: 1 | 2;
    readonly says: RegExp;
    readonly files?: Readonly<Record<string, string | Uint8Array>>;
  }
  const bytes = (values: readonly number[]) => npy([values.length], Uint8Array.from(values), '|u1');
  const cases: Record<string, Case> = {
    'no such description': {
      args: ['train', 'none.json'],
      code: 1,
      says: /none\.json: expected a description.*no file/,
    },
    'a description that is none': {
      args: ['train', 'bad.json'],
      code: 1,
      says: /bad\.json: network description, layers\[0\]\.units: expected an integer.*got -1/,
      files: { 'bad.json': '{"inputShape":[6],"layers":[{"type":"dense","units":-1}]}' },
    },
    'no JSON': {
      args: ['train', 'bad.json'],
      code: 1,
      says: /bad\.json: expected JSON/,
      files: { 'bad.json': '{"a' },
    },
    'a name that leads elsewhere': {
      args: ['train', 'bad.json'],
      code: 1,
      says: /bad\.json, name: expected a name that files can have, got "\.\.\/up"/,
      files: { 'bad.json': '{"name":"../up","inputShape":[6],"layers":[]}' },
    },
    'labels out of range': {
      args: ['train', 'net.json', '--labels', 'wrong.npy'],
      code: 1,
      says: /expected labels from 0 to 2.*got 7/,
      files: { 'wrong.npy': bytes(Array.from({ length: N }, () => 7)) },
    },
    'too few labels': {
      args: ['train', 'net.json', '--labels', 'few.npy'],
      code: 1,
      says: /x\.npy: expected one label for each of 120 samples, got 3/,
      files: { 'few.npy': bytes([0, 1, 2]) },
    },
    'a network of another input': {
      args: ['train', 'wide.json'],
      code: 1,
      says: /x\.npy: expected samples of shape \[7\] for wide, got \[6\]/,
      files: { 'wide.json': '{"inputShape":[7],"layers":[{"type":"dense","units":3}]}' },
    },
    'a loss that is no number': {
      args: ['train', 'net.json', '--learning-rate', '1e30'],
      code: 1,
      says: /epoch 1, step \d+ of 10: net: expected a finite loss, got .*Lower the learning rate/,
    },
    'weights of another network': {
      args: ['train', 'net.json', '--weights', 'x.npy'],
      code: 1,
      says: /x\.npy: .*expected/,
    },
    'a layer that TensorFlow.js has not': {
      args: ['train', 'gelu.json', '--tfjs'],
      code: 1,
      says: /gelu, layer 0 \(gelu\): expected/,
      files: {
        'gelu.json':
          '{"inputShape":[6],"layers":[{"type":"gelu","approximate":"tanh"},{"type":"dense","units":3}]}',
      },
    },
    'an unknown set': {
      args: ['train', 'net.json', '--dataset', 'digits'],
      code: 2,
      says: /expected either --dataset NAME, or --data FILE/,
    },
    'a folder that is a file': {
      args: ['train', 'net.json', '--out', 'x.npy'],
      code: 2,
      says: /--out x\.npy: expected a folder/,
    },
    'its own description': {
      args: ['train', 'net.json', '--out', '.'],
      code: 2,
      says: /--out \.: expected a folder without.*net\.json/,
    },
    'an unknown regulariser': {
      args: ['train', 'net.json', '--regularizer', 'foo'],
      code: 2,
      says: /--regularizer foo: expected a name among edjm-log-det, .*got "foo"/,
    },
    'a regulariser without its strength': {
      args: ['train', 'net.json', '--regularizer', 'spectral-norm'],
      code: 2,
      says: /spectral-norm: strength: expected a value, got none/,
    },
    'a regulariser with a word for a number': {
      args: ['train', 'net.json', '--regularizer', 'spectral-norm:strength=big'],
      code: 2,
      says: /strength: expected a number, got "big"/,
    },
    'an option of another optimiser': {
      args: ['train', 'net.json', '--optimizer', 'adam', '--momentum', '0.5'],
      code: 2,
      says: /--momentum: expected --optimizer momentum-sgd/,
    },
    'a dropout of everything': {
      args: ['train', 'net.json', '--dropout', '1'],
      code: 2,
      says: /dropout: expected rates/,
    },
    'a grid of an option that there is not': {
      args: ['train', 'net.json', '--grid', 'rate=1'],
      code: 2,
      says: /with an option among learning-rate, momentum/,
    },
  };

  it.each(Object.entries(cases))('%s', async (_, { args, code, says, files = {} }) => {
    await using folder = await trainingFolder();
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder.path, name), content);
    const before = (await readdir(folder.path)).sort();
    const data = ['--data', 'x.npy', ...(args.includes('--labels') ? [] : ['--labels', 'y.npy'])];
    const run = await edjm(folder.path, [...args, ...data, '--batch-size', '10', '--no-progress']);
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code, stdout: '' });
    expect(run.stderr).toMatch(says);
    expect(run.stderr).not.toContain('    at ');
    expect((await readdir(folder.path)).sort()).toEqual(before);
  });
});
