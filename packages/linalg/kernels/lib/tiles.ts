/**
 * Products of tiles of 32 × 32 numbers. Their loops keep blocks of 2 × 8 sums in registers: of the shapes that fit into the
 * sixteen registers it is the fastest one under V8.
 *
 * The sums are formed by themselves and then added to what is there: so rounding errors grow with the 32 or 64 terms of a
 * sum and the number of tiles, not with their product.
 *
 * A tile lies row after row. As the right-hand factor of a product it lies in panels: four of them, eight columns each, row
 * after row, so that the loop reads it from end to end.
 */

/** Bytes of a row of a tile. */
export const ROW: usize = 256;

/** Bytes of a tile. */
export const TILE: usize = 8192;

/** Bytes of eight columns of a tile in panels. */
const PANEL: usize = 2048;

/** C += A B; B in panels. */
export function addProduct(c: usize, a: usize, b: usize): void {
  for (let i: usize = 0; i < 32; i += 2) {
    for (let j: usize = 0; j < 4; j++) {
      const at = c + i * ROW + (j << 6);
      let c00 = f64x2.splat(0);
      let c01 = c00;
      let c02 = c00;
      let c03 = c00;
      let c10 = c00;
      let c11 = c00;
      let c12 = c00;
      let c13 = c00;
      let left = a + i * ROW;
      let right = b + j * PANEL;
      for (let k = 0; k < 32; k++) {
        const a0 = v128.load64_splat(left);
        const a1 = v128.load64_splat(left, 256);
        const b0 = v128.load(right);
        c00 = f64x2.add(c00, f64x2.mul(a0, b0));
        c10 = f64x2.add(c10, f64x2.mul(a1, b0));
        const b1 = v128.load(right, 16);
        c01 = f64x2.add(c01, f64x2.mul(a0, b1));
        c11 = f64x2.add(c11, f64x2.mul(a1, b1));
        const b2 = v128.load(right, 32);
        c02 = f64x2.add(c02, f64x2.mul(a0, b2));
        c12 = f64x2.add(c12, f64x2.mul(a1, b2));
        const b3 = v128.load(right, 48);
        c03 = f64x2.add(c03, f64x2.mul(a0, b3));
        c13 = f64x2.add(c13, f64x2.mul(a1, b3));
        left += 8;
        right += 64;
      }
      v128.store(at, f64x2.add(v128.load(at), c00));
      v128.store(at, f64x2.add(v128.load(at, 16), c01), 16);
      v128.store(at, f64x2.add(v128.load(at, 32), c02), 32);
      v128.store(at, f64x2.add(v128.load(at, 48), c03), 48);
      v128.store(at, f64x2.add(v128.load(at, 256), c10), 256);
      v128.store(at, f64x2.add(v128.load(at, 272), c11), 272);
      v128.store(at, f64x2.add(v128.load(at, 288), c12), 288);
      v128.store(at, f64x2.add(v128.load(at, 304), c13), 304);
    }
  }
}

/** C += Aᵀ B; B in panels. */
export function addTransposedProduct(c: usize, a: usize, b: usize): void {
  for (let i: usize = 0; i < 32; i += 2) {
    for (let j: usize = 0; j < 4; j++) {
      const at = c + i * ROW + (j << 6);
      let c00 = f64x2.splat(0);
      let c01 = c00;
      let c02 = c00;
      let c03 = c00;
      let c10 = c00;
      let c11 = c00;
      let c12 = c00;
      let c13 = c00;
      let left = a + (i << 3);
      let right = b + j * PANEL;
      for (let k = 0; k < 32; k++) {
        const a0 = v128.load64_splat(left);
        const a1 = v128.load64_splat(left, 8);
        const b0 = v128.load(right);
        c00 = f64x2.add(c00, f64x2.mul(a0, b0));
        c10 = f64x2.add(c10, f64x2.mul(a1, b0));
        const b1 = v128.load(right, 16);
        c01 = f64x2.add(c01, f64x2.mul(a0, b1));
        c11 = f64x2.add(c11, f64x2.mul(a1, b1));
        const b2 = v128.load(right, 32);
        c02 = f64x2.add(c02, f64x2.mul(a0, b2));
        c12 = f64x2.add(c12, f64x2.mul(a1, b2));
        const b3 = v128.load(right, 48);
        c03 = f64x2.add(c03, f64x2.mul(a0, b3));
        c13 = f64x2.add(c13, f64x2.mul(a1, b3));
        left += 256;
        right += 64;
      }
      v128.store(at, f64x2.add(v128.load(at), c00));
      v128.store(at, f64x2.add(v128.load(at, 16), c01), 16);
      v128.store(at, f64x2.add(v128.load(at, 32), c02), 32);
      v128.store(at, f64x2.add(v128.load(at, 48), c03), 48);
      v128.store(at, f64x2.add(v128.load(at, 256), c10), 256);
      v128.store(at, f64x2.add(v128.load(at, 272), c11), 272);
      v128.store(at, f64x2.add(v128.load(at, 288), c12), 288);
      v128.store(at, f64x2.add(v128.load(at, 304), c13), 304);
    }
  }
}

