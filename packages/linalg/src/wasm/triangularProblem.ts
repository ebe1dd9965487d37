import type { KernelProblem } from './kernelProblem.ts';
import { paddedOrder, type PackedTriangle } from '../matrix/packedTriangle.ts';
import { powerOfTwoNear } from '../rounding/powersOfTwo.ts';
import { panelWorkBytes, triangularKernels } from './triangularKernels.ts';

/** The singular values of a triangular matrix as the kernel finds them: always all, of which the largest are returned. */
export function triangularProblem({ entries, order }: PackedTriangle, largest: number): KernelProblem {
  const { missing, values, triangle, strips, stride, work, band, bytes } = layoutOf(order);
  const padded = paddedOrder(order);
  const scale = powerOfTwoNear(largestOf(entries));
  return {
    kernel: triangularKernels,
    bytes,
    inputBytes: strips,
    call: 'singularValues',
    args: [missing, values, triangle, padded, strips, stride, work, band],
    threads: 1,
    output: { at: missing, bytes: 8 + padded * 8 },
    write(memory) {
      const copy = new Float64Array(memory, triangle, entries.length);
      if (scale === 1) copy.set(entries);
      else for (let at = 0; at < copy.length; at++) copy[at] = (entries[at] as number) / scale;
    },
    read(output) {
      const [left = 0] = new Float64Array(output, 0, 1);
      if (left > 0) {
        throw new RangeError(
          `expected ${order} singular values within 30 QR steps each, got ${order - left}. Report this matrix as a defect.`,
        );
      }
      const found = new Float64Array(output, 8, padded).map((value) => Math.abs(value) * scale);
      return found.sort().reverse().slice(0, largest);
    },
  };
}

/** The memory that the problem of a triangle of that order is solved in. */
export function triangularBytes(order: number): number {
  return layoutOf(order).bytes;
}

interface TriangularLayout {
  readonly missing: number;
  readonly values: number;
  readonly triangle: number;
  readonly strips: number;
  readonly stride: number;
  readonly work: number;
  readonly band: number;
  readonly bytes: number;
}

/** Output and input come first, then the kernel's workspace. */
function layoutOf(order: number): TriangularLayout {
  const padded = paddedOrder(order);
  const values = 8;
  const triangle = values + 2 * padded * 8;
  const strips = triangle + ((padded * (padded + 1)) / 2) * 8;
  // Strips of an odd number of blocks: the rows of a matrix then fall into different sets of the cache.
  const stride = 32 * (padded % 8 === 0 ? padded + 4 : padded);
  const work = strips + (padded / 4 + 1) * stride;
  const band = work + panelWorkBytes(padded);
  return { missing: 0, values, triangle, strips, stride, work, band, bytes: band + (padded + 66) * 105 * 8 };
}

function largestOf(entries: Float64Array): number {
  let largest = 0;
  for (const entry of entries) {
    if (!Number.isFinite(entry)) {
      throw new RangeError(
        `expected finite numbers, got ${entry}. Look for NaN or an overflow where the matrix comes from.`,
      );
    }
    largest = Math.max(largest, Math.abs(entry));
  }
  return largest;
}
