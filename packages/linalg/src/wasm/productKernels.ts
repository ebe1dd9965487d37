import type { DenseMatrix, FloatArray } from '../matrix/denseMatrix.ts';
import { productsModule } from './generated/products.ts';
import { type Kernel, kernel } from './kernels.ts';

/** The functions of `kernels/products.ts`; addresses and strides are in bytes. */
export interface ProductFunctions {
  readonly stripsOfColumns: (...block: StripArguments) => void;
  readonly stripsOfRows: (...block: StripArguments) => void;
  addProduct(
    ...product: [
      c: number,
      stride: number,
      a: number,
      b: number,
      depth: number,
      rows: number,
      columns: number,
      edge: number,
    ]
  ): void;
  addTriangleProduct(
    ...product: [c: number, p: number, depth: number, first: number, last: number, edge: number]
  ): void;
}

type StripArguments = [
  to: number,
  from: number,
  fromStride: number,
  rows: number,
  columns: number,
  float32: boolean,
];

/** Products of matrices. */
export const productKernels: Kernel<ProductFunctions> = kernel<ProductFunctions>(productsModule);

/** How many numbers of a sum are multiplied at once: two strips of that depth stay in the first-level cache. */
export const PANEL_DEPTH = 256;

/** The part of a memory where tiles at the edge of a matrix are formed. */
export const EDGE_BYTES = 128;

/** Part of a matrix. */
export interface Block {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/** Copies part of a matrix to an address, row after row without gaps, in the matrix's own type. */
export function copyIn(matrix: DenseMatrix, block: Block, to: { buffer: ArrayBufferLike; at: number }): void {
  const { data } = matrix;
  const { rows, columns } = block;
  const target: FloatArray =
    data instanceof Float32Array
      ? new Float32Array(to.buffer, to.at, rows * columns)
      : new Float64Array(to.buffer, to.at, rows * columns);
  const start = block.row * matrix.columns + block.column;
  if (columns === matrix.columns) {
    target.set(data.subarray(start, start + rows * columns));
  } else {
    for (let row = 0, from = start; row < rows; row++, from += matrix.columns) {
      target.set(data.subarray(from, from + columns), row * columns);
    }
  }
}

/** A multiple of four that is no smaller. */
export function padded(count: number): number {
  return Math.ceil(count / 4) * 4;
}

/** The ranges of 0 … length that are taken at once. */
export function* ranges(length: number, size: number): Generator<{ first: number; count: number }> {
  for (let first = 0; first < length; first += size) yield { first, count: Math.min(size, length - first) };
}
