import { EdjmError, type FloatArray } from '@edjm/core';
import type { Tensor } from '../layers/layer.ts';
import { formatShape, valueCount } from '../layers/shape.ts';

/** The content of a safetensors file. */
export interface Safetensors {
  /** By name, in the order of the file's header. F64 is read as float64, every other type as float32. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** The `__metadata__` of the header; `{}` if there is none. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Options of {@link readSafetensors}. */
export interface ReadSafetensorsOptions {
  /** Which tensors to read, so that counters stored as integers can be left out. Defaults to all of them. */
  readonly include?: (name: string) => boolean;
}

/** The header's entry of one tensor. */
interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Bytes after the header. */
  readonly begin: number;
  readonly end: number;
}

/** The most bytes of a header, as every implementation has it. */
const HEADER_LIMIT = 100_000_000;

/** How deep objects and arrays of a header may be nested; three levels are in use. */
const DEPTH_LIMIT = 100;

const METADATA = '__metadata__';

/** Types by name, and the bytes of an element. */
const FLOATS = new Map([
  ['F64', 8],
  ['F32', 4],
  ['F16', 2],
  ['BF16', 2],
]);

/**
 * Reads the tensors of a safetensors file: F64, F32, and F16 and BF16, which are widened to float32.
 *
 * The file is distrusted: its header must be JSON without a key given twice, and the tensors must fill the bytes after it
 * without gaps and overlaps, each with as many as its shape requires. Whether the numbers are finite is not checked.
 *
 * @param bytes - The whole file. The tensors are copies; they may lie anywhere, aligned or not.
 * @throws EdjmError `INVALID_FILE` if the bytes are not such a file, `UNSUPPORTED` for integers and other types; the
 * message names the tensor.
 *
 * Source: https://github.com/huggingface/safetensors#format
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { dense, readSafetensors } from '@edjm/network';
 *
 * const { tensors } = readSafetensors(readFileSync('model.safetensors'));
 * const [weight, bias] = [tensors.get('0.weight'), tensors.get('0.bias')];
 * if (weight && bias) console.log(dense({ weight, bias: bias.data }).weight.shape);
 * ```
 */
export function readSafetensors(bytes: Uint8Array, options: ReadSafetensorsOptions = {}): Safetensors {
  const { include = () => true } = options;
  const headerBytes = headerLength(bytes);
  const text = headerText(bytes.subarray(8, 8 + headerBytes));
  const header = parseHeader(text);
  const names = keysOnce(text).filter((name) => name !== METADATA);
  const entries = names.map((name) => parseEntry(name, header[name]));
  const data = bytes.subarray(8 + headerBytes);
  checkPlaces(entries, data.length);
  const chosen = entries.filter(({ name }) => include(name));
  return {
    tensors: new Map(chosen.map((entry) => [entry.name, readTensor(entry, data)])),
    metadata: parseMetadata(header),
  };
}

