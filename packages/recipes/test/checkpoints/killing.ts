import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adam, momentumSgd, train } from '../../src/index.ts';
import { smallData, smallNetwork, weightsOf } from '../problem.ts';
import { typescriptNode } from './typescriptNode.ts';

const script = fileURLToPath(new URL('trainingProcess.ts', import.meta.url));

let folder = '';

/** Runs the script, and kills it so long after it has begun its first step; undefined if it was. */
function run(optimizer: string, killAfter: number | undefined): Promise<string | undefined> {
  const [node, ...flags] = typescriptNode;
  const child = spawn(node, [...flags, script, folder, optimizer], { stdio: ['ignore', 'pipe', 'inherit'] });
  let [output, timer]: [string, NodeJS.Timeout | undefined] = ['', undefined];
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (killAfter !== undefined) timer ??= setTimeout(() => child.kill('SIGKILL'), killAfter);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') resolve(undefined);
      else if (code === 0) resolve(output.slice(output.indexOf('\n')));
      else reject(new Error(`the script ended with ${code}`));
    });
  });
}

/**
 * Defines tests that kill a process which trains, again and again, and then let it come to its end.
 *
 * @param moments - by optimizer: how long after the first step each process is killed, in milliseconds. A process that ends before that
 *   counts as one that was not killed; more than a third must be.
 */
export function testKilled(moments: Readonly<Partial<Record<'momentum' | 'adam', readonly number[]>>>): void {
  describe('a process that is killed', () => {
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'edjm-killed-'));
    });

    afterEach(async () => {
      await rm(folder, { recursive: true });
    });

    it.each(Object.entries(moments).map(([optimizer, after]) => [optimizer, after.length, after] as const))(
      'ends with the same weights, %s, killed at %i random moments',
      async (optimizer, times, after) => {
        const whole = await smallNetwork();
        await train(whole, smallData(), {
          epochs: 30,
          batchSize: 5,
          seed: 3,
          optimizer: optimizer === 'adam' ? adam() : momentumSgd({ learningRate: 0.01 }),
          dropout: { hidden: 0.1 },
        });
        let kills = 0;
        for (const moment of after) {
          if ((await run(optimizer, moment)) === undefined) kills++;
        }
        expect(kills).toBeGreaterThan(times / 3);
        const output = (await run(optimizer, undefined))!;
        const { resumedFrom, weights } = JSON.parse(output) as { resumedFrom: object; weights: object };
        expect(weights).toEqual(await weightsOf(whole));
        expect(resumedFrom).toMatchObject({ damaged: [] });
        const names = await readdir(folder);
        expect(names.length).toBeLessThanOrEqual(3);
        expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
      },
      180_000,
    );
  });
}
