import { triangularModule } from './generated/triangular.ts';
import { type Kernel, kernel } from './kernels.ts';

/** Functions of `kernels/triangular.ts`; addresses and strides are in bytes. */
export interface TriangularFunctions {
  stripsOfColumns(
    ...block: [to: number, from: number, fromStride: number, rows: number, columns: number, float32: boolean]
  ): void;
  takeInto(
    ...panel: [triangle: number, strips: number, rows: number, first: number, width: number, work: number]
  ): void;
}

/** Reduction of rows to a triangle, and of a triangle to its singular values. */
export const triangularKernels: Kernel<TriangularFunctions> = kernel<TriangularFunctions>(triangularModule);

/** How many columns are reduced at once. */
export const PANEL_WIDTH = 32;

/** Bytes that the reduction of a panel of that many rows works in. */
export function panelWorkBytes(rows: number): number {
  return (2 * rows * PANEL_WIDTH + 2048) * 8;
}
