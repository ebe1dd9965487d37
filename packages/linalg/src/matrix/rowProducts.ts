import type { DenseMatrix } from './denseMatrix.ts';
import type { PackedTriangle } from './packedTriangle.ts';
import {
  copyIn,
  EDGE_BYTES,
  padded,
  PANEL_DEPTH,
  type ProductFunctions,
  productKernels,
  ranges,
} from '../wasm/productKernels.ts';

/** Rows of the triangle that are added to at once; a multiple of four. */
const TRIANGLE_ROWS = 64;

/** Adds MᵀM = Σ r rᵀ over the rows r of a matrix, float32 or float64, to a packed triangle of its width: in float64. */
export function addProductsOfColumns(target: PackedTriangle, matrix: DenseMatrix): void {
  addPanels(target, matrix, true);
}

/** Adds M Mᵀ, the products of a matrix's rows with each other, to a packed triangle of their number: in float64. */
export function addProductsOfRows(target: PackedTriangle, matrix: DenseMatrix): void {
  addPanels(target, matrix, false);
}

/** The memory that adding products of that many numbers to a triangle of that order takes. */
export function productBytes(order: number, length: number): number {
  return layoutOf(order, length).bytes;
}

interface ProductLayout {
  readonly strips: number;
  readonly staging: number;
  readonly triangle: number;
  readonly bytes: number;
}

function layoutOf(order: number, length: number): ProductLayout {
  const stripBytes = padded(Math.min(PANEL_DEPTH, length)) * 8;
  const strips = EDGE_BYTES;
  const staging = strips + padded(order) * stripBytes;
  const triangle = staging + order * stripBytes;
  return { strips, staging, triangle, bytes: triangle + TRIANGLE_ROWS * padded(order) * 8 };
}

/** Goes along the sums in panels: down the rows of the matrix, or along its columns. */
function addPanels(target: PackedTriangle, matrix: DenseMatrix, down: boolean): void {
  const length = down ? matrix.rows : matrix.columns;
  const { strips, staging, triangle, bytes } = layoutOf(target.order, length);

  productKernels.run(bytes, (kernels, buffer) => {
    for (const { first, count } of ranges(length, PANEL_DEPTH)) {
      const block = down
        ? { row: first, column: 0, rows: count, columns: target.order }
        : { row: 0, column: first, rows: target.order, columns: count };
      copyIn(matrix, block, { buffer, at: staging });
      const stride = block.columns * matrix.data.BYTES_PER_ELEMENT;
      const float32 = matrix.data instanceof Float32Array;
      const makeStrips = down ? kernels.stripsOfColumns : kernels.stripsOfRows;
      makeStrips(strips, staging, stride, block.rows, block.columns, float32);
      addPanel(target, kernels, { buffer, triangle, strips, depth: padded(count) });
    }
  });
}

interface Panel {
  readonly buffer: ArrayBufferLike;
  readonly triangle: number;
  readonly strips: number;
  readonly depth: number;
}

/** Adds the products of the strips' columns, some rows of the triangle after the others. */
function addPanel(
  { entries, order }: PackedTriangle,
  kernels: ProductFunctions,
  { buffer, triangle, strips, depth }: Panel,
): void {
  for (const { first, count } of ranges(padded(order), TRIANGLE_ROWS)) {
    const last = first + count;
    const from = (first * (first + 1)) / 2;
    const rows = entries.subarray(from, (last * (last + 1)) / 2);
    const copy = new Float64Array(buffer, triangle, rows.length);
    copy.set(rows);
    kernels.addTriangleProduct(triangle, strips, depth, first, last, 0);
    rows.set(copy);
  }
}
