import { checkOverflow } from '../matrix/checkMatrix.ts';
import { symmetricModule } from './generated/symmetric.ts';
import type { KernelProblem } from './kernelProblem.ts';
import { type Kernel, kernel } from './kernels.ts';
import { paddedOrder, type PackedTriangle } from '../matrix/packedTriangle.ts';

/**
 * The module is built for a shared memory alone: engines make one anywhere, and a page that is not cross-origin isolated
 * only cannot post it to workers.
 */
const symmetricKernel: Kernel<object> = kernel(symmetricModule, { sharedMemory: true });

/** From this order on, threads that share one matrix gain more than waiting for each other costs. */
const SHARED_ORDER = 1000;

/** Into how many parts the work on such a matrix is split, the most threads that it can use. */
const SHARED_PARTS = 4;

/** The side of a tile, and its bytes. */
const SIDE = 32;
const TILE = SIDE * SIDE * 8;

/** The address of the layout, which the layout of the leading columns follows, and the number of addresses in each. */
const LAYOUT = 64;
const LAYOUT_FIELDS = 29;

/** The largest values are looked for in up to that part of the band; once it is there, the rest takes little time. */
const LEADING_SHARE = 0.75;

/** The symmetric eigenvalue problem as the kernel takes it: all values, or the `largest` alone. */
export function symmetricProblem(triangle: PackedTriangle, largest: number): KernelProblem {
  const { order } = triangle;
  const layout = layoutOf(order, largest);
  return {
    kernel: symmetricKernel,
    bytes: layout.bytes,
    inputBytes: layout.inputBytes,
    call: 'eigenvalues',
    args: [LAYOUT],
    threads: layout.parts,
    output: { at: layout.values, bytes: order * 8 },
    write(memory) {
      new Uint8Array(memory, 0, layout.places).fill(0);
      new Uint32Array(memory, LAYOUT, 2 * LAYOUT_FIELDS).set(layout.fields);
      new Uint32Array(memory, layout.places, order).set(fallingDiagonal(triangle));
      new Float64Array(memory, layout.packed).set(triangle.entries);
    },
    read(output, found) {
      if (found < 0) throw notFinite(triangle);
      if (found !== largest) throw unfinished(order, largest, found);
      const values = new Float64Array(output, 0, largest);
      checkOverflow(values, 'eigenvalues');
      return largest < order ? values.slice() : values.sort().reverse();
    },
  };
}

/** The memory that the problem of a matrix of that order is solved in. */
export function symmetricBytes(order: number): number {
  return layoutOf(order, order).bytes;
}

function notFinite({ entries }: PackedTriangle): RangeError {
  const entry = entries.find((one) => !Number.isFinite(one)) ?? NaN;
  return new RangeError(
    Number.isNaN(entry)
      ? 'expected finite products of rows, got NaN. Look for NaN where the products come from.'
      : `expected finite products of rows, got ${entry}. Scale the rows: above 1e150 in size their squares overflow.`,
  );
}

function unfinished(order: number, wanted: number, found: number): RangeError {
  return new RangeError(
    wanted < order
      ? `expected the ${wanted} largest eigenvalues, got one that is not value ${found + 1} by the count of those above it. Report this matrix as a defect.`
      : `expected ${order} eigenvalues within 30 QL steps each, got ${found}. Report this matrix as a defect.`,
  );
}

/**
 * Indices of rows, the ones with the largest diagonal entries first: from large to small is how a graded matrix is
 * reduced with the least loss.
 */
function fallingDiagonal({ entries, order }: PackedTriangle): Uint32Array {
  const size = Float64Array.from({ length: order }, (_, i) => Math.abs(entries[(i * (i + 3)) / 2] as number));
  return Uint32Array.from(size.keys()).sort((i, j) => (size[j] as number) - (size[i] as number));
}

interface SymmetricLayout {
  /** The numbers at {@link LAYOUT}. */
  readonly fields: readonly number[];
  readonly parts: number;
  readonly values: number;
  readonly places: number;
  readonly packed: number;
  readonly inputBytes: number;
  readonly bytes: number;
}

/** The addresses of kernels/lib/layout.ts, in its order. */
function layoutOf(order: number, largest: number): SymmetricLayout {
  const tileRows = Math.max(1, Math.ceil(order / SIDE));
  const parts = order < SHARED_ORDER ? 1 : SHARED_PARTS;
  let bytes = LAYOUT;
  const take = (size: number): number => {
    const at = Math.ceil(bytes / 64) * 64;
    bytes = at + size;
    return at;
  };
  const numbers = (count: number): number => take(count * 8);
  const tiles = (count: number): number => take(count * TILE);
  const bandOf = (columns: number): number => take((columns + 96) * 512);
  const leadingColumns = Math.floor((LEADING_SHARE * order) / SIDE) * SIDE;
  const panelStride = (tileRows * SIDE + 8) * 8;

  take(2 * LAYOUT_FIELDS * 4);
  const values = numbers(order);
  const meeting = take(8);
  const progress = take(order);
  const places = take(order * 4);
  const padded = paddedOrder(order);
  const packed = numbers((padded * (padded + 1)) / 2);
  const inputBytes = bytes;
  const layout = {
    order,
    largest,
    tileRows,
    parts,
    values,
    meeting,
    progress,
    places,
    packed,
    largestOfParts: numbers(parts),
    tiles: tiles((tileRows * (tileRows + 1)) / 2),
    panel: take(SIDE * panelStride),
    panelStride,
    reflections: numbers(2 * SIDE),
    y: tiles(tileRows),
    yPanels: tiles(tileRows),
    x: tiles(parts * tileRows),
    u: tiles(2 * tileRows),
    v: tiles(2 * tileRows),
    yy: tiles(parts),
    yx: tiles(parts),
    own: tiles(8 * parts),
    band: bandOf(tileRows * SIDE),
    diagonal: numbers(order),
    offDiagonal: numbers(order),
    squares: numbers(order),
    leadingColumns: largest > 0 && largest < order ? leadingColumns : 0,
    trial: numbers(4),
    leading: LAYOUT + LAYOUT_FIELDS * 4,
  };
  const leading = {
    ...layout,
    values: numbers(order),
    progress: take(leadingColumns),
    band: bandOf(leadingColumns),
    leadingColumns: 0,
  };
  const fields = [...Object.values(layout), ...Object.values(leading)];
  return { fields, parts, values, places, packed, inputBytes, bytes };
}
