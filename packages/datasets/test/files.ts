import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import type { Dataset, DenseMatrix } from '@edjm/core';
import { afterAll } from 'vitest';

/** A folder for the files of one test file, removed after it. */
export function temporaryFolder(): (name: string, content: Uint8Array | string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'edjm-datasets-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  return (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
}

/** An .npy file with any header text, version 1.0 unless told otherwise. */
export function npyWithHeader(header: string, body: ArrayBufferView, version = 1): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length =
    version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  const content = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  return Buffer.concat([
    Buffer.from('\x93NUMPY', 'latin1'),
    Buffer.from([version, 0, ...length]),
    text,
    content,
  ]);
}

/** An .npy file as numpy writes it. */
export function npy(descr: string, shape: readonly number[], body: ArrayBufferView): Uint8Array {
  return npyWithHeader(headerText(descr, shape, 'False'), body);
}

/** The same, in column-major order. */
export function fortranNpy(descr: string, shape: readonly number[], body: ArrayBufferView): Uint8Array {
  return npyWithHeader(headerText(descr, shape, 'True'), body);
}

function headerText(descr: string, shape: readonly number[], fortran: string): string {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  return `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${tuple}, }\n`;
}

/** float32 samples 0, 1, 2, … of the given shape. */
export function counting(shape: readonly number[]): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  return npy(
    '<f4',
    shape,
    Float32Array.from({ length: count }, (_, i) => i),
  );
}

/** An IDX file of unsigned bytes. */
export function idx(shape: readonly number[], bytes: readonly number[]): Uint8Array {
  const sizes = shape.flatMap((size) => [
    (size >>> 24) & 255,
    (size >>> 16) & 255,
    (size >>> 8) & 255,
    size & 255,
  ]);
  return Uint8Array.from([0, 0, 8, shape.length, ...sizes, ...bytes]);
}

export interface Member {
  readonly name: string;
  readonly content: Uint8Array;
  readonly stored?: boolean;
  readonly zip64?: boolean;
  readonly password?: string;
}

export async function zip(members: readonly Member[]): Promise<Uint8Array> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const { name, content, stored = false, zip64 = false, password } of members) {
    const options = { level: stored ? 0 : 6, zip64, ...(password === undefined ? {} : { password }) };
    await writer.add(name, new Uint8ArrayReader(content), options);
  }
  return writer.close();
}

export const gzip = (content: Uint8Array): Uint8Array => gzipSync(content);

/** All samples of a data set, one after the other, and how many batches brought them. */
export async function readAll(
  data: Dataset,
  batchSize = 7,
): Promise<{ values: number[]; batches: DenseMatrix[] }> {
  const values: number[] = [];
  const batches: DenseMatrix[] = [];
  for await (const batch of data.batches(batchSize)) {
    values.push(...batch.data);
    batches.push({ ...batch });
  }
  return { values, batches };
}

/** How many files this process holds open under a name; Linux only. */
export function openFiles(name: string): number {
  const targets = readdirSync('/proc/self/fd').map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      return ''; // The descriptor of the listing itself is gone by now.
    }
  });
  return targets.filter((target) => target.endsWith(name)).length;
}
