import { addTile } from './lib/tile';

export { stripsOfColumns, stripsOfRows } from './lib/strips';

/**
 * C += Aᵀ B.
 *
 * @param c - C, row after row, `stride` bytes each; `rows` × `columns` entries of it are added to.
 * @param a - A in strips: `depth` × `rows`. B likewise: `depth` × `columns`.
 * @param depth - a multiple of 4.
 * @param edge - room for 16 numbers.
 */
export function addProduct(
  c: usize,
  stride: usize,
  a: usize,
  b: usize,
  depth: i32,
  rows: i32,
  columns: i32,
  edge: usize,
): void {
  const strip = (<usize>depth) << 5;
  for (let j = 0; j < columns; j += 4) {
    const width = min(4, columns - j);
    let target = c + ((<usize>j) << 3);
    let left = a;
    for (let i = 0; i < rows; i += 4) {
      const height = min(4, rows - i);
      if (width == 4 && height == 4) {
        addTile(target, stride, 0, left, b, depth);
      } else {
        memory.fill(edge, 0, 128);
        addTile(edge, 32, 0, left, b, depth);
        for (let y = 0; y < height; y++)
          addNumbers(target + <usize>y * stride, edge + ((<usize>y) << 5), width);
      }
      target += 4 * stride;
      left += strip;
    }
    b += strip;
  }
}

/**
 * Adds rows `first` to `last` of Pᵀ P to a packed triangle.
 *
 * @param c - entry (`first`, 0) of the triangle; the rows go up to the next multiple of four after `last`.
 * @param p - P in strips: `depth` rows, and at least `last` columns.
 * @param first - a multiple of 4.
 * @param edge - room for 16 numbers.
 */
export function addTriangleProduct(c: usize, p: usize, depth: i32, first: i32, last: i32, edge: usize): void {
  const strip = (<usize>depth) << 5;
  for (let j = 0; j < last; j += 4) {
    const b = p + <usize>(j >> 2) * strip;
    for (let i = max(first, j); i < last; i += 4) {
      const a = p + <usize>(i >> 2) * strip;
      const step = (<usize>(i + 1)) << 3;
      const target = c + ((<usize>((i * (i + 1) - first * (first + 1)) / 2 + j)) << 3);
      if (j < i) {
        addTile(target, step, 8, a, b, depth);
      } else {
        memory.fill(edge, 0, 128);
        addTile(edge, 32, 0, a, b, depth);
        addNumbers(target, edge, 1);
        addNumbers(target + step, edge + 32, 2);
        addNumbers(target + 2 * step + 8, edge + 64, 3);
        addNumbers(target + 3 * step + 24, edge + 96, 4);
      }
    }
  }
}

function addNumbers(to: usize, from: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const at = i << 3;
    store<f64>(to + at, load<f64>(to + at) + load<f64>(from + at));
  }
}
