import { paddedOrder, type PackedTriangle } from './packedTriangle.ts';

/** The most columns that a panel has: four of its rows then stay in the first-level cache. */
const PANEL_DEPTH = 256;

/** The ranges of 0 … length that are taken as one panel each. */
export function* panelRanges(length: number): Generator<{ readonly first: number; readonly depth: number }> {
  for (let first = 0; first < length; first += PANEL_DEPTH) {
    yield { first, depth: Math.min(PANEL_DEPTH, length - first) };
  }
}

/** Room for the largest panel of {@link panelRanges}, for a target of the given order. */
export function panelFor(order: number, length: number): Float64Array {
  return new Float64Array(paddedOrder(order) * Math.min(PANEL_DEPTH, length));
}

/**
 * Adds P Pᵀ to a packed triangle: the products of the rows of a panel P with each other.
 *
 * A tile of four by two entries is summed in registers while its six rows are read once: eight multiplications for
 * six loads, and few enough sums that none is spilled.
 *
 * @param target - the matrix that is added to; its order is the number of rows of P.
 * @param panel - P in row-major order, with room for rows up to the padded order of the target.
 * @param depth - columns of P.
 */
export function addRowProducts(target: PackedTriangle, panel: Float64Array, depth: number): void {
  const { entries } = target;
  const order = paddedOrder(target.order);
  panel.fill(0, target.order * depth, order * depth);
  for (let i = 0; i < order; i += 4) {
    const a0 = i * depth;
    const a1 = a0 + depth;
    const a2 = a1 + depth;
    const a3 = a2 + depth;
    for (let j = 0; j < i + 4; j += 2) {
      const b0 = j * depth;
      const b1 = b0 + depth;
      let c00 = 0;
      let c01 = 0;
      let c10 = 0;
      let c11 = 0;
      let c20 = 0;
      let c21 = 0;
      let c30 = 0;
      let c31 = 0;
      for (let k = 0; k < depth; k++) {
        const x0 = panel[a0 + k] as number;
        const x1 = panel[a1 + k] as number;
        const x2 = panel[a2 + k] as number;
        const x3 = panel[a3 + k] as number;
        const y0 = panel[b0 + k] as number;
        const y1 = panel[b1 + k] as number;
        c00 += x0 * y0;
        c10 += x1 * y0;
        c20 += x2 * y0;
        c30 += x3 * y0;
        c01 += x0 * y1;
        c11 += x1 * y1;
        c21 += x2 * y1;
        c31 += x3 * y1;
      }
      // On the diagonal some entries of the tile lie above it: the packed triangle has no room for those.
      const r0 = (i * (i + 1)) / 2 + j;
      const r1 = r0 + i + 1;
      const r2 = r1 + i + 2;
      const r3 = r2 + i + 3;
      if (j <= i) {
        entries[r0] = (entries[r0] as number) + c00;
        if (j < i) entries[r0 + 1] = (entries[r0 + 1] as number) + c01;
        entries[r1] = (entries[r1] as number) + c10;
        entries[r1 + 1] = (entries[r1 + 1] as number) + c11;
      }
      entries[r2] = (entries[r2] as number) + c20;
      if (j <= i) entries[r2 + 1] = (entries[r2 + 1] as number) + c21;
      entries[r3] = (entries[r3] as number) + c30;
      entries[r3 + 1] = (entries[r3 + 1] as number) + c31;
    }
  }
}