/**
 * The bytes of a safetensors file with these tensors: float32 as F32, float64 as F64.
 *
 * The header lists the tensors in the order of the map. In the data those of float64 come first, so that each lies at a
 * multiple of its element's size. The same tensors in the same order give the same bytes.
 *
 * @param metadata - Any names and texts to go with them. Defaults to none.
 * @throws EdjmError `INVALID_ARGUMENT` for a shape of anything but whole numbers and for a name or text that is not Unicode, or a name that
 * the format or JavaScript keeps for itself (`__metadata__`, `__proto__`), `SHAPE_MISMATCH` if data and shape differ in size.
 *
 * Source: https://github.com/huggingface/safetensors#format
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { writeSafetensors } from '@edjm/network';
 *
 * const weight = { shape: [1, 3], data: Float32Array.of(1, 1, 1) };
 * writeFileSync('sum.safetensors', writeSafetensors(new Map([['weight', weight]])));
 * ```
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  for (const [name, tensor] of tensors) checkTensor(name, tensor);
  for (const texts of Object.entries(metadata)) for (const text of texts) checkName(text, 'metadata');
  const inData = [8, 4].flatMap((size) =>
    [...tensors].filter(([, { data }]) => data.BYTES_PER_ELEMENT === size),
  );
  const begins = new Map<string, number>();
  let end = 0;
  for (const [name, { data }] of inData) {
    begins.set(name, end);
    end += data.byteLength;
  }

  // Put together by hand: an object would list names such as "0" before all others.
  const infos = [...tensors].map(([name, { shape, data }]) => {
    const begin = begins.get(name) ?? 0;
    const dtype = data.BYTES_PER_ELEMENT === 8 ? 'F64' : 'F32';
    const info = { dtype, shape, data_offsets: [begin, begin + data.byteLength] };
    return `${JSON.stringify(name)}:${JSON.stringify(info)}`;
  });
  const about =
    Object.keys(metadata).length === 0 ? [] : [`${JSON.stringify(METADATA)}:${JSON.stringify(metadata)}`];
  const header = new TextEncoder().encode(`{${[...about, ...infos].join()}}`);
  const headerBytes = Math.ceil(header.length / 8) * 8;
  if (headerBytes > HEADER_LIMIT) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `safetensors: expected a header of at most ${HEADER_LIMIT} bytes, got ${headerBytes}. Write several files.`,
    );
  }

  const bytes = new Uint8Array(8 + headerBytes + end).fill(0x20, 8, 8 + headerBytes);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(header, 8);
  for (const [name, { data }] of inData) writeValues(data, view, 8 + headerBytes + (begins.get(name) ?? 0));
  return bytes;
}

function headerLength(bytes: Uint8Array): number {
  if (bytes.length < 8) throw damaged('safetensors: expected at least 8 bytes', String(bytes.length));
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  const most = Math.min(HEADER_LIMIT, bytes.length - 8);
  if (length > BigInt(most)) {
    throw damaged(`safetensors: expected a header of at most ${most} bytes`, String(length));
  }
  return Number(length);
}

function headerText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw damaged('safetensors: expected a header in UTF-8', 'other bytes', cause);
  }
}

function parseHeader(text: string): Readonly<Record<string, unknown>> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw damaged('safetensors: expected a header in JSON', quoted(text), cause);
  }
  if (!text.startsWith('{') || !isRecord(header)) {
    throw damaged('safetensors: expected a header {"name": {…}, …}', quoted(text));
  }
  return header;
}

/** The keys of the outermost object of a JSON text in their order; refuses one that is given twice, in any of the objects. */
function keysOnce(text: string): readonly string[] {
  const outermost = new Set<string>();
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === '{' || sign === '[') {
      open.push(open.length === 0 ? outermost : new Set());
      if (open.length > DEPTH_LIMIT) {
        throw damaged(
          `safetensors: expected objects at most ${DEPTH_LIMIT} deep in each other`,
          'a deeper one',
        );
      }
    } else if (sign === '}' || sign === ']') {
      open.pop();
    } else if (sign === '"') {
      const start = at;
      at = endOfString(text, start);
      if (!isKey(text, at)) continue;
      const key = JSON.parse(text.slice(start, at + 1)) as string;
      if (open.at(-1)?.has(key)) {
        throw damaged(`safetensors: expected the key ${quoted(key)} once`, 'it twice');
      }
      open.at(-1)?.add(key);
    }
  }
  return [...outermost];
}

/** Where the quote stands that ends the string that starts at a place. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** Whether a colon follows the string that ends at a place. */
function isKey(text: string, end: number): boolean {
  let at = end + 1;
  while (/\s/.test(text[at] ?? '')) at++;
  return text[at] === ':';
}

function parseMetadata(header: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const metadata = Object.hasOwn(header, METADATA) ? header[METADATA] : {};
  if (!isRecord(metadata)) {
    throw damaged(`safetensors, ${METADATA}: expected {"name": "text", …}`, quoted(metadata));
  }
  const texts = Object.entries(metadata).map(([name, text]) => {
    if (name === '__proto__' || typeof text !== 'string') {
      throw damaged(`safetensors, ${METADATA}: expected a text for ${quoted(name)}`, quoted(text));
    }
    return [name, text] as const;
  });
  return Object.fromEntries(texts);
}

