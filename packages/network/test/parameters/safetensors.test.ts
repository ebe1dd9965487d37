import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { EdjmError, type FloatArray } from '@edjm/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dense,
  type DenseLayer,
  inferShapes,
  type Network,
  readSafetensors,
  relu,
  type Safetensors,
  type Tensor,
  writeSafetensors,
} from '../../src/index.ts';

/** A file with this header, as it stands, and so many bytes after it. */
function file(header: string | object, data: Uint8Array | number = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const after = typeof data === 'number' ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + text.length + after.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(after, 8 + text.length);
  return bytes;
}

const f32 = (shape: unknown, begin: unknown, end: unknown) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

function headerOf(bytes: Uint8Array): string {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return new TextDecoder().decode(bytes.subarray(8, 8 + length));
}

function thrown(call: () => unknown): EdjmError {
  try {
    call();
  } catch (error) {
    if (EdjmError.is(error)) return error;
    throw error;
  }
  throw new Error('expected an error');
}

describe('writeSafetensors and readSafetensors', () => {
  const tensors = new Map<string, Tensor>([
    ['10', { shape: [1, 3], data: Float32Array.of(1.5, -0, 1e-45) }],
    ['2', { shape: [2], data: Float64Array.of(Math.PI, -Number.MAX_VALUE) }],
    ['λ "quoted"', { shape: [], data: Float32Array.of(NaN) }],
    ['constructor', { shape: [3, 0, 2], data: new Float32Array(0) }],
  ]);

  it('gives back what was written, in its order', () => {
    const metadata = { format: 'pt', constructor: 'not one' };
    const read = readSafetensors(writeSafetensors(tensors, metadata));
    expect([...read.tensors]).toEqual([...tensors]);
    expect(read.metadata).toEqual(metadata);
    expect(readSafetensors(writeSafetensors(tensors)).metadata).toEqual({});
  });

  it('writes the same bytes for the same tensors, once more after reading', () => {
    const bytes = writeSafetensors(tensors, { format: 'pt' });
    expect(writeSafetensors(new Map(tensors), { format: 'pt' })).toEqual(bytes);
    const { tensors: again, metadata } = readSafetensors(bytes);
    expect(writeSafetensors(again, metadata)).toEqual(bytes);
  });

  it('aligns the data to 8 bytes, and each tensor to its elements', () => {
    const bytes = writeSafetensors(tensors);
    const header = headerOf(bytes);
    expect(new TextEncoder().encode(header).length % 8).toBe(0);
    expect(header).toMatch(
      /^{"10":{"dtype":"F32","shape":\[1,3\],"data_offsets":\[16,28\]},"2":.*"data_offsets":\[0,16\]},.*} *$/,
    );
  });

  it('writes no tensors at all', () => {
    const bytes = writeSafetensors(new Map());
    expect(bytes).toEqual(file('{}      '));
    expect(readSafetensors(bytes)).toEqual({ tensors: new Map(), metadata: {} });
  });

  it('gives back any tensors', () => {
    const name = fc.string({ unit: 'grapheme' }).filter((text) => !text.startsWith('__'));
    const data = fc.oneof(fc.float32Array(), fc.float64Array());
    fc.assert(
      fc.property(fc.array(fc.tuple(name, data)), (pairs) => {
        const any = new Map(pairs.map(([name, data]) => [name, { shape: [data.length], data }]));
        expect([...readSafetensors(writeSafetensors(any)).tensors]).toEqual([...any]);
      }),
    );
  });

  it.each<[string, Tensor, string]>([
    ['__metadata__', { shape: [], data: new Float32Array(1) }, 'INVALID_ARGUMENT'],
    ['__proto__', { shape: [], data: new Float32Array(1) }, 'INVALID_ARGUMENT'],
    ['half \ud800', { shape: [], data: new Float32Array(1) }, 'INVALID_ARGUMENT'],
    ['a', { shape: [-1], data: new Float32Array(1) }, 'INVALID_ARGUMENT'],
    ['a', { shape: [2, 2], data: new Float32Array(3) }, 'SHAPE_MISMATCH'],
  ])('refuses to write %j, %j', (name, tensor, code) => {
    expect(thrown(() => writeSafetensors(new Map([[name, tensor]]))).code).toBe(code);
  });

  it('refuses to write metadata that others could not read', () => {
    expect(thrown(() => writeSafetensors(new Map(), { name: '\udc00' })).code).toBe('INVALID_ARGUMENT');
  });
});

