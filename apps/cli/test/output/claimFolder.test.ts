import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { claimFolder } from '../../src/output/claimFolder.ts';
import { edjm, edjmProcess, type Run } from '../fixture.ts';
import { epochs, onFiles, trainingFolder } from '../training/trainingFixture.ts';

const analyze = ['analyze', 'model.onnx', '--data', 'data.npy', '--out', 'results'];
const compare = ['compare', 'model.onnx', 'model.onnx', '--data', 'data.npy', '--out', './results/'];
const train = [...onFiles, '--out', 'results'];

describe('a folder that a run writes to', () => {
  it.each([
    { first: 'analyze', args: analyze, at: 'writing' },
    { first: 'train', args: [...train, ...epochs(100_000)], at: 'epoch 2/' },
  ])('is refused to others while $first has it, and free after SIGKILL', async ({ args, at }) => {
    await using folder = await trainingFolder();
    const others: Run[] = [];
    let holder: number | undefined;
    const before = async (pid: number | undefined) => {
      holder = pid;
      for (const other of [analyze, compare, [...train, ...epochs(2), '--overwrite']]) {
        others.push(await edjm(folder.path, other));
      }
    };
    const options = { writesSlowly: true, kill: { signal: 'SIGKILL', at, before } } as const;
    expect(await edjmProcess(folder.path, args, options)).toMatchObject({ signal: 'SIGKILL' });
    expect(others).toHaveLength(3);
    for (const { code, stdout, stderr } of others) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(
        /^error: --out \.?\/?results\/?: expected a folder that no other run writes to, got one that process \d+ writes to\. Wait until .*\n$/,
      );
      expect(stderr).toContain(`process ${String(holder)} `);
    }
    expect(await edjm(folder.path, analyze)).toMatchObject({ code: 0 });
    expect(await edjm(folder.path, [...train, ...epochs(2), '--overwrite'])).toMatchObject({ code: 0 });
  });

  it("is one run's among many that begin together", async () => {
    await using folder = await trainingFolder();
    const runs = await Promise.all(
      Array.from({ length: 4 }, () => edjmProcess(folder.path, analyze, { writesSlowly: true })),
    );
    const codes = runs.map(({ code }) => code);
    // The others are refused, or begin once it is done.
    expect(codes).toContain(0);
    for (const { code, stderr } of runs) if (code !== 0) expect(stderr).toContain('no other run writes to');
  });
});

describe('a claim', () => {
  it('is on the folder, whichever way leads to it, and ends with its work, also if that fails', async () => {
    await using folder = await trainingFolder();
    const at = (...names: string[]) => join(folder.path, ...names);
    await mkdir(at('real'));
    await symlink(at('real'), at('link'));
    const taken = { code: 'INVALID_ARGUMENT' };
    const work = () => Promise.resolve();
    await claimFolder(at('link', 'results'), async () => {
      await expect(claimFolder(at('real', 'results'), work)).rejects.toMatchObject(taken);
      await mkdir(at('real', 'results'));
      await expect(claimFolder(at('real', '.', 'results'), work)).rejects.toMatchObject(taken);
      await claimFolder(at('real'), work);
    });
    const failing = claimFolder(at('real', 'results'), () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    await claimFolder(at('real', 'results'), () => setTimeout(1));
    await claimFolder(undefined, work);
  });
});
