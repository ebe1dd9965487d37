import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32Tensor, tensorOf, valuesOf, type ElementType } from '../../src/index.ts';
import { elementsAt, toInt64 } from '../../src/model/tensor.ts';

const ranges: Readonly<Partial<Record<ElementType, readonly [number, number]>>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [-(2 ** 52), 2 ** 52],
  uint64: [0, 2 ** 52],
  bool: [0, 1],
};

describe('tensorOf and valuesOf', () => {
  it.each(Object.keys(ranges) as ElementType[])('keep every %s', (elementType) => {
    const [min, max] = ranges[elementType]!;
    fc.assert(
      fc.property(fc.array(fc.integer({ min, max })), (values) => {
        expect(valuesOf(tensorOf(elementType, [values.length], values))).toEqual(values);
      }),
    );
  });

  it('keep every float', () => {
    fc.assert(
      fc.property(fc.float64Array(), (values) => {
        expect(valuesOf(tensorOf('float64', [values.length], [...values]))).toEqual([...values]);
      }),
    );
  });

  it('keep the ends of the 64-bit integers, which are no doubles', () => {
    const slice = tensorOf('int64', [3], [2 ** 63, -(2 ** 63), Infinity]);
    expect(Array.from(new BigInt64Array(Uint8Array.from(slice.bytes).buffer))).toEqual([
      2n ** 63n - 1n,
      -(2n ** 63n),
      2n ** 63n - 1n,
    ]);
    expect(toInt64(-3.7)).toBe(-3n);
  });

  it('read bytes that start anywhere', () => {
    const bytes = new Uint8Array(9);
    bytes.set(new Uint8Array(Float32Array.of(1.5, -2).buffer), 1);
    expect(valuesOf({ elementType: 'float32', shape: [2], bytes: bytes.subarray(1) })).toEqual([1.5, -2]);
  });

  it('refuse another count than the shape says, and types that are no numbers', () => {
    expect(() => tensorOf('float32', [2, 2], [1, 2, 3])).toThrow(
      'expected 4 values for the shape [2, 2], got 3.',
    );
    expect(() => tensorOf('float16', [1], [1])).toThrow(
      'expected a constant in float32, float64 or whole numbers, got float16. Export the network in float32.',
    );
    expect(() => valuesOf({ elementType: 'string', shape: [], bytes: new Uint8Array() })).toThrow(
      'got string',
    );
  });
});

describe('float32Tensor', () => {
  it('holds the values themselves', () => {
    const values = Float32Array.of(1, 2);
    const tensor = float32Tensor([2], values);
    values[0] = 3;
    expect(valuesOf(tensor)).toEqual([3, 2]);
  });
});

describe('elementsAt', () => {
  it('picks elements of any type', () => {
    const halves = { elementType: 'float16', shape: [3], bytes: Uint8Array.of(1, 2, 3, 4, 5, 6) } as const;
    expect(elementsAt(halves, [2], [2, 0])).toEqual({
      ...halves,
      shape: [2],
      bytes: Uint8Array.of(5, 6, 1, 2),
    });
  });
});
