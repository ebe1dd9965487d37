/**
 * C += A B for tiles of 32 × 32 that lie row after row: the speed that everything else is measured by.
 */
export function tileProduct(c: usize, a: usize, b: usize): void {
  for (let i: usize = 0; i < 32; i += 4) {
    for (let j: usize = 0; j < 32; j += 4) {
      let c00 = v128.load(c + (((i + 0) * 32 + j) << 3));
      let c01 = v128.load(c + (((i + 0) * 32 + j) << 3), 16);
      let c10 = v128.load(c + (((i + 1) * 32 + j) << 3));
      let c11 = v128.load(c + (((i + 1) * 32 + j) << 3), 16);
      let c20 = v128.load(c + (((i + 2) * 32 + j) << 3));
      let c21 = v128.load(c + (((i + 2) * 32 + j) << 3), 16);
      let c30 = v128.load(c + (((i + 3) * 32 + j) << 3));
      let c31 = v128.load(c + (((i + 3) * 32 + j) << 3), 16);
      let pa = a + ((i * 32) << 3);
      let pb = b + (j << 3);
      for (let k = 0; k < 32; k++) {
        const b0 = v128.load(pb);
        const b1 = v128.load(pb, 16);
        const a0 = v128.load64_splat(pa);
        c00 = f64x2.add(c00, f64x2.mul(a0, b0));
        c01 = f64x2.add(c01, f64x2.mul(a0, b1));
        const a1 = v128.load64_splat(pa, 256);
        c10 = f64x2.add(c10, f64x2.mul(a1, b0));
        c11 = f64x2.add(c11, f64x2.mul(a1, b1));
        const a2 = v128.load64_splat(pa, 512);
        c20 = f64x2.add(c20, f64x2.mul(a2, b0));
        c21 = f64x2.add(c21, f64x2.mul(a2, b1));
        const a3 = v128.load64_splat(pa, 768);
        c30 = f64x2.add(c30, f64x2.mul(a3, b0));
        c31 = f64x2.add(c31, f64x2.mul(a3, b1));
        pa += 8;
        pb += 256;
      }
      v128.store(c + (((i + 0) * 32 + j) << 3), c00);
      v128.store(c + (((i + 0) * 32 + j) << 3), c01, 16);
      v128.store(c + (((i + 1) * 32 + j) << 3), c10);
      v128.store(c + (((i + 1) * 32 + j) << 3), c11, 16);
      v128.store(c + (((i + 2) * 32 + j) << 3), c20);
      v128.store(c + (((i + 2) * 32 + j) << 3), c21, 16);
      v128.store(c + (((i + 3) * 32 + j) << 3), c30);
      v128.store(c + (((i + 3) * 32 + j) << 3), c31, 16);
    }
  }
}
