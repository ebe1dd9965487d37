/**
 * Rows are taken into a triangle by reflections, and a triangle is brought to its singular values: in float64, never through
 * squares. A triangle L is packed: its rows one after the other, each up to the diagonal. Orders are multiples of four.
 */
import { bandBytes, bandEntry, chaseBulges } from './lib/bulgeChasing';
import { bidiagonalValues } from './lib/bidiagonal';
import { factorPanel, PANEL, reflectStrip, SCRATCH } from './lib/reflections';
import { transpose } from './lib/strips';

export { stripsOfColumns } from './lib/strips';

/** Where panels are factored: V and −Vᵀ of as many rows as the strips, then T and what goes with it. */
function partsOfWork(rows: i32): usize {
  return (<usize>(rows * PANEL)) << 3;
}

/**
 * Takes rows into `width` rows of a triangle: afterwards columns `first` to `first` + `width` of the rows are zero.
 *
 * @param strips - the rows, as strips that are `rows` + PANEL rows long; those at the end are free.
 * @param rows - a multiple of 4.
 * @param first - a multiple of 4. Columns after `first` + `width` are no longer read.
 * @param triangle - rows `first` to `first` + `width` of the triangle.
 * @param work - room for 2 (rows + PANEL) PANEL + 2048 numbers.
 */
export function takeInto(
  triangle: usize,
  strips: usize,
  rows: i32,
  first: i32,
  width: i32,
  work: usize,
): void {
  const stride = (<usize>(rows + PANEL)) << 5;
  const all = rows + width;
  const v = work;
  const negated = v + partsOfWork(rows + PANEL);
  const t = negated + partsOfWork(rows + PANEL);
  const bottom = strips + ((<usize>rows) << 5);
  rowsToStrips(bottom, stride, triangle, first, width);
  factorPanel(strips + <usize>(first >> 2) * stride, stride, all, width, v, negated, t);
  const scratch = t + SCRATCH;
  const group = (<usize>width) << 5;
  for (let j = 0; j < first; j += 4) {
    reflectStrip(strips + <usize>(j >> 2) * stride, all, width, v, negated, group, t, scratch);
  }
  stripsToRows(triangle, bottom, stride, first, width);
}

function rowsToStrips(strips: usize, stride: usize, triangle: usize, first: i32, count: i32): void {
  for (let i = 0; i < count; i++) {
    const length = first + i + 1;
    let to = strips + ((<usize>i) << 5);
    for (let j = 0; j < first + count; j += 4, to += stride) {
      const within = min(4, max(0, length - j));
      if (within < 4) memory.fill(to, 0, 32);
      memory.copy(to, triangle + ((<usize>j) << 3), (<usize>within) << 3);
    }
    triangle += (<usize>length) << 3;
  }
}

function stripsToRows(triangle: usize, strips: usize, stride: usize, first: i32, count: i32): void {
  for (let i = 0; i < count; i++) {
    const length = first + i + 1;
    let from = strips + ((<usize>i) << 5);
    for (let j = 0; j < length; j += 4, from += stride) {
      memory.copy(triangle + ((<usize>j) << 3), from, (<usize>min(4, length - j)) << 3);
    }
    triangle += (<usize>length) << 3;
  }
}

/**
 * The singular values of a packed triangle whose largest entry is near 1.
 *
 * Reflections from both sides make it a band, the bulges of which are chased until it is bidiagonal; the implicit QR method
 * gives the values of that.
 *
 * @param missing - takes how many values have not been found: 0 but for a defect.
 * @param values - takes `order` numbers, in no order and of any sign, and has room for as many more.
 * @param strips - room for order / 4 strips of `stride` bytes, and one more.
 * @param work - room for 2 order PANEL + 2048 numbers.
 * @param band - room for (order + 66) 105 numbers.
 */
export function singularValues(
  missing: usize,
  values: usize,
  triangle: usize,
  order: i32,
  strips: usize,
  stride: usize,
  work: usize,
  band: usize,
): void {
  rowsToStrips(strips, stride, triangle, 0, order);
  memory.fill(band, 0, bandBytes(order));
  reduceToBand(strips, stride, order, work, band);
  chaseBulges(band, order, work);
  const e = values + ((<usize>order) << 3);
  for (let i = 0; i < order; i++) {
    const at = (<usize>i) << 3;
    store<f64>(values + at, load<f64>(bandEntry(band, i, i)));
    store<f64>(e + at, load<f64>(bandEntry(band, i, i + 1)));
  }
  store<f64>(missing, bidiagonalValues(values, e, order, work));
}

/**
 * From the last columns and rows upwards: reflections clear `width` columns above their last rows, then these rows before
 * their last columns. The band goes out turned upside down, so that its entries lie above the diagonal.
 */
function reduceToBand(strips: usize, stride: usize, order: i32, work: usize, band: usize): void {
  const v = work;
  const negated = v + partsOfWork(order);
  const t = negated + partsOfWork(order);
  const scratch = t + SCRATCH;
  // Four rows of the matrix, as a strip of its transpose; and the rows of a panel.
  const turned = strips + <usize>(order >> 2) * stride;
  const end = order - 1;
  let rows = order;
  let width = order % PANEL == 0 ? PANEL : order % PANEL;
  while (rows > 0) {
    const rest = rows - width;
    const panel = strips + <usize>(rest >> 2) * stride;
    const group = (<usize>width) << 5;
    factorPanel(panel, stride, rows, width, v, negated, t);
    for (let i = 0; i < width; i++) {
      for (let j = 0; j <= i; j++) {
        const from = panel + <usize>(j >> 2) * stride + ((<usize>((rest + i) * 4 + (j & 3))) << 3);
        store<f64>(bandEntry(band, end - rest - i, end - rest - j), load<f64>(from));
      }
    }
    if (rest == 0) return;
    for (let j = 0; j < rest; j += 4) {
      reflectStrip(strips + <usize>(j >> 2) * stride, rows, width, v, negated, group, t, scratch);
    }

    // The panel's own columns are done: its strips take the transpose of its rows.
    for (let i = 0; i < width; i += 4) {
      turnRows(panel + <usize>(i >> 2) * stride, strips, stride, rest + i, rest);
    }
    factorPanel(panel, stride, rest, width, v, negated, t);
    for (let i = 0; i < width; i++) {
      for (let j = i; j < width; j++) {
        const from = panel + <usize>(i >> 2) * stride + ((<usize>((rest - width + j) * 4 + (i & 3))) << 3);
        store<f64>(bandEntry(band, end - rest - i, end - rest + width - j), load<f64>(from));
      }
    }
    for (let i = 0; i < rest; i += 4) {
      turnRows(turned, strips, stride, i, rest);
      reflectStrip(turned, rest, width, v, negated, group, t, scratch);
      turnBack(strips, stride, turned, i, rest);
    }
    rows = rest;
    width = PANEL;
  }
}

/** Four rows of the matrix, from row `row`, become a strip of `columns` rows. */
function turnRows(to: usize, strips: usize, stride: usize, row: i32, columns: i32): void {
  let from = strips + ((<usize>row) << 5);
  for (let j = 0; j < columns; j += 4, from += stride, to += 128) transpose(to, from, 32);
}

function turnBack(strips: usize, stride: usize, from: usize, row: i32, columns: i32): void {
  let to = strips + ((<usize>row) << 5);
  for (let j = 0; j < columns; j += 4, from += 128, to += stride) transpose(to, from, 32);
}
