import { EdjmError } from '@edjm/core';
import type { ArrayHeader } from './arrayHeader.ts';
import { ELEMENT_KINDS, type ElementType } from './elementType.ts';

/** The most bytes a header may take: what version 1 can express. Numpy itself distrusts more than 10,000. */
export const NPY_HEADER_LIMIT: number = 10 + 65_535;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/** Whether bytes begin as an .npy file does. */
export function isNpy(start: Uint8Array): boolean {
  return MAGIC.every((byte, i) => start[i] === byte);
}

/**
 * Reads the header of an .npy file, versions 1.0 to 3.0. The header is the text of a Python dictionary; it is parsed
 * as `descr`, `fortran_order` and `shape`, each once and nothing else, and never evaluated.
 *
 * @param start - The file's first bytes, `NPY_HEADER_LIMIT` or fewer.
 * @param name - For messages.
 * @throws EdjmError `INVALID_FILE` for a damaged header, `INVALID_DATA` for elements that are not real numbers.
 *
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function parseNpyHeader(start: Uint8Array, name: string): ArrayHeader {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const version = start[6] ?? 0;
  if (version < 1 || version > 3) {
    throw damaged(name, '.npy version 1, 2 or 3', `version ${version}`);
  }
  const textStart = version === 1 ? 10 : 12;
  if (start.length < textStart) {
    throw damaged(name, `at least ${textStart} bytes of header`, `${start.length} bytes`);
  }
  const textLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const end = textStart + textLength;
  if (end > start.length) {
    throw damaged(
      name,
      `a header of ${textLength} bytes`,
      `${start.length - textStart} bytes that could be one`,
    );
  }
  const text = new TextDecoder().decode(start.subarray(textStart, end));
  const fields = parseFields(text, name);
  return {
    element: parseElement(fields.descr, name),
    shape: parseShape(fields.shape, name),
    columnMajor: fields.order === 'True',
    start: end,
  };
}

interface Fields {
  readonly descr: string;
  readonly order: string;
  readonly shape: string;
}

// One field and the comma after it. The value is a quoted string, True or False, a tuple, or a list (structured
// elements, recognized so that they can be refused by name).
const FIELD =
  /\s*(['"])(?<key>descr|fortran_order|shape)\1\s*:\s*(?<value>'[^'\\]*'|"[^"\\]*"|True|False|\([^()]*\)|\[[^\]]*\])\s*(?<comma>,?)/y;

function parseFields(text: string, name: string): Fields {
  const dictionary = text.trim();
  const refusal = (): EdjmError =>
    damaged(
      name,
      "a header {'descr': …, 'fortran_order': …, 'shape': …}",
      JSON.stringify(dictionary.slice(0, 120)),
    );
  if (!dictionary.startsWith('{') || !dictionary.endsWith('}')) throw refusal();
  const body = dictionary.slice(1, -1).trim();
  const fields = new Map<string, string>();
  let separated = true;
  for (let position = 0; position < body.length; position = FIELD.lastIndex) {
    FIELD.lastIndex = position;
    const { key, value, comma } = FIELD.exec(body)?.groups ?? {};
    if (!separated || key === undefined || value === undefined || fields.has(key)) throw refusal();
    fields.set(key, value);
    separated = comma === ',';
  }
  const descr = fields.get('descr');
  const order = fields.get('fortran_order');
  const shape = fields.get('shape');
  if (descr === undefined || shape === undefined || (order !== 'True' && order !== 'False')) throw refusal();
  return { descr, order, shape };
}

function parseElement(descr: string, name: string): ElementType {
  const [, order, code] = /^['"]([<>|])([a-zA-Z]\d+)['"]$/.exec(descr) ?? [];
  const kind = ELEMENT_KINDS.find((known) => known === code);
  if (kind !== undefined && (order !== '|' || kind.endsWith('1'))) {
    return { kind, littleEndian: order === '<' };
  }
  throw new EdjmError(
    'INVALID_DATA',
    `${name}: expected real numbers (bool, int8 to int64, uint8 to uint64, float16 to float64), ` +
      `got ${describeType(descr)}. Save x.astype('float32').`,
  );
}

function describeType(descr: string): string {
  if (descr.startsWith('[')) return 'a structured array with named fields';
  switch (/^['"][<>|=]?([a-zA-Z?])/.exec(descr)?.[1]) {
    case 'O':
      return 'Python objects, which are stored as a pickle and are never loaded because that can run code';
    case 'c':
      return `complex numbers (${descr})`;
    case 'U':
    case 'S':
    case 'a':
      return `text (${descr})`;
    case 'M':
    case 'm':
      return `dates or durations (${descr})`;
    default:
      return `elements of type ${descr.slice(0, 40)}`;
  }
}

/** A tuple of whole numbers; 2L is how Python 2 wrote 2. */
function parseShape(tuple: string, name: string): readonly number[] {
  const items = tuple.slice(1, -1).split(',');
  if (items.at(-1)?.trim() === '') items.pop();
  const shape = items.map((item) => (/^\s*\d+L?\s*$/.test(item) ? Number.parseInt(item, 10) : NaN));
  if (!tuple.startsWith('(') || !shape.every((size) => Number.isSafeInteger(size))) {
    throw damaged(name, 'a shape of whole numbers from 0 up', tuple.slice(0, 120));
  }
  return shape;
}

function damaged(name: string, expected: string, got: string): EdjmError {
  return new EdjmError(
    'INVALID_FILE',
    `${name}: expected ${expected}, got ${got}. The .npy header is damaged: write the file again with numpy.save.`,
  );
}
