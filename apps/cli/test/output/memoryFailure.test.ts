import { spawnSync } from 'node:child_process';
import { EdjmError } from '@edjm/core';
import { describe, expect, it } from 'vitest';
import { asMemoryLimit } from '../../src/output/memoryFailure.ts';
import { main, testFolder } from '../fixture.ts';

describe.skipIf(process.platform !== 'linux')('a limit of the address space', () => {
  const analyze = 'analyze model.onnx --data data.npy --json --threads 1';
  const run = (cwd: string, kilobytes: number, flag = '') =>
    spawnSync(
      'sh',
      ['-c', `ulimit -v ${kilobytes}; exec "$0" ${flag} "$@"`, process.execPath, main, ...analyze.split(' ')],
      { cwd, encoding: 'utf8', env: { PATH: process.env['PATH'] } },
    );

  it.each([1_200_000, 2_000_000, 30_000_000])('of %i kB is refused in one line', async (kilobytes) => {
    await using folder = await testFolder();
    const { status, stdout, stderr } = run(folder.path, kilobytes);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: expected an address space of at least .* GB\. Raise it by ulimit .*\.\n$/,
    );
  });

  it('is enough with the flag that the message names', async () => {
    await using folder = await testFolder();
    const refused = run(folder.path, 30_000_000);
    const flag = /NODE_OPTIONS=(\S+)\./.exec(refused.stderr)?.[1];
    expect(run(folder.path, 30_000_000, flag)).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('an error of the system', () => {
  it.each([
    new RangeError('WebAssembly.Memory(): could not allocate memory'),
    new RangeError('Array buffer allocation failed'),
    Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' }),
  ])('says what to do if there is no more memory: %s', (error) => {
    expect(asMemoryLimit(error)).toMatchObject({
      code: 'MEMORY_LIMIT',
      message: expect.stringMatching(/^expected memory from the system, got: .*\. Give a smaller/) as string,
      cause: error,
    });
  });

  it.each([new RangeError('expected 3'), new EdjmError('INVALID_DATA', 'out of memory'), 'text'])(
    'stays as it is otherwise: %s',
    (error) => {
      expect(asMemoryLimit(error)).toBe(error);
    },
  );
});
