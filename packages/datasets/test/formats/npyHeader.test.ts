import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNpyHeader } from '../../src/formats/npyHeader.ts';
import { npyWithHeader } from '../files.ts';

const none = new Uint8Array(0);
const parse = (header: string, version = 1): ReturnType<typeof parseNpyHeader> =>
  parseNpyHeader(npyWithHeader(header, none, version), 'x.npy');

describe('parseNpyHeader', () => {
  it('reads versions 1 to 3', () => {
    const header = "{'descr': '>f4', 'fortran_order': False, 'shape': (3, 4), }          \n";
    for (const [version, before] of [
      [1, 10],
      [2, 12],
      [3, 12],
    ] as const) {
      expect(parse(header, version)).toEqual({
        element: { kind: 'f4', littleEndian: false },
        shape: [3, 4],
        columnMajor: false,
        start: before + header.length,
      });
    }
  });

  it('takes fields in any order, either quote, and the long integers of Python 2', () => {
    const header = parse(`{"shape":(10L,2L),'fortran_order':True,"descr":"<i8"}`);
    expect(header).toMatchObject({
      shape: [10, 2],
      columnMajor: true,
      element: { kind: 'i8', littleEndian: true },
    });
  });

  it('reads back any shape and type', () => {
    const shapes = fc.array(fc.nat(), { maxLength: 6 });
    const kinds = fc.constantFrom('i1', 'u1', 'b1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8', 'f2', 'f4', 'f8');
    const headers = fc.record({
      shape: shapes,
      kind: kinds,
      order: fc.constantFrom('<', '>'),
      columnMajor: fc.boolean(),
    });
    fc.assert(
      fc.property(headers, ({ shape, kind, order, columnMajor }) => {
        const tuple = shape.length === 1 ? `(${shape.join()},)` : `(${shape.join(', ')})`;
        const fortran = columnMajor ? 'True' : 'False';
        const parsed = parse(
          `{'descr': '${order}${kind}', 'fortran_order': ${fortran}, 'shape': ${tuple}, }`,
        );
        expect(parsed).toMatchObject({
          shape,
          columnMajor,
          element: { kind, littleEndian: order === '<' },
        });
      }),
    );
  });
});