function parseEntry(name: string, info: unknown): Entry {
  const where = `safetensors, tensor ${quoted(name)}`;
  if (name === '__proto__') throw damaged(`${where}: expected another name`, 'one that JavaScript keeps');
  if (!isRecord(info)) throw damaged(`${where}: expected {dtype, shape, data_offsets}`, quoted(info));
  const { dtype, shape, data_offsets: offsets } = info;
  if (typeof dtype !== 'string') throw damaged(`${where}: expected a dtype`, quoted(dtype));
  if (!isSizes(shape)) throw damaged(`${where}: expected a shape of whole numbers`, quoted(shape));
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw damaged(`${where}: expected data_offsets [begin, end]`, quoted(offsets));
  }
  const [begin = 0, end = 0] = offsets;
  const size = FLOATS.get(dtype);
  const required = valueCount(shape) * (size ?? 0);
  // Beyond 2⁵³ a product is rounded, but so large that it is not the length of anything.
  if (end < begin || (size !== undefined && required !== end - begin)) {
    throw damaged(`${where}: expected ${required} bytes for ${dtype} ${quoted(shape)}`, `${end - begin}`);
  }
  return { name, dtype, shape, begin, end };
}

/** Refuses tensors that overlap, leave gaps, or do not end with the file. */
function checkPlaces(entries: readonly Entry[], length: number): void {
  let filled = 0;
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    const where = `safetensors, tensor ${quoted(name)}`;
    if (begin !== filled) throw damaged(`${where}: expected it to begin at byte ${filled}`, String(begin));
    if (end > length) throw damaged(`${where}: expected ${end} bytes after the header`, String(length));
    filled = end;
  }
  if (filled !== length) {
    throw damaged(`safetensors: expected ${filled} bytes after the header`, String(length));
  }
}

function readTensor({ name, dtype, shape, begin, end }: Entry, data: Uint8Array): Tensor {
  const size = FLOATS.get(dtype);
  if (size === undefined) {
    throw new EdjmError(
      'UNSUPPORTED',
      `safetensors, tensor ${quoted(name)}: expected ${[...FLOATS.keys()].join(', ')}, got ${dtype.slice(0, 40)}. ` +
        'Leave it out with the option include, or save it as float32.',
    );
  }
  const view = new DataView(data.buffer, data.byteOffset + begin, end - begin);
  const values =
    dtype === 'F64' ? new Float64Array(view.byteLength / 8) : new Float32Array(view.byteLength / size);
  const read = reader(dtype, view);
  for (let i = 0; i < values.length; i++) values[i] = read(i * size);
  return { shape, data: values };
}

function reader(dtype: string, view: DataView): (at: number) => number {
  switch (dtype) {
    case 'F64':
      return (at) => view.getFloat64(at, true);
    case 'F32':
      return (at) => view.getFloat32(at, true);
    case 'F16':
      return (at) => fromHalf(view.getUint16(at, true));
    default: {
      // bfloat16 is the upper half of a float32.
      const widened = new DataView(new ArrayBuffer(4));
      return (at) => {
        widened.setUint16(0, view.getUint16(at, true));
        return widened.getFloat32(0);
      };
    }
  }
}

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits with bias 15, 10 fraction bits. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

function writeValues(data: FloatArray, view: DataView, start: number): void {
  if (data.BYTES_PER_ELEMENT === 8) {
    for (let i = 0; i < data.length; i++) view.setFloat64(start + i * 8, data[i] as number, true);
  } else {
    for (let i = 0; i < data.length; i++) view.setFloat32(start + i * 4, data[i] as number, true);
  }
}

function checkTensor(name: string, { shape, data }: Tensor): void {
  checkName(name, 'tensor');
  if (!isSizes(shape)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `tensor ${quoted(name)}: expected a shape of whole numbers from 0 up, got ${formatShape(shape)}. Give one.`,
    );
  }
  if (valueCount(shape) !== data.length) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `tensor ${quoted(name)}: expected ${valueCount(shape)} values for ${formatShape(shape)}, got ${data.length}. ` +
        'Give data of that length.',
    );
  }
}

function checkName(name: string, what: string): void {
  if (name === METADATA || name === '__proto__' || /\p{Surrogate}/u.test(name)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${what}: expected Unicode other than ${METADATA} and __proto__, got ${quoted(name)}. Take another name.`,
    );
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function quoted(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);
}

function damaged(expected: string, got: string, cause?: unknown): EdjmError {
  return new EdjmError(
    'INVALID_FILE',
    `${expected}, got ${got}. The file is damaged or of another kind: save it again.`,
    cause === undefined ? {} : { cause },
  );
}
