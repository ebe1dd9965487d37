import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openFile } from '@edjm/files';
import { serve } from '@edjm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  describeNetwork,
  isDescription,
  multilayerPerceptron,
  networkWeights,
  openDescription,
  openNetwork,
  weightsBeside,
} from '../../src/index.ts';

const network = { ...multilayerPerceptron({ dIn: 3, hidden: [4], dOut: 2, seed: 1 }), name: 'small' };
const json = JSON.stringify(describeNetwork(network));
const nameless = '\uFEFF { "inputShape": [3], "layers": [{ "type": "dense", "units": 2 }] }';
const weights = networkWeights(network);

const folder = mkdtempSync(join(tmpdir(), 'edjm-network-'));
const at = (name: string) => join(folder, name);
const refused = (code: string, says: RegExp) => ({ code, message: expect.stringMatching(says) as string });

beforeAll(() => {
  writeFileSync(at('small.json'), json);
  writeFileSync(at('small.safetensors'), weights);
  writeFileSync(at('nameless.json'), nameless);
  writeFileSync(at('half.json'), json.slice(0, -9));
  writeFileSync(at('half.safetensors'), weights.subarray(9));
  writeFileSync(at('model.json'), '{ "modelTopology": {}, "weightsManifest": [] }');
  writeFileSync(at('list.json'), '[1, 2]');
  writeFileSync(at('odd#name?.json'), json);
  symlinkSync(at('small.safetensors'), at('odd#name?.safetensors'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('openNetwork', () => {
  it('reads a network from its two files, by path and by URL', async () => {
    await using server = await serve(
      new Map<string, string | Uint8Array>([
        ['small.json', json],
        ['small.json?key=1', json],
        ['small.safetensors', weights],
        ['small.safetensors?key=1', weights],
      ]),
    );
    const url = `${server.origin}/small.json`;
    const sources = [at('small.json'), pathToFileURL(at('small.json')), url, new URL(`${url}?key=1`)];
    for (const source of [...sources, at('odd#name?.json')]) {
      expect(await openNetwork(source)).toEqual(network);
    }
  });

  it('reads weights from elsewhere', async () => {
    expect(await openNetwork(at('odd#name?.json'), { weights: at('small.safetensors') })).toEqual(network);
  });

  it.each([
    ['nothing.json', 'NOT_FOUND', /nothing\.json: expected a description of a network, got no file/],
    ['nameless.json', 'NOT_FOUND', /nameless\.safetensors: expected the weights of .*nameless\.json, got no/],
    ['half.json', 'INVALID_FILE', /half\.json: expected JSON, got: .*Correct the file/],
    ['list.json', 'INVALID_FILE', /list\.json: network description.*: expected/],
  ])('refuses %s', async (name, code, says) => {
    await expect(openNetwork(at(name))).rejects.toMatchObject(refused(code, says));
  });

  it('names the file of weights that it refuses', async () => {
    await expect(openNetwork(at('small.json'), { weights: at('half.safetensors') })).rejects.toMatchObject(
      refused('INVALID_FILE', /half\.safetensors: /),
    );
  });

  it.skipIf(process.platform === 'win32')('refuses pipes without waiting', async () => {
    execFileSync('mkfifo', [at('pipe.json'), at('pipe.safetensors')]);
    await expect(openNetwork(at('pipe.json'))).rejects.toMatchObject(refused('INVALID_FILE', /got a pipe/));
    await expect(openNetwork(at('small.json'), { weights: at('pipe.safetensors') })).rejects.toMatchObject(
      refused('INVALID_FILE', /got a pipe/),
    );
  });
});

describe('a description', () => {
  it('takes the name of its file if it has none', async () => {
    expect((await openDescription(at('nameless.json'))).name).toBe('nameless');
    expect((await openDescription(at('odd#name?.json'))).name).toBe('small');
  });

  it.each([
    ['small.json', true],
    ['nameless.json', true],
    ['half.json', false],
    ['model.json', false],
    ['list.json', false],
    ['small.safetensors', false],
  ])('is told from other files: %s', async (name, expected) => {
    expect(await isDescription(await openFile(at(name)))).toBe(expected);
  });

  it('has its weights beside it', () => {
    expect(weightsBeside('a/b.JSON')).toBe('a/b.safetensors');
    expect(weightsBeside('a.json/b')).toBe('a.json/b.safetensors');
    expect(weightsBeside('https://host/b.json?of=a.json')).toBe('https://host/b.safetensors?of=a.json');
  });
});
