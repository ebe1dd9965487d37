import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { D_IN, npy, samples, testFolder } from '../fixture.ts';

/** Samples in it. */
export const N = 120;

/** Of `net.json`. */
export const layers: readonly object[] = [
  { type: 'dense', units: 8 },
  { type: 'relu' },
  { type: 'dense', units: 3 },
];

/** A folder with `net.json` (6-8-3), and 120 samples of three classes that a network can tell apart. */
export async function trainingFolder(): Promise<Awaited<ReturnType<typeof testFolder>>> {
  const folder = await testFolder();
  const x = samples(N, D_IN).map((value, i) => value + (i % D_IN === Math.floor(i / D_IN) % 3 ? 1.5 : 0));
  await writeFile(join(folder.path, 'x.npy'), npy([N, D_IN], new Uint8Array(x.buffer)));
  await writeFile(
    join(folder.path, 'y.npy'),
    npy(
      [N],
      Uint8Array.from({ length: N }, (_, i) => i % 3),
      '|u1',
    ),
  );
  await writeFile(join(folder.path, 'net.json'), JSON.stringify({ inputShape: [D_IN], layers }));
  return folder;
}

/** `edjm train` on them, in one thread. */
export const onFiles: readonly string[] = [
  'train',
  'net.json',
  '--data',
  'x.npy',
  '--labels',
  'y.npy',
  '--batch-size',
  '10',
  '--threads',
  '1',
];

/** As an option. */
export const epochs = (n: number): string[] => ['--epochs', String(n)];