describe('readSafetensors', () => {
  it('reads what lies at odd places, in a part of a larger buffer', () => {
    const data = new Uint8Array(13);
    const view = new DataView(data.buffer);
    view.setUint16(0, 0x3c00, true);
    view.setUint16(2, 0xc000, true);
    view.setUint16(4, 0x0001, true);
    view.setFloat64(6 - 1, 0.1, true);
    view.setUint8(4, 0x80);
    const header = {
      half: { dtype: 'F16', shape: [2], data_offsets: [0, 4] },
      byte: { dtype: 'U8', shape: [1], data_offsets: [4, 5] },
      double: { dtype: 'F64', shape: [], data_offsets: [5, 13] },
    };
    const bytes = file(header, data);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const { tensors } = readSafetensors(shifted.subarray(3), { include: (name) => name !== 'byte' });
    expect([...tensors]).toEqual([
      ['half', { shape: [2], data: Float32Array.of(1, -2) }],
      ['double', { shape: [], data: Float64Array.of(0.1) }],
    ]);
  });

  it.each<[string, number[], number[]]>([
    [
      'F16',
      [0x0000, 0x8000, 0x0001, 0x03ff, 0x0400, 0x3555, 0x7bff, 0x7c00, 0xfc00, 0x7e00],
      [0, -0, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 0.333251953125, 65504, Infinity, -Infinity, NaN],
    ],
    [
      'BF16',
      [0x0000, 0x8000, 0x3f80, 0xc049, 0x0001, 0x7f7f, 0x7f80, 0xff80, 0x7fc0],
      [0, -0, 1, -3.140625, 2 ** -133, 255 * 2 ** 120, Infinity, -Infinity, NaN],
    ],
  ])('widens %s exactly', (dtype, bits, expected) => {
    const data = new Uint8Array(bits.length * 2);
    const view = new DataView(data.buffer);
    bits.forEach((value, i) => {
      view.setUint16(i * 2, value, true);
    });
    const header = { x: { dtype, shape: [bits.length], data_offsets: [0, data.length] } };
    const found = readSafetensors(file(header, data)).tensors.get('x')!.data;
    expect(found).toEqual(Float32Array.from(expected));
  });

  it('takes entries in any order, fields that it does not know, and spaces', () => {
    const header = ` {"b" : {"shape":[1],"more":{"a":[]},"data_offsets":[4,8],"dtype":"F32"},\n"a":${JSON.stringify(f32([], 0, 4))}} `;
    expect(thrown(() => readSafetensors(file(header, 8))).code).toBe('INVALID_FILE');
    const { tensors } = readSafetensors(file(header.trimStart(), 8));
    expect([...tensors.keys()]).toEqual(['b', 'a']);
  });

  it.each(['I64', 'U8', 'BOOL', 'F8_E4M3', 'F4'])('refuses %s, unless it is left out', (dtype) => {
    const bytes = file({ steps: { dtype, shape: [], data_offsets: [0, 8] } }, 8);
    const error = thrown(() => readSafetensors(bytes));
    expect(error.code).toBe('UNSUPPORTED');
    expect(error.message).toContain(`tensor "steps": expected F64, F32, F16, BF16, got ${dtype}.`);
    expect(readSafetensors(bytes, { include: (name) => name !== 'steps' }).tensors.size).toBe(0);
  });

  const length = (value: bigint) => {
    const bytes = file('{}');
    new DataView(bytes.buffer).setBigUint64(0, value, true);
    return bytes;
  };
  const raw = (text: string, data = 0) => file(`{"a":${text}}`, data);
  const entry = JSON.stringify(f32([1], 0, 4));

  it.each<[string, Uint8Array]>([
    ['no bytes', new Uint8Array(0)],
    ['7 bytes', new Uint8Array(7)],
    ['a header of 0 bytes', file('')],
    ['a header longer than the file', length(3n)],
    ['a header of 2⁶⁴ − 1 bytes', length(2n ** 64n - 1n)],
    ['a header of more than 100 MB', file(' '.repeat(100_000_001))],
    ['a header that is not UTF-8', file('{"\u00ff":1}').map((byte) => (byte === 0xc3 ? 0xff : byte))],
    ['a byte order mark', file('\ufeff{}')],
    ['a header that is not JSON', file('{"a":')],
    ['NaN in the header', raw('{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}', 4)],
    ['an array as header', file('[]')],
    ['null as header', file('null')],
    ['arrays in arrays without end', file('['.repeat(1e6))],
    ['arrays in arrays', file(`{"__metadata__":${'['.repeat(1e5)}${']'.repeat(1e5)}}`)],
    ['metadata that is no object', file({ __metadata__: ['a'] })],
    ['metadata that is no text', file({ __metadata__: { a: 1 } })],
    ['metadata named __proto__', file('{"__metadata__":{"__proto__":"a"}}')],
    ['bytes after the tensors', file({}, 1)],
  ])('refuses %s', (_, bytes) => {
    const error = thrown(() => readSafetensors(bytes));
    expect(error.code).toBe('INVALID_FILE');
    expect(error.message).toMatch(/^safetensors.*: expected .*, got .*\. The file is damaged/);
  });

  it.each<[string, Uint8Array]>([
    ['a number for a tensor', raw('1')],
    ['null for a tensor', raw('null')],
    ['no dtype', raw('{"shape":[1],"data_offsets":[0,4]}', 4)],
    ['no shape', raw('{"dtype":"F32","data_offsets":[0,4]}', 4)],
    ['no offsets', raw('{"dtype":"F32","shape":[1]}', 4)],
    ['a negative size', file({ a: f32([-1, -1], 0, 4) }, 4)],
    ['a size that is no whole number', file({ a: f32([0.5, 2], 0, 4) }, 4)],
    ['a size of 1e400', raw('{"dtype":"F32","shape":[1e400],"data_offsets":[0,4]}', 4)],
    ['a size in quotes', file({ a: f32(['1'], 0, 4) }, 4)],
    ['sizes whose product is beyond 2⁶⁴', file({ a: f32([2 ** 33, 2 ** 33], 0, 0) })],
    [
      'sizes whose product overflows, times 0',
      file({ a: f32([...new Array<number>(50).fill(2 ** 52), 0], 0, 0) }),
    ],
    ['too few bytes for the shape', file({ a: f32([2], 0, 4) }, 4)],
    ['too many bytes for the shape', file({ a: f32([1], 0, 8) }, 8)],
    ['one offset', raw('{"dtype":"F32","shape":[1],"data_offsets":[4]}', 4)],
    ['three offsets', raw('{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}', 4)],
    ['offsets in the wrong order', file({ a: f32([1], 4, 0) }, 4)],
    ['negative offsets', file({ a: f32([1], -4, 0) }, 4)],
    ['offsets that are no whole numbers', file({ a: f32([1], 0.5, 4.5) }, 4)],
    ['offsets beyond the file', file({ a: f32([1], 0, 4) }, 3)],
    ['offsets far beyond the file', file({ a: f32([1e12], 0, 4e12) }, 4)],
    ['a gap at the start', file({ a: f32([1], 4, 8) }, 8)],
    ['a gap between tensors', file({ b: f32([1], 0, 4), a: f32([1], 8, 12) }, 12)],
    ['tensors that overlap', file({ b: f32([2], 0, 8), a: f32([1], 4, 8) }, 8)],
    ['two tensors in the same place', file({ b: f32([1], 0, 4), a: f32([1], 0, 4) }, 4)],
    ['a name twice', file(`{"a":${entry},"a":${entry}}`, 4)],
    ['a name twice, once with a space', file(`{"a" ${' '.repeat(500)}:${entry},"a":${entry}}`, 4)],
    ['a name twice, once escaped', file(`{"a":${entry},"\\u0061":${entry}}`, 4)],
  ])('refuses %s, and names the tensor', (_, bytes) => {
    const error = thrown(() => readSafetensors(bytes));
    expect(error.code).toBe('INVALID_FILE');
    expect(error.message).toMatch(/"a".*: expected|key "a"/);
  });

  it('refuses a field given twice', () => {
    const bytes = raw('{"dtype":"F32","dtype":"F64","shape":[1],"data_offsets":[0,8]}', 8);
    expect(thrown(() => readSafetensors(bytes)).message).toContain(
      'expected the key "dtype" once, got it twice',
    );
  });

  it('refuses a tensor named __proto__, and changes no prototype', () => {
    const bytes = file(`{"__proto__":${entry}}`, 4);
    expect(thrown(() => readSafetensors(bytes)).message).toContain('tensor "__proto__"');
    const within = raw('{"__proto__":{"dtype":"F32"},"shape":[1],"data_offsets":[0,4]}', 4);
    expect(thrown(() => readSafetensors(within)).message).toContain('expected a dtype, got nothing');
    expect(({} as { dtype?: string }).dtype).toBeUndefined();
  });

  it('throws nothing but EdjmErrors, whatever bytes are changed', () => {
    const bytes = writeSafetensors(
      new Map<string, Tensor>([
        ['weight', { shape: [2, 3], data: new Float32Array(6) }],
        ['bias', { shape: [2], data: new Float64Array(2) }],
      ]),
      { format: 'pt' },
    );
    const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(changes, fc.nat(bytes.length), (some, end) => {
        const changed = bytes.slice();
        for (const [at, byte] of some) changed[at] = byte;
        for (const damaged of [changed, changed.subarray(0, end)]) {
          try {
            readSafetensors(damaged);
          } catch (error) {
            expect(EdjmError.is(error)).toBe(true);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

const root = process.env['EDJM_DATA_DIR'];

describe.skipIf(root === undefined)(
  'published networks (skipped where EDJM_DATA_DIR does not name the data)',
  () => {
    const at = (...parts: string[]) => join(root ?? '', ...parts);
    const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

    it('mlp-relu gives its outputs', () => {
      const golden = json(at('golden', 'mlp-relu.golden.json')) as { firstOutputs: number[][] };
      const network = multilayerPerceptron(
        readSafetensors(readFileSync(at('golden', 'mlp-relu.safetensors'))),
        ['0', '2', '4'],
      );
      expect(inferShapes(network)).toEqual([[784], [96], [96], [48], [48], [10]]);
      const images = readFileSync(at('golden', 'inputs-mnist-300.npy'));
      golden.firstOutputs.forEach((expected, i) => {
        const start = images.length - (300 - i) * 784 * 4;
        const pixels = Float64Array.from({ length: 784 }, (_, j) => images.readFloatLE(start + j * 4));
        expectClose(outputs(network, pixels), expected);
      });
    });

    it('mnist-mlp-512-128-32 gives its outputs', () => {
      const folder = at('models', 'safetensors');
      const { samples } = json(join(folder, 'mnist-mlp-512-128-32.expected.json')) as {
        samples: { image: string; output64: number[] }[];
      };
      const file = readSafetensors(readFileSync(join(folder, 'mnist-mlp-512-128-32.safetensors')));
      const network = multilayerPerceptron(file, ['0.0', '1.0', '2.0', '3']);
      const images = gunzipSync(readFileSync(at('mnist', 't10k-images-idx3-ubyte.gz')));
      expect(samples.length).toBeGreaterThan(0);
      for (const { image, output64 } of samples) {
        const start = 16 + Number(/t10k index (\d+)/.exec(image)?.[1]) * 784;
        const pixels = Float64Array.from(images.subarray(start, start + 784), (pixel) => pixel / 255);
        expectClose(outputs(network, pixels), output64);
      }
    });
  },
);

function multilayerPerceptron({ tensors }: Safetensors, prefixes: readonly string[]): Network {
  const layers = prefixes.flatMap((prefix) => {
    const bias = tensors.get(`${prefix}.bias`)!.data;
    return [relu(), dense({ weight: tensors.get(`${prefix}.weight`)!, bias })];
  });
  return { name: 'from a file', inputShape: [784], layers: layers.slice(1) };
}

/** Dense layers and ReLU in float64, as they are defined. */
function outputs({ layers }: Network, input: Float64Array): Float64Array {
  let x = input;
  for (const layer of layers) {
    x = layer.type === 'dense' ? affine(layer, x) : x.map((value) => Math.max(value, 0));
  }
  return x;
}

function affine({ weight, bias }: DenseLayer, x: Float64Array): Float64Array {
  return Float64Array.from({ length: weight.shape[0]! }, (_, i) =>
    x.reduce((sum, value, j) => sum + weight.data[i * x.length + j]! * value, bias![i]!),
  );
}

function expectClose(actual: FloatArray, expected: readonly number[]): void {
  const largest = Math.max(...expected.map(Math.abs));
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-8 * largest);
  });
}
