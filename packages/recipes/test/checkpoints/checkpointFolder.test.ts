import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkpointFolder } from '../../src/index.ts';
import { typescriptNode } from './typescriptNode.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edjm-checkpoints-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const name = 'checkpoint-000000000001.safetensors';

/** A shell that lets no process write files of more than some kilobytes: what is written up to there stays, as on a full disk. */
function withLimit(command: readonly string[], kilobytes: number): ReturnType<typeof spawnSync> {
  const line = `ulimit -f ${kilobytes}; exec "$@"`;
  return spawnSync('bash', ['-c', line, 'bash', ...command], { encoding: 'utf8' });
}

const canLimit = withLimit(['true'], 1).status === 0;

describe('checkpointFolder', () => {
  it('makes the folder, writes, writes over and removes', async () => {
    const store = checkpointFolder(join(folder, 'a', 'b'));
    expect(await store.list()).toEqual([]);
    await store.write(name, Uint8Array.of(1, 2));
    await store.write(name, Uint8Array.of(3));
    expect([...(await store.read(name))]).toEqual([3]);
    expect(await readdir(join(folder, 'a', 'b'))).toEqual([name]);
    await store.remove(name);
    await store.remove(name);
    expect(await store.list()).toEqual([]);
  });

  it('passes over what is not a checkpoint, and writes over what a killed run has left', async () => {
    await writeFile(join(folder, 'checkpoint.tmp'), 'half');
    await writeFile(join(folder, 'notes.txt'), 'mine');
    const store = checkpointFolder(folder);
    expect(await store.list()).toEqual([]);
    await store.write(name, Uint8Array.of(1));
    expect((await readdir(folder)).sort()).toEqual([name, 'notes.txt']);
  });

  it('refuses a place that is no folder', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(checkpointFolder(join(folder, 'file')).list()).rejects.toMatchObject({
      code: 'INVALID_FILE',
      message: expect.stringMatching(
        /file: expected a folder of checkpoints, got: .*Choose another place\.$/,
      ) as string,
    });
  });

  it.skipIf(!canLimit)('leaves what was there where the disk is full (needs bash with ulimit)', async () => {
    const source = new URL('../../src/index.ts', import.meta.url).href;
    const code = `
      import { checkpointFolder } from ${JSON.stringify(source)};
      const store = checkpointFolder(${JSON.stringify(folder)});
      await store.write(${JSON.stringify(name)}, new Uint8Array(9000).fill(1));
      await store.write('checkpoint-000000000002.safetensors', new Uint8Array(100_000)).catch((error) => {
        console.log(error.code, error.message);
      });`;
    const script = join(folder, 'full.mts');
    await writeFile(script, code);
    const { stdout, stderr } = withLimit([...typescriptNode, script], 20);
    expect(stdout, String(stderr)).toMatch(
      /^INVALID_FILE .*: expected a folder that can be written to, got: EFBIG.*Choose another place\.\n$/,
    );
    expect((await readdir(folder)).sort()).toEqual([name, 'full.mts']);
    expect(await readFile(join(folder, name))).toEqual(Buffer.alloc(9000, 1));
  });
});
