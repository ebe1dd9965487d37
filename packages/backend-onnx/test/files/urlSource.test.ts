import { multilayerPerceptron } from '@edjm/network';
import { writeModel } from '@edjm/onnx-autodiff';
import { serve } from '@edjm/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { networkToModel, onnxBackend } from '../../src/index.ts';
import { modelWithExternal } from '../support/externalWeights.ts';

const whole = writeModel(networkToModel(multilayerPerceptron({ dIn: 2, hidden: [4], dOut: 2, seed: 1 })));
const server = await serve(
  new Map<string, Uint8Array>([
    ['models/whole.onnx', whole],
    ['models/cut.onnx', whole.subarray(0, whole.length / 2)],
    ['models/beside.onnx', modelWithExternal('weights.bin', 8)],
    ['models/weights.bin', new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer)],
    ['models/short.onnx', modelWithExternal('short.bin', 8)],
    ['models/short.bin', new Uint8Array(15)],
    ['models/above.onnx', modelWithExternal('../secret.bin')],
    ['models/elsewhere.onnx', modelWithExternal('http://127.0.0.1/x')],
    ['models/nowhere.onnx', modelWithExternal('nothing.bin')],
    ['secret.bin', new Uint8Array(64)],
  ]),
);
afterAll(() => server[Symbol.asyncDispose]());

const at = (name: string) => `${server.origin}/models/${name}`;

async function outputs(
  source: string | URL | Uint8Array,
): Promise<{ name: string; values: readonly number[] }> {
  await using network = await onnxBackend().load(source);
  const { data } = await network.forward({ rows: 1, columns: 2, data: Float32Array.of(10, 20) });
  return { name: network.name, values: Array.from(data) };
}

describe('load from a URL', () => {
  it('takes text and URL objects for the same as the bytes', async () => {
    const { values } = await outputs(whole);
    for (const source of [at('whole.onnx'), new URL(at('whole.onnx'))]) {
      expect(await outputs(source)).toEqual({ name: 'whole.onnx', values });
    }
  });

  it('takes data URLs', async () => {
    const source = `data:application/octet-stream;base64,${Buffer.from(whole).toString('base64')}`;
    expect((await outputs(source)).name).toBe('the model');
  });

  it('fetches weights beside the model', async () => {
    expect((await outputs(at('beside.onnx'))).values).toEqual([13, 24]);
  });

  it.each([
    [
      'nothing there',
      'nothing.onnx',
      'NOT_FOUND',
      /nothing\.onnx: expected an \.onnx file, got HTTP status 404/,
    ],
    ['half a file', 'cut.onnx', 'INVALID_FILE', /cut\.onnx: expected an ONNX model, got \d+ bytes/],
    [
      'weights above the folder',
      'above.onnx',
      'INVALID_FILE',
      /files in its own folder, got "\.\.\/secret\.bin"/,
    ],
    ['weights elsewhere', 'elsewhere.onnx', 'INVALID_FILE', /own folder, got "http:\/\/127\.0\.0\.1\/x"/],
    ['missing weights', 'nowhere.onnx', 'NOT_FOUND', /nothing\.bin: expected the weights of .*nowhere\.onnx/],
    [
      'truncated weights',
      'short.onnx',
      'INVALID_FILE',
      /expected the weights of .*, 8 bytes from byte 8 on, got .* 15/,
    ],
  ])('refuses %s', async (...[, name, code, says]) => {
    const message = expect.stringMatching(says) as string;
    await expect(outputs(at(name))).rejects.toMatchObject({ code, message });
  });

  it('refuses a server that is not there', async () => {
    await expect(outputs('http://127.0.0.1:9/x.onnx')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
