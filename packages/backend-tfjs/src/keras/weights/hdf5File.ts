import type * as h5wasmTypes from 'h5wasm';
import { EdjmError } from '@edjm/core';
import { collectErrors } from './hdf5Errors.ts';
import { invalidFile, unsupportedFile } from '../refusal.ts';

/** An array in an HDF5 file. */
export interface Hdf5Array {
  readonly shape: readonly number[];
  /** Its values, row after row, rounded or widened to float32. */
  read(): Float32Array<ArrayBuffer>;
}

/** An HDF5 file that is open. Paths have the form a/b/c. */
export interface Hdf5File {
  /** The names in a group; none if there is no such group. */
  keys(path: string): readonly string[];
  /** The text of an attribute; `undefined` if there is none, or no text in it. */
  text(path: string, attribute: string): string | undefined;
  /** The texts of an attribute, also where Keras had to spread them over several. */
  texts(path: string, attribute: string): readonly string[] | undefined;
  /** An array; `undefined` if there is none. */
  array(path: string): Hdf5Array | undefined;
}

type H5wasm = typeof h5wasmTypes;
type H5Module = Awaited<H5wasm['ready']>;

/** First bytes of a file of HDF5. */
export const HDF5_MAGIC: readonly number[] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** The most that the weights of one file may take. */
const MAX_BYTES = 4 * 2 ** 30;

/** Deflate turns no byte into more than this many. */
const MAX_DEFLATE_RATIO = 1032;

/**
 * Filters whose blocks HDF5 undoes without loss: deflate, shuffle and the checksum Fletcher32. One that is missing leaves blocks as they are,
 * without an error.
 */
const KNOWN_FILTERS: readonly number[] = [1, 2, 3];

/** Classes of HDF5's numbers; Keras writes floats alone. */
const FLOAT_CLASS = 1;

let opened = 0;

/**
 * Opens the bytes of an HDF5 file, and closes it when `use` is done. All happens in memory: a file can name others,
 * but there are none.
 *
 * @throws EdjmError `INVALID_FILE` for a damaged file.
 */
export async function withHdf5<T>(bytes: Uint8Array, name: string, use: (file: Hdf5File) => T): Promise<T> {
  const h5wasm = await import('h5wasm');
  const module = await h5wasm.ready;
  const path = `/edjm-keras-${opened++}.h5`;
  // Nothing waits from here on: no other file is there while this one is read.
  module.FS.writeFile(path, bytes);
  const errors = collectErrors(module.FS);
  try {
    const file = new h5wasm.File(path, 'r');
    if (file.file_id < 0n) throw damaged(name, errors.reason());
    try {
      const result = use(new OpenFile(h5wasm, { module, root: file, bytes: bytes.length, name }));
      // Unreadable data sometimes looks as if it were missing.
      if (errors.reason() !== '') throw damaged(name, errors.reason());
      return result;
    } finally {
      file.close();
    }
  } catch (cause) {
    if (EdjmError.is(cause) && errors.reason() === '') throw cause;
    throw damaged(name, errors.reason(), cause);
  } finally {
    errors.release();
    module.FS.unlink(path);
  }
}

function damaged(name: string, reason: string, cause?: unknown): EdjmError {
  const known = reason === '' && cause instanceof Error ? cause.message : reason;
  return invalidFile(name, {
    expected: 'a whole HDF5 file',
    got: `one that cannot be read${known === '' ? '' : `: ${known}`}`,
    cause,
  });
}

interface Opened {
  readonly module: H5Module;
  readonly root: InstanceType<H5wasm['File']>;
  /** Length of the file. */
  readonly bytes: number;
  readonly name: string;
}

class OpenFile implements Hdf5File {
  readonly #h5wasm: H5wasm;
  readonly #file: Opened;
  readonly #keys = new Map<string, ReadonlySet<string>>();
  /** The amount read from it so far. */
  #read = 0;

  constructor(h5wasm: H5wasm, file: Opened) {
    this.#h5wasm = h5wasm;
    this.#file = file;
  }

