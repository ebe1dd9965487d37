import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { uninterrupted } from '../../src/output/uninterrupted.ts';
import { edjmProcess } from '../fixture.ts';
import { epochs, onFiles, trainingFolder } from '../training/trainingFixture.ts';

it.each([
  ['SIGINT', 'on'],
  ['SIGTERM', 'on'],
  ['SIGINT', 'once'],
  ['SIGTERM', 'once'],
] as const)(
  'work in spite of %s is done, and those who listen hear of it, also those who listen %s',
  async (signal, listen) => {
    let heard = 0;
    const listener = () => (heard += 1);
    process[listen](signal, listener);
    let isDone = false;
    await uninterrupted(async () => {
      process.kill(process.pid, signal);
      await new Promise((resolve) => setTimeout(resolve, 20));
      isDone = true;
    });
    process.removeListener(signal, listener);
    expect({ isDone, heard, left: process.listenerCount(signal) }).toEqual({
      isDone: true,
      heard: 1,
      left: 0,
    });
  },
);

describe('a signal while results are written', () => {
  const analyze = ['analyze', 'model.onnx', '--data', 'data.npy', '--out', 'results'];
  const train = [...onFiles, ...epochs(2), '--out', 'results'];

  it.each([
    {
      signal: 'SIGINT',
      args: analyze,
      at: 'report.json',
      left: { code: null, signal: 'SIGINT', stdout: '' },
    },
    {
      signal: 'SIGTERM',
      args: train,
      at: 'net.onnx',
      left: { code: 0, stdout: expect.stringContaining('written: ') as string },
    },
  ] as const)('ends $args.0 once they are whole: $signal', async ({ signal, args, at, left }) => {
    await using folder = await trainingFolder();
    const options = { writesSlowly: true, kill: { signal, at: `${at}.` } };
    expect(await edjmProcess(folder.path, args, options)).toMatchObject(left);
    const names = await readdir(join(folder.path, 'results'));
    expect(names).toContain(at);
    expect(names.join()).not.toContain('.tmp');
  });

  it.each([
    { signal: 'SIGTERM', args: analyze, at: 'report.json' },
    { signal: 'SIGINT', args: train, at: 'net.onnx' },
  ] as const)('ends $args.0 at once if it comes twice: $signal', async ({ signal, args, at }) => {
    await using folder = await trainingFolder();
    const options = { writesSlowly: true, kill: { signal, at: `${at}.`, twice: true } };
    expect(await edjmProcess(folder.path, args, options)).toMatchObject({ code: null, signal, stdout: '' });
    expect(await readdir(join(folder.path, 'results'))).not.toContain(at);
  });
});
