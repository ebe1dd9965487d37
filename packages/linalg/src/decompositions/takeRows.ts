import type { DenseMatrix } from '../matrix/denseMatrix.ts';
import { paddedOrder, type PackedTriangle } from '../matrix/packedTriangle.ts';
import { copyIn, padded } from '../wasm/productKernels.ts';
import { PANEL_WIDTH, panelWorkBytes, triangularKernels } from '../wasm/triangularKernels.ts';

/** The most rows that are worth taking at once: more of them do not make a row cheaper. */
const MOST_ROWS = 512;

/** How many rows are best taken into a triangle of that order at once. */
export function rowsAtOnce(order: number): number {
  return Math.max(64, Math.min(MOST_ROWS, padded(order)));
}

/**
 * Replaces L by the triangle of [L; B], the L′ with L′ᵀL′ = LᵀL + BᵀB: about 2 m d² operations, in products of blocks.
 *
 * Reflections clear the columns of B from the last to the first. Each changes one row of L, so that panels of rows go through
 * the kernel's memory one after the other and L itself stays where it is.
 *
 * @param target - L, of order d; changed.
 * @param rows - B: m rows, best about {@link rowsAtOnce} of them, of at most d columns; what is missing is zero. Neither its
 * entries nor those of L are much above 2²⁰⁰ in size, and some are above 2⁻²⁰⁰.
 *
 * Source: Demmel, Grigori, Hoemmen, Langou, "Communication-optimal parallel and sequential QR and LU factorizations", 2012.
 */
export function takeRows(target: PackedTriangle, rows: DenseMatrix): void {
  const { used, depth, strips, stripBytes, work, triangle, staging, bytes } = layoutOf(
    rows.columns,
    rows.rows,
  );

  triangularKernels.run(bytes, (kernels, buffer) => {
    copyIn(rows, { row: 0, column: 0, rows: rows.rows, columns: rows.columns }, { buffer, at: staging });
    const size = rows.data.BYTES_PER_ELEMENT;
    for (let j = 0; j < used; j += 4) {
      const to = strips + (j / 4) * stripBytes;
      const columns = Math.min(4, rows.columns - j);
      kernels.stripsOfColumns(
        to,
        staging + j * size,
        rows.columns * size,
        rows.rows,
        columns,
        rows.data instanceof Float32Array,
      );
    }
    for (let first = Math.floor((used - 1) / PANEL_WIDTH) * PANEL_WIDTH; first >= 0; first -= PANEL_WIDTH) {
      const last = Math.min(used, first + PANEL_WIDTH);
      const panel = target.entries.subarray((first * (first + 1)) / 2, (last * (last + 1)) / 2);
      const copy = new Float64Array(buffer, triangle, panel.length);
      copy.set(panel);
      kernels.takeInto(triangle, strips, depth, first, last - first, work);
      panel.set(copy);
    }
  });
}

/** The memory that taking that many rows into a triangle takes. */
export function takingBytes(columns: number, rows: number): number {
  return layoutOf(columns, rows).bytes;
}

interface TakingLayout {
  /** Columns and rows with their padding. */
  readonly used: number;
  readonly depth: number;
  readonly strips: number;
  readonly stripBytes: number;
  readonly work: number;
  readonly triangle: number;
  readonly staging: number;
  readonly bytes: number;
}

function layoutOf(columns: number, rows: number): TakingLayout {
  const used = paddedOrder(columns);
  const depth = padded(rows);
  const width = Math.min(PANEL_WIDTH, used);
  const strips = 0;
  const stripBytes = (depth + PANEL_WIDTH) * 32;
  const work = strips + (used / 4) * stripBytes;
  const triangle = work + panelWorkBytes(depth + PANEL_WIDTH);
  const staging = triangle + width * used * 8;
  return { used, depth, strips, stripBytes, work, triangle, staging, bytes: staging + rows * columns * 8 };
}
