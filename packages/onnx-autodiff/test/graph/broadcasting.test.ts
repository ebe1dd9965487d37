import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { broadcastShapes, broadcastStrides, foldElementwise, offsets } from '../../src/graph/broadcasting.ts';
import { valuesOf } from '../../src/index.ts';
import { floats, node } from '../models.ts';

const add = node('Add', ['a', 'b']);
const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
/** A shape and one that broadcasts to it: some sizes 1, some leading axes left out. */
const pairs = shapes.chain((shape) =>
  fc
    .tuple(fc.constant(shape), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat(shape.length))
    .map(
      ([whole, ones, dropped]) =>
        [whole, whole.map((size, axis) => (ones[axis] ? 1 : size)).slice(dropped)] as const,
    ),
);

describe('broadcastShapes', () => {
  it('repeats what is 1 or missing', () => {
    expect(broadcastShapes(add, [2, 1, 3], [4, 1], [])).toEqual([2, 4, 3]);
    expect(broadcastShapes(add, [1], [0])).toEqual([0]);
    fc.assert(
      fc.property(pairs, ([whole, part]) => {
        expect(broadcastShapes(add, whole, part)).toEqual(whole);
        expect(broadcastShapes(add, part, whole)).toEqual(whole);
      }),
    );
  });

  it('names the node where shapes do not fit', () => {
    expect(() => broadcastShapes(add, [2, 3], [2])).toThrow(
      'Add (node "Add of y"): expected shapes that broadcast, got [2, 3] and [2].',
    );
  });
});

describe('offsets and broadcastStrides', () => {
  it('visit an array as it is repeated', () => {
    expect(offsets([2, 3], broadcastStrides([3], [2, 3]))).toEqual([0, 1, 2, 0, 1, 2]);
    expect(offsets([2, 3], broadcastStrides([2, 1], [2, 3]))).toEqual([0, 0, 0, 1, 1, 1]);
    expect(offsets([2, 2], [-1, 4], 1)).toEqual([1, 5, 0, 4]);
    expect(offsets([0, 2], [2, 1])).toEqual([]);
  });
});

describe('foldElementwise', () => {
  it('computes with constants that broadcast', () => {
    const sum = foldElementwise(add, [floats([2, 1], 1, 2), floats([3], 10, 20, 30)], {
      elementType: 'float32',
      evaluate: (a = 0, b = 0) => a + b,
    });
    expect(sum.shape).toEqual([2, 3]);
    expect(valuesOf(sum)).toEqual([11, 21, 31, 12, 22, 32]);
  });
});
