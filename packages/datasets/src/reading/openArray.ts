import { EdjmError } from '@edjm/core';
import { checkLength, type ArrayHeader } from '../formats/arrayHeader.ts';
import { type ByteSource, gunzipped, isGzip, isZip, readStart, sha256 } from '@edjm/files';
import { cifar10Header } from '../formats/cifar10.ts';
import { openDataFile } from '../formats/dataFile.ts';
import { isIdx, parseIdxHeader } from '../formats/idxHeader.ts';
import { isNpy, NPY_HEADER_LIMIT, parseNpyHeader } from '../formats/npyHeader.ts';
import { npzArrays, npzMember } from '../formats/npz.ts';
import { digitsArray } from '../sets/sampleDigits.ts';
import type { Part, StoredArray } from '../formats/storedArray.ts';

/**
 * Finds the array that a source names, by the file's first bytes, and checks it against the file's length.
 *
 * @param source - A path, `sample:digits`, or `cifar10:` and a path.
 * @param part - Which of the two to read from a source that holds both.
 * @param array - Which array of an .npz archive.
 */
export async function openArray(source: string, part: Part, array?: string): Promise<StoredArray> {
  const [, scheme, rest = ''] = /^(sample|cifar10):(.*)$/s.exec(source) ?? [];
  if (array !== undefined && scheme !== undefined) throw onlyNpz(source, array);
  if (scheme === 'sample') return digitsArray(rest, part);
  const path = scheme === undefined ? source : rest;
  const file = await openDataFile(path);
  const start = await readStart(file, 4);
  if (array !== undefined && !isZip(start)) throw onlyNpz(source, array);
  const bytes = isZip(start) ? await npzMember(file, array) : isGzip(start) ? gunzipped(file) : file;
  const header = scheme === 'cifar10' ? await cifar10Header(bytes, part) : await readHeader(bytes);
  checkLength(header, bytes);
  return { name: bytes.name, header, bytes, sha256: () => sha256([file]) };
}

/** The names of the arrays of an .npz archive; none of another source. */
export async function archiveArrays(source: string): Promise<readonly string[]> {
  if (/^(sample|cifar10):/.test(source)) return [];
  const file = await openDataFile(source);
  return isZip(await readStart(file, 4)) ? npzArrays(file) : [];
}

async function readHeader(bytes: ByteSource): Promise<ArrayHeader> {
  const start = await readStart(bytes, NPY_HEADER_LIMIT);
  if (isNpy(start)) return parseNpyHeader(start, bytes.location);
  if (isIdx(start)) return parseIdxHeader(start, bytes.location);
  const got = start.length === 0 ? 'no bytes at all' : `a file that begins with ${hexadecimal(start)}`;
  throw new EdjmError(
    'INVALID_FILE',
    `${bytes.location}: expected .npy, .npz or IDX data, plain or gzipped, got ${got}. Save the samples with numpy.save.`,
  );
}

function onlyNpz(source: string, array: string): EdjmError {
  return new EdjmError(
    'INVALID_ARGUMENT',
    `${source}: expected an .npz archive for the option 'array' ('${array}'), got another kind of source. Leave the option out.`,
  );
}

function hexadecimal(start: Uint8Array): string {
  return [...start.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
