import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { edjm, npy } from '../fixture.ts';
import { N, trainingFolder } from './trainingFixture.ts';

describe('training that cannot work', () => {
  interface Case {
    readonly args: readonly string[];
    readonly code: 1 | 2;
    readonly says: RegExp;
    /** Defaults to the usual files. */
    readonly data?: readonly string[];
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
      says: /bad\.json, name: expected a name that files can have, .*, got "\.\.\/up"/,
      files: { 'bad.json': '{"name":"../up","inputShape":[6],"layers":[]}' },
    },
    'the name of another file of a run': {
      args: ['train', 'History.json'],
      code: 1,
      says: /History\.json, name: expected a name that files can have, and neither history nor search/,
      files: { 'History.json': '{"inputShape":[6],"layers":[]}' },
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
      args: ['train', 'net.json', '--data', 'digits'],
      code: 2,
      says: /--data digits: expected sample:digits, .*, or a file together with --labels FILE, got no --labels/,
    },
    'samples without their classes': {
      args: ['train', 'net.json', '--data', 'x.npy'],
      code: 2,
      says: /--data x\.npy: expected .*, or a file together with --labels FILE, got no --labels/,
    },
    'no samples': {
      args: ['train', 'net.json', '--labels', 'y.npy', '--limit', '3'],
      code: 2,
      says: /required option '--data <source>' not specified/,
      data: [],
    },
    'an array of no file': {
      args: ['train', 'net.json', '--data', 'sample:digits', '--array', 'x'],
      code: 2,
      says: /--array: expected --labels FILE with it, got --data sample:digits alone/,
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
    'an unknown regularizer': {
      args: ['train', 'net.json', '--regularizer', 'foo'],
      code: 2,
      says: /--regularizer foo: expected a name among edjm-log-det, .*got "foo"/,
    },
    'a regularizer without its strength': {
      args: ['train', 'net.json', '--regularizer', 'spectral-norm'],
      code: 2,
      says: /spectral-norm: strength: expected a value, got none/,
    },
    'a regularizer with a word for a number': {
      args: ['train', 'net.json', '--regularizer', 'spectral-norm:strength=big'],
      code: 2,
      says: /strength: expected a number, got "big"/,
    },
    'an option of another optimizer': {
      args: ['train', 'net.json', '--optimizer', 'adam', '--momentum', '0.5'],
      code: 2,
      says: /--momentum: expected --optimizer momentum-sgd/,
    },
    'a dropout of everything': {
      args: ['train', 'net.json', '--dropout', '1'],
      code: 2,
      says: /dropout: expected rates/,
    },
    'a grid with a later value out of range': {
      args: ['train', 'net.json', '--grid', 'dropout=0,1.5', '--epochs', '1000000'],
      code: 2,
      says: /dropout: expected rates/,
    },
    'a grid with a part for a whole number': {
      args: ['train', 'net.json', '--grid', 'epochs=1,2.5'],
      code: 2,
      says: /expected a whole number above 0, got "2\.5"/,
    },
    'a grid of an option of another optimizer': {
      args: ['train', 'net.json', '--optimizer', 'adam', '--grid', 'momentum=0,0.9'],
      code: 2,
      says: /--momentum: expected --optimizer momentum-sgd/,
    },
    'a grid of an option that there is not': {
      args: ['train', 'net.json', '--grid', 'rate=1'],
      code: 2,
      says: /with an option among learning-rate, momentum/,
    },
  };

  it.each(Object.entries(cases))('%s', async (_, { args, code, says, files = {}, data: given }) => {
    await using folder = await trainingFolder();
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder.path, name), content);
    const before = (await readdir(folder.path)).sort();
    const labels = args.includes('--labels') ? [] : ['--labels', 'y.npy'];
    const data = args.includes('--data') ? [] : (given ?? ['--data', 'x.npy', ...labels]);
    const run = await edjm(folder.path, [...args, ...data, '--batch-size', '10', '--no-progress']);
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code, stdout: '' });
    expect(run.stderr).toMatch(says);
    expect(run.stderr).not.toContain('    at ');
    expect((await readdir(folder.path)).sort()).toEqual(before);
  });
});
