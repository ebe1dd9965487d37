import { Layout } from './layout';
import { partOf } from './threads';
import { ROW, TILE } from './tiles';

/** The parts of the packed triangle: the largest absolute value of each, NaN where there is one. All threads call it. */
export function findLargest(at: usize, thread: i32, threads: i32): void {
  const layout = changetype<Layout>(at);
  const padded = (<usize>layout.order + 3) & ~3;
  const pairs = (padded * (padded + 1)) >> 2;
  for (let part = <usize>thread; part < layout.parts; part += <usize>threads) {
    const first = layout.packed + (((pairs * part) / layout.parts) << 4);
    const last = layout.packed + (((pairs * (part + 1)) / layout.parts) << 4);
    store<f64>(layout.largestOfParts + (part << 3), largestIn(first, last));
  }
}

/** The largest absolute value between two addresses; NaN where there is one. */
export function largestIn(first: usize, last: usize): f64 {
  let largest = f64x2.splat(0);
  for (; first < last; first += 16) largest = f64x2.max(largest, f64x2.abs(v128.load(first)));
  return max(f64x2.extract_lane(largest, 0), f64x2.extract_lane(largest, 1));
}

/** The largest absolute value of the matrix; NaN where there is one. */
export function largestOfParts(at: usize): f64 {
  const layout = changetype<Layout>(at);
  let largest: f64 = 0;
  for (let part: usize = 0; part < layout.parts; part++) {
    largest = max(largest, load<f64>(layout.largestOfParts + (part << 3)));
  }
  return largest;
}

/** log₂ of the power of two that a matrix is divided by: near its largest entry, and so that its inverse is a normal number. */
export function scaleExponent(largest: f64): i32 {
  const exponent = <i32>((reinterpret<u64>(largest) >> 52) & 0x7ff) - 1023;
  return min(1022, max(-1022, exponent));
}

/** 2 to a power from -1022 to 1023. */
export function powerOfTwo(exponent: i32): f64 {
  return reinterpret<f64>((<u64>(exponent + 1023)) << 52);
}

/** Writes the tiles: the packed triangle times a factor, its rows and columns in another order. All threads call it. */
export function writeTiles(at: usize, factor: f64, thread: i32, threads: i32): void {
  const layout = changetype<Layout>(at);
  for (let column: usize = 0; column < layout.tileRows; column++) {
    for (let row = column; row < layout.tileRows; row++) {
      if (partOf(row, layout.parts) % <usize>threads == <usize>thread) writeTile(at, factor, row, column);
    }
  }
}

/** Writes one tile; beyond the last row and column are zeros. */
export function writeTile(at: usize, factor: f64, row: usize, column: usize): void {
  const layout = changetype<Layout>(at);
  const order = <usize>layout.order;
  const above = column * layout.tileRows - ((column * (column + 1)) >> 1);
  const tile = layout.tiles + (above + row) * TILE;
  const rows = min(32, max(order, row << 5) - (row << 5));
  const columns = min(32, max(order, column << 5) - (column << 5));
  if (rows < 32 || columns < 32) memory.fill(tile, 0, TILE);
  for (let i: usize = 0; i < rows; i++) {
    const fromRow = <usize>load<u32>(layout.places + (((row << 5) + i) << 2));
    const rowStart = (fromRow * (fromRow + 1)) >> 1;
    let to = tile + i * ROW;
    let place = layout.places + (column << 7);
    for (let j: usize = 0; j < columns; j++) {
      const fromColumn = <usize>load<u32>(place);
      const entry =
        fromRow >= fromColumn ? rowStart + fromColumn : ((fromColumn * (fromColumn + 1)) >> 1) + fromRow;
      store<f64>(to, factor * load<f64>(layout.packed + (entry << 3)));
      to += 8;
      place += 4;
    }
  }
}
