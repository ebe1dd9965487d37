import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accumulatorFromBytes, gramAccumulator } from '../../src/index.ts';
import { accumulatorOf, type Factory, methods } from './accumulators.ts';
import { randomMatrix } from '../matrices.ts';

/** Writes a number over some bytes; places below 0 count from the end. */
function put(type: 'Uint8' | 'Uint16' | 'Uint32' | 'Float64', at: number, value: number) {
  return (bytes: Uint8Array): Uint8Array => {
    const copy = bytes.slice();
    new DataView(copy.buffer)[`set${type}`](at < 0 ? bytes.length + at : at, value, true);
    return copy;
  };
}

const bytesOf = (factory: Factory): Uint8Array => accumulatorOf(factory, randomMatrix(9, 3, 1)).toBytes();

describe('accumulatorFromBytes', () => {
  it('reads the layout of version 1', async () => {
    const numbers = [2, 5, 2 ** -50, 0, 16, 0, 9];
    const bytes = new Uint8Array(16 + 8 * numbers.length);
    bytes.set(new TextEncoder().encode('edjm acc'));
    bytes.set([1, 0, 0, 0, 2, 0, 0, 0], 8);
    numbers.forEach((number, i) => {
      new DataView(bytes.buffer).setFloat64(16 + 8 * i, number, true);
    });
    const accumulator = accumulatorFromBytes(bytes);
    expect(accumulator).toMatchObject({ method: 'gram', columns: 2, rows: 5 });
    expect(accumulator.gram().data).toEqual(Float64Array.of(16, 0, 0, 9));
    expect((await accumulator.finish()).singularValues).toEqual(Float64Array.of(4, 3));
    expect(accumulator.toBytes()).toEqual(bytes);
  });

  it('takes bytes at any place in their buffer', () => {
    const bytes = bytesOf(gramAccumulator);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(accumulatorFromBytes(shifted.subarray(3)).toBytes()).toEqual(bytes);
  });
});

describe.each(methods)('bytes of %s', (_, factory) => {
  const bytes = bytesOf(factory);
  const counters = new DataView(bytes.buffer).getUint32(12, true);
  // A bound of an error is the last counter, but the second one of tsqr.
  const boundAt = accumulatorFromBytes(bytes).method === 'tsqr' ? 40 : 24 + 8 * counters;

  it.each<[string, RegExp, (bytes: Uint8Array) => Uint8Array]>([
    ['nothing', /expected the bytes of an accumulator, got 0 others/, () => new Uint8Array()],
    ['another name', /expected the bytes of an accumulator/, put('Uint8', 0, 0)],
    ['another version', /expected accumulator bytes of version 1, got 2/, put('Uint16', 8, 2)],
    ['an unknown method', /expected one of 4 methods, got number 9/, put('Uint16', 10, 9)],
    ['a cut in a number', /expected .* counters and whole numbers/, (b) => b.slice(0, -3)],
    ['a cut between numbers', /expected .* cut off or damaged/, (b) => b.slice(0, -8)],
    ['a cut between rows', /expected .* cut off or damaged/, (b) => b.slice(0, -24)],
    ['a cut of two rows', /expected .* cut off or damaged/, (b) => b.slice(0, -48)],
    ['more numbers', /expected .* cut off or damaged/, (b) => Uint8Array.of(...b, ...new Uint8Array(8))],
    ['more counters than numbers', /expected 4294967295 counters/, put('Uint32', 12, 2 ** 32 - 1)],
    ['another number of counters', /expected .* cut off or damaged/, put('Uint32', 12, counters - 1)],
    ['no columns', /expected the number of columns to be/, put('Float64', 16, 0)],
    ['columns beyond memory', /expected .* (entries|rows)/, put('Float64', 16, 2 ** 50)],
    ['a negative number of rows', /expected the number of rows to be/, put('Float64', 24, -1)],
    ['NaN as a counter', /expected numbers, got NaN as a counter/, put('Float64', 32, NaN)],
    ['a negative bound', /expected .* of at least 0, got -1/, put('Float64', boundAt, -1)],
    ['NaN as an entry', /expected numbers, got NaN as entry/, put('Float64', -8, NaN)],
    ['an infinite entry', /expected finite entries, got Infinity/, put('Float64', -8, Infinity)],
  ])('refuses %s', (_, message, change) => {
    expect(() => accumulatorFromBytes(change(bytes))).toThrow(RangeError);
    expect(() => accumulatorFromBytes(change(bytes))).toThrow(message);
  });

  it('opens changed bytes to an accumulator that works, or refuses them with a RangeError', async () => {
    const flips = fc.array(
      fc.record({ at: fc.nat(bytes.length - 1), bits: fc.integer({ min: 1, max: 255 }) }),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    const end = fc.oneof(fc.constant(bytes.length), fc.nat(bytes.length));
    await fc.assert(
      fc.asyncProperty(flips, end, async (changes, length) => {
        const damaged = bytes.slice();
        for (const { at, bits } of changes) damaged[at]! ^= bits;
        const result = opened(damaged.subarray(0, length));
        if (result instanceof RangeError) {
          expect(result.message).toMatch(/^expected .*, got .*\. [A-Z].*\.$/s);
          return;
        }
        expect(accumulatorFromBytes(result.toBytes()).toBytes()).toEqual(result.toBytes());
        const found = await result.finish().catch((error: unknown) => error);
        if (found instanceof RangeError) {
          expect(found.message).toMatch(/squares overflow|at least one row|within float64/);
        } else {
          const { singularValues, errorBounds } = found as Awaited<ReturnType<typeof result.finish>>;
          expect(singularValues.every((value) => value >= 0 && value < Infinity)).toBe(true);
          expect(errorBounds.every((bound) => bound >= 0)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

function opened(bytes: Uint8Array): ReturnType<typeof accumulatorFromBytes> | RangeError {
  try {
    return accumulatorFromBytes(bytes);
  } catch (error) {
    if (error instanceof RangeError) return error;
    throw error;
  }
}
