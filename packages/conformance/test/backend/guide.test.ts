import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JacobianBackend } from '@edjm/core';
import { multilayerPerceptron, type Network, tanh } from '@edjm/network';
import { afterAll, describe, expect, it } from 'vitest';
import { referenceCases, testBackend } from '../../src/index.ts';
import { failures, outcomesOf } from '../collectingRunner.ts';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

/** Writes the one file of the guide to a package of its own, and imports it. */
async function backendOfTheGuide(folder: string): Promise<JacobianBackend<Network>> {
  const page = readFileSync(join(repository, 'apps/docs/guides/add-a-backend.md'), 'utf8');
  const [code, ...others] = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block!);
  expect(others).toHaveLength(0);
  mkdirSync(join(folder, 'node_modules/@edjm'), { recursive: true });
  for (const name of ['core', 'network']) {
    symlinkSync(join(repository, 'packages', name), join(folder, 'node_modules/@edjm', name));
  }
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'edjm-backend-perceptron', type: 'module' }),
  );
  writeFileSync(join(folder, 'perceptronBackend.ts'), code!);
  const { perceptronBackend } = (await import(join(folder, 'perceptronBackend.ts'))) as {
    perceptronBackend: () => JacobianBackend<Network>;
  };
  return perceptronBackend();
}

const folder = mkdtempSync(join(tmpdir(), 'edjm-backend-'));
const backend = await backendOfTheGuide(folder);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The layers that the backend has; the endings are left off or added by others. */
const covered = new Set(['dense', 'relu', 'flatten', 'softmax', 'logSoftmax']);
const unsupported = referenceCases()
  .filter(({ network: { layers } }) => {
    const inside = layers.slice(0, -1).some(({ type }) => type === 'softmax' || type === 'logSoftmax');
    return inside || !layers.every(({ type }) => covered.has(type));
  })
  .map(({ name }) => ({ case: name, reason: 'other layers than dense and ReLU' }));

describe('the backend of the guide', () => {
  it('passes the kit on the networks that it covers', async () => {
    const outcomes = await outcomesOf((runner) => {
      testBackend({ name: backend.name, load: (...source) => backend.load(...source), unsupported }, runner);
    });
    expect(failures(outcomes)).toEqual({});
    expect(outcomes.filter(({ result }) => result === 'passed').length).toBeGreaterThan(24);
  });

  it('refuses other layers when it loads', async () => {
    const { layers, ...rest } = multilayerPerceptron({ dIn: 3, hidden: [2], dOut: 1, seed: 1 });
    await expect(backend.load({ ...rest, layers: [...layers, tanh()] })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('got tanh') as string,
    });
  });
});
