import { checkShape } from './checkMatrix.ts';
import type { DenseMatrix, Float64Matrix } from './denseMatrix.ts';
import {
  type Block,
  copyIn,
  EDGE_BYTES,
  padded,
  PANEL_DEPTH,
  type ProductFunctions,
  productKernels,
  ranges,
} from '../wasm/productKernels.ts';

/** How {@link multiply} takes its factors. */
export interface MultiplyOptions {
  /** Whether Aᵀ is meant instead of A. Defaults to false. */
  readonly transposeA?: boolean;
  /** Whether Bᵀ is meant instead of B. Defaults to false. */
  readonly transposeB?: boolean;
  /** A matrix that the product is added to, and that is returned. Defaults to zeros. */
  readonly addTo?: Float64Matrix;
}

/** The most rows and columns of the result that are worked on at once. */
const MOST_ROWS = 256;
const MOST_COLUMNS = 1024;

/**
 * The product C = A B of two matrices of float64 or float32, in float64: 2 n m k operations.
 *
 * Both are read in blocks that fit into the caches, so they may be larger than the memory that WebAssembly can address. The
 * memory beyond the result is some 6 MB. NaN and infinities spread as in any sum of products.
 *
 * @param a - n × k, or k × n if `transposeA` is set; float32 or float64.
 * @param b - k × m, or m × k if `transposeB` is set.
 * @returns n × m, in float64.
 * @throws RangeError if the shapes do not fit each other or their arrays.
 *
 * Source: Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008.
 *
 * @example
 * ```ts
 * import { multiply } from '@edjm/linalg';
 *
 * const a = { rows: 1, columns: 2, data: Float64Array.of(1, 2) };
 * const b = { rows: 2, columns: 1, data: Float64Array.of(3, 4) };
 * console.log(multiply(a, b).data); // Float64Array [ 11 ]
 * console.log(multiply(a, b, { transposeA: true, transposeB: true }).data); // Float64Array [ 3, 4, 6, 8 ]
 * ```
 */
export function multiply(a: DenseMatrix, b: DenseMatrix, options: MultiplyOptions = {}): Float64Matrix {
  const { transposeA = false, transposeB = false } = options;
  checkShape(a);
  checkShape(b);
  const rows = transposeA ? a.columns : a.rows;
  const depth = transposeA ? a.rows : a.columns;
  const columns = transposeB ? b.rows : b.columns;
  if ((transposeB ? b.columns : b.rows) !== depth) {
    throw new RangeError(
      `expected as many rows of B as A has columns, ${depth}, got ${transposeB ? b.columns : b.rows}. ` +
        'Look at the shapes, and at transposeA and transposeB.',
    );
  }
  const result = options.addTo ?? { rows, columns, data: new Float64Array(rows * columns) };
  checkShape(result, columns);
  if (result.rows !== rows) {
    throw new RangeError(`expected ${rows} rows to add to, got ${result.rows}. Give a matrix of that shape.`);
  }
  addProducts(result, { matrix: a, along: transposeA }, { matrix: b, along: !transposeB });
  return result;
}

/** A factor, and whether the sums run along its columns (down its rows) or along its rows. */
interface Factor {
  readonly matrix: DenseMatrix;
  readonly along: boolean;
}

function addProducts(result: DenseMatrix, a: Factor, b: Factor): void {
  const depth = a.along ? a.matrix.rows : a.matrix.columns;
  const mostRows = Math.min(MOST_ROWS, padded(result.rows));
  const mostColumns = Math.min(MOST_COLUMNS, padded(result.columns));
  const stripBytes = padded(Math.min(PANEL_DEPTH, depth)) * 8;

  const aStrips = EDGE_BYTES;
  const bStrips = aStrips + mostRows * stripBytes;
  const tile = bStrips + mostColumns * stripBytes;
  const staging = tile + mostRows * mostColumns * 8;
  const bytes = staging + Math.max(mostRows, mostColumns) * stripBytes;

  productKernels.run(bytes, (kernels, buffer) => {
    for (const { first: column, count: columns } of ranges(result.columns, mostColumns)) {
      const sums = new Float64Array(buffer, tile, mostRows * columns);
      for (const { first, count } of ranges(depth, PANEL_DEPTH)) {
        const memory = { kernels, buffer, staging };
        makeStrips(memory, b, { first, count, across: column, width: columns, to: bStrips });
        for (const { first: row, count: rows } of ranges(result.rows, mostRows)) {
          makeStrips(memory, a, { first, count, across: row, width: rows, to: aStrips });
          const block = { row, column, rows, columns };
          copyIn(result, block, { buffer, at: tile });
          kernels.addProduct(tile, columns * 8, aStrips, bStrips, padded(count), rows, columns, 0);
          copyOut(sums, block, result);
        }
      }
    }
  });
}

interface Memory {
  readonly kernels: ProductFunctions;
  readonly buffer: ArrayBufferLike;
  /** The place of blocks before they are brought into the form of strips. */
  readonly staging: number;
}

/** Numbers `first` … of the sums, for rows (of A) or columns (of B) `across` … of the result. */
interface Panel {
  readonly first: number;
  readonly count: number;
  readonly across: number;
  readonly width: number;
  readonly to: number;
}

function makeStrips({ kernels, buffer, staging }: Memory, { matrix, along }: Factor, panel: Panel): void {
  const { first, count, across, width, to } = panel;
  const block = along
    ? { row: first, column: across, rows: count, columns: width }
    : { row: across, column: first, rows: width, columns: count };
  copyIn(matrix, block, { buffer, at: staging });
  const stride = block.columns * matrix.data.BYTES_PER_ELEMENT;
  const float32 = matrix.data instanceof Float32Array;
  const make = along ? kernels.stripsOfColumns : kernels.stripsOfRows;
  make(to, staging, stride, block.rows, block.columns, float32);
}

function copyOut(sums: Float64Array, { row, column, rows, columns }: Block, result: DenseMatrix): void {
  const start = row * result.columns + column;
  if (columns === result.columns) {
    result.data.set(sums.subarray(0, rows * columns), start);
  } else {
    for (let i = 0, to = start; i < rows; i++, to += result.columns) {
      result.data.set(sums.subarray(i * columns, (i + 1) * columns), to);
    }
  }
}