/**
 * C += U Vᵀ with 64 columns each: `u` in pairs of rows and `v` in eights of rows, column after column
 * ({@link packPairs}, {@link packEights}).
 */
export function addRankUpdate(c: usize, u: usize, v: usize): void {
  for (let i: usize = 0; i < 32; i += 2) {
    for (let j: usize = 0; j < 4; j++) {
      const at = c + i * ROW + (j << 6);
      let c00 = f64x2.splat(0);
      let c01 = c00;
      let c02 = c00;
      let c03 = c00;
      let c10 = c00;
      let c11 = c00;
      let c12 = c00;
      let c13 = c00;
      let left = u + (i << 9);
      let right = v + (j << 12);
      for (let k = 0; k < 64; k++) {
        const a0 = v128.load64_splat(left);
        const a1 = v128.load64_splat(left, 8);
        const b0 = v128.load(right);
        c00 = f64x2.add(c00, f64x2.mul(a0, b0));
        c10 = f64x2.add(c10, f64x2.mul(a1, b0));
        const b1 = v128.load(right, 16);
        c01 = f64x2.add(c01, f64x2.mul(a0, b1));
        c11 = f64x2.add(c11, f64x2.mul(a1, b1));
        const b2 = v128.load(right, 32);
        c02 = f64x2.add(c02, f64x2.mul(a0, b2));
        c12 = f64x2.add(c12, f64x2.mul(a1, b2));
        const b3 = v128.load(right, 48);
        c03 = f64x2.add(c03, f64x2.mul(a0, b3));
        c13 = f64x2.add(c13, f64x2.mul(a1, b3));
        left += 16;
        right += 64;
      }
      v128.store(at, f64x2.add(v128.load(at), c00));
      v128.store(at, f64x2.add(v128.load(at, 16), c01), 16);
      v128.store(at, f64x2.add(v128.load(at, 32), c02), 32);
      v128.store(at, f64x2.add(v128.load(at, 48), c03), 48);
      v128.store(at, f64x2.add(v128.load(at, 256), c10), 256);
      v128.store(at, f64x2.add(v128.load(at, 272), c11), 272);
      v128.store(at, f64x2.add(v128.load(at, 288), c12), 288);
      v128.store(at, f64x2.add(v128.load(at, 304), c13), 304);
    }
  }
}

/** Writes a tile in panels. */
export function packPanels(target: usize, tile: usize): void {
  for (let panel: usize = 0; panel < 4; panel++) {
    for (let row: usize = 0; row < 32; row++) {
      const from = tile + row * ROW + (panel << 6);
      const to = target + panel * PANEL + (row << 6);
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      v128.store(to, v128.load(from, 32), 32);
      v128.store(to, v128.load(from, 48), 48);
    }
  }
}

/** Writes minus a tile in pairs of rows, as the columns from `first` on of the left factor of {@link addRankUpdate}. */
export function packPairs(target: usize, tile: usize, first: usize): void {
  for (let row: usize = 0; row < 32; row++) {
    let to = target + ((row >> 1) << 10) + ((row & 1) << 3) + (first << 4);
    let from = tile + row * ROW;
    for (let column = 0; column < 32; column++) {
      store<f64>(to, -load<f64>(from));
      to += 16;
      from += 8;
    }
  }
}

/** Writes a tile in eights of rows, as the columns from `first` on of the right factor of {@link addRankUpdate}. */
export function packEights(target: usize, tile: usize, first: usize): void {
  for (let row: usize = 0; row < 32; row++) {
    let to = target + ((row >> 3) << 12) + ((row & 7) << 3) + (first << 6);
    let from = tile + row * ROW;
    for (let column = 0; column < 32; column++) {
      store<f64>(to, load<f64>(from));
      to += 64;
      from += 8;
    }
  }
}
