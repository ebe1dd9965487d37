import fc from 'fast-check';
import { MatrixTransposeView } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { fromMatrix, multiply, toMatrix, transposed } from '../../src/index.ts';
import { randomMatrix, relativeDifference, transposed as oneByOne } from '../matrices.ts';

const sizes = fc.record({ rows: fc.nat(40), columns: fc.nat(40), seed: fc.nat() });

describe('toMatrix and fromMatrix', () => {
  it('lead back to the same numbers, of matrices without rows or columns too', () => {
    fc.assert(
      fc.property(sizes, ({ rows, columns, seed }) => {
        const matrix = randomMatrix(rows, columns, seed);
        expect(fromMatrix(toMatrix(matrix))).toEqual(matrix);
      }),
    );
  });

  it('copy: neither changes with the other', () => {
    const matrix = randomMatrix(3, 4, 1);
    const before = matrix.data.slice();
    const copy = toMatrix(matrix);
    const back = fromMatrix(copy);
    copy.mul(2);
    expect(matrix.data).toEqual(before);
    expect(back.data).toEqual(before);
  });

  it('widen float32, and take views', () => {
    const matrix = { rows: 2, columns: 2, data: Float32Array.of(0.1, 2, 3, 4) };
    const view = new MatrixTransposeView(toMatrix(matrix));
    expect(fromMatrix(view).data).toEqual(Float64Array.of(Math.fround(0.1), 3, 2, 4));
  });

  it('agree with our products, to within rounding', () => {
    const [a, b] = [randomMatrix(20, 30, 1), randomMatrix(30, 10, 2)];
    const product = fromMatrix(toMatrix(a).mmul(toMatrix(b)));
    expect(relativeDifference(product.data, multiply(a, b).data)).toBeLessThan(1e-14);
  });

  it('refuse a matrix that does not fit its array', () => {
    expect(() => toMatrix({ rows: 2, columns: 2, data: new Float64Array(3) })).toThrow(
      /2 × 2 = 4 numbers, got 3/,
    );
  });
});

describe('transposed', () => {
  it('has row i as column i', () => {
    fc.assert(
      fc.property(sizes, ({ rows, columns, seed }) => {
        const matrix = randomMatrix(rows, columns, seed);
        expect(transposed(matrix)).toEqual(oneByOne(matrix));
        expect(transposed({ ...matrix, data: Float32Array.from(matrix.data) }).data).toEqual(
          oneByOne({ ...matrix, data: matrix.data.map(Math.fround) }).data,
        );
      }),
    );
  });

  it('refuses a matrix that does not fit its array', () => {
    expect(() => transposed({ rows: 2, columns: 2, data: new Float64Array(3) })).toThrow(RangeError);
  });
});
