import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { multilayerPerceptron } from '@edjm/network';
import { writeModel } from '@edjm/onnx-autodiff';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { networkToModel, onnxBackend, weightFiles } from '../../src/index.ts';
import { modelWithExternal } from '../support/externalWeights.ts';

const source = multilayerPerceptron({ dIn: 3, hidden: [4], dOut: 2, seed: 1 });
const bytes = writeModel(networkToModel(source));
const batch = { rows: 1, columns: 3, data: Float32Array.of(1, 2, 3) };

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edjm-'));
  await mkdir(at('models'));
  await writeFile(at('models', 'whole.onnx'), bytes);
  await writeFile(at('models', 'cut.onnx'), bytes.subarray(0, bytes.length / 2));
  await writeFile(
    at('models', 'noise.onnx'),
    Uint8Array.from(bytes, (_, index) => (index * 7919) % 251),
  );
  await writeFile(at('secret.bin'), new Uint8Array(64));
  await symlink(at('secret.bin'), at('models', 'link.bin'));
  await writeFile(at('models', 'short.bin'), new Uint8Array(15));
  await writeFile(at('models', 'weights.bin'), new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer));
});

afterAll(() => rm(folder, { recursive: true }));

describe('load', () => {
  it('takes a path, a URL, bytes, and a network as data for the same', async () => {
    const sources = [at('models', 'whole.onnx'), pathToFileURL(at('models', 'whole.onnx')), bytes, source];
    const outputs: number[][] = [];
    for (const each of sources) {
      await using network = await onnxBackend().load(each);
      outputs.push(Array.from((await network.forward(batch)).data));
    }
    expect(new Set(outputs.map(String)).size).toBe(1);
    expect(outputs[0]).toHaveLength(2);
  });

  it('reads weights beside the file', async () => {
    await writeFile(at('models', 'external.onnx'), modelWithExternal('weights.bin', 8));
    await using network = await onnxBackend().load(at('models', 'external.onnx'));
    const { data } = await network.forward({ rows: 1, columns: 2, data: Float32Array.of(10, 20) });
    expect(Array.from(data)).toEqual([13, 24]);
    expect(await weightFiles(at('models', 'external.onnx'))).toEqual(['weights.bin']);
    expect(await weightFiles(at('models', 'whole.onnx'))).toEqual([]);
  });

  it.each([
    ['no file', 'nothing.onnx', 'NOT_FOUND', /nothing\.onnx: expected an \.onnx file, got no file/],
    ['a folder', '.', 'INVALID_FILE', /expected an \.onnx file, got a folder/],
    ['half a file', 'cut.onnx', 'INVALID_FILE', /cut\.onnx: expected an ONNX model, got \d+ bytes/],
    ['noise', 'noise.onnx', 'INVALID_FILE', /noise\.onnx: expected an ONNX model, got \d+ bytes/],
  ])('refuses %s', async (...[, name, code, says]) => {
    const message = expect.stringMatching(says) as string;
    await expect(onnxBackend().load(at('models', name))).rejects.toMatchObject({ code, message });
  });

  it.each([
    ['above the folder', '../secret.bin', 'INVALID_FILE', /files in its own folder, got "\.\.\/secret\.bin"/],
    ['anywhere', '/etc/hostname', 'INVALID_FILE', /files in its own folder, got "\/etc\/hostname"/],
    ['behind a link', 'link.bin', 'INVALID_FILE', /files in its own folder, got "link\.bin"/],
    ['nowhere', 'nothing.bin', 'NOT_FOUND', /nothing\.bin: expected the weights of .*w\.onnx, got no file/],
    [
      'past the end',
      'short.bin',
      'INVALID_FILE',
      /short\.bin: expected the weights of .*, 8 bytes from byte 8 on, got a file of 15 bytes/,
    ],
  ])('refuses weights %s', async (...[, location, code, says]) => {
    await writeFile(at('models', 'w.onnx'), modelWithExternal(location, 8));
    const message = expect.stringMatching(says) as string;
    await expect(onnxBackend().load(at('models', 'w.onnx'))).rejects.toMatchObject({ code, message });
  });
});