  keys(path: string): readonly string[] {
    return [...this.#keysOf(path)];
  }

  text(path: string, attribute: string): string | undefined {
    const value = this.#attribute(path, attribute);
    return typeof value === 'string' ? value : undefined;
  }

  texts(path: string, attribute: string): readonly string[] | undefined {
    const whole = this.#attribute(path, attribute);
    if (whole !== undefined) return listOf(whole);
    const parts: string[] = [];
    for (let count = 0; ; count++) {
      const part = this.#attribute(path, `${attribute}${count}`);
      if (part === undefined) return count === 0 ? undefined : parts;
      parts.push(...listOf(part));
    }
  }

  array(path: string): Hdf5Array | undefined {
    const entity = this.#entity(path);
    if (!(entity instanceof this.#h5wasm.Dataset)) return undefined;
    const { metadata } = entity;
    const shape = metadata.shape ?? [];
    return { shape, read: () => this.#values(path, metadata) };
  }

  #keysOf(path: string): ReadonlySet<string> {
    const known = this.#keys.get(path);
    if (known !== undefined) return known;
    const entity = this.#entity(path);
    const keys = new Set(entity instanceof this.#h5wasm.Group ? entity.keys() : []);
    this.#keys.set(path, keys);
    return keys;
  }

  /** A group or an array. Links are refused: Keras writes none. */
  #entity(path: string): unknown {
    const { root, name } = this.#file;
    if (path === '') return root;
    const end = path.lastIndexOf('/');
    if (!this.#keysOf(path.slice(0, Math.max(end, 0))).has(path.slice(end + 1))) return undefined;
    const full = `/${path}`;
    if (Object.hasOwn(root.get_external_link(full), 'filename') || isLink(root.get_link(full))) {
      throw invalidFile(name, { expected: 'weights in the file itself', got: `a link as '${path}'` });
    }
    return root.get(full);
  }

  #attribute(path: string, attribute: string): unknown {
    const entity = this.#entity(path);
    if (!(entity instanceof this.#h5wasm.Group)) return undefined;
    const { attrs } = entity;
    return Object.hasOwn(attrs, attribute) ? attrs[attribute]?.value : undefined;
  }

  #values(path: string, metadata: InstanceType<H5wasm['Dataset']>['metadata']): Float32Array<ArrayBuffer> {
    const { module, root, name } = this.#file;
    const { size, total_size: count, type } = metadata;
    if (type !== FLOAT_CLASS || ![2, 4, 8].includes(size)) {
      throw unsupportedFile(name, {
        expected: 'weights in float16, float32 or float64',
        got: `another type as '${path}'`,
      });
    }
    if (metadata.virtual_sources !== undefined) {
      throw invalidFile(name, {
        expected: 'weights in the file itself',
        got: `a view of others as '${path}'`,
      });
    }
    const filter = module
      .get_dataset_filters(root.file_id, `/${path}`)
      .find(({ id }) => !KNOWN_FILTERS.includes(id));
    if (filter !== undefined) {
      throw unsupportedFile(name, {
        expected: 'weights that are not compressed, or by gzip alone',
        got: `the filter ${filter.name === '' ? 'of HDF5' : filter.name} (number ${filter.id}) for '${path}'`,
        todo: 'Load the model in Keras and save it again: model.save("model.keras").',
      });
    }
    this.#reserve(path, { bytes: size * count, isChunked: metadata.chunks !== null });
    if (count === 0) return new Float32Array(0);
    const pointer = module._malloc(size * count);
    if (pointer === 0) {
      throw unsupportedFile(name, {
        expected: 'arrays that fit into 2 GiB of memory',
        got: `${size * count} bytes as '${path}'`,
      });
    }
    try {
      const status = module.get_dataset_data(root.file_id, `/${path}`, null, null, null, BigInt(pointer));
      if (status < 0) throw damaged(name, '');
      return float32(module.HEAPU8.slice(pointer, pointer + size * count), size);
    } finally {
      module._free(pointer);
    }
  }

  /** Refuses arrays that the file is too small for. */
  #reserve(path: string, { bytes, isChunked }: { bytes: number; isChunked: boolean }): void {
    const { name, bytes: length } = this.#file;
    this.#read += bytes;
    const most = Math.min(MAX_BYTES, length * (isChunked ? MAX_DEFLATE_RATIO : 1));
    if (bytes <= most && this.#read <= Math.min(MAX_BYTES, length * MAX_DEFLATE_RATIO)) return;
    throw invalidFile(name, {
      expected: `at most ${most} bytes of weights in a file of ${length} bytes`,
      got: `${bytes} as '${path}'`,
    });
  }
}

/** The types promise the target of a link; if there is no link, it is null. */
function isLink(target: unknown): boolean {
  return target !== null;
}

function listOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((each) => typeof each === 'string');
}

/** Bytes of little-endian floats of a size, as float32; rounding is that of a cast. */
function float32(bytes: Uint8Array<ArrayBuffer>, size: number): Float32Array<ArrayBuffer> {
  if (size === 4) return new Float32Array(bytes.buffer);
  if (size === 8) return new Float32Array(new Float64Array(bytes.buffer));
  return Float32Array.from(new Uint16Array(bytes.buffer), fromHalf);
}

/** The value of a float16: sign, 5 bits of exponent, 10 of fraction. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
