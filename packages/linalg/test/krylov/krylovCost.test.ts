import { describe, expect, it } from 'vitest';
import { krylovBlockSize, krylovBytes, krylovPasses } from '../../src/index.ts';

const images = { rows: 2000, columns: 150_528, count: 200 };

describe('the cost of a Krylov method', () => {
  it('is less memory for smaller blocks, and more passes', () => {
    let bytes = Infinity;
    let passes = 0;
    for (const blockSize of [200, 100, 50, 20, 8, 1]) {
      const size = { ...images, blockSize };
      expect(krylovBytes(size)).toBeLessThan(bytes);
      expect(krylovPasses(size)).toBeGreaterThan(passes);
      bytes = krylovBytes(size);
      passes = krylovPasses(size);
    }
  });

  it('is at least the vectors that are held, and never the d × d matrix', () => {
    const bytes = krylovBytes({ ...images, blockSize: 50 });
    expect(bytes).toBeGreaterThan(8 * (200 * 2000 + 3 * 50 * 150_528));
    expect(bytes).toBeLessThan(1e9);
  });

  it('is that of the whole space at most', () => {
    const whole = { rows: 30, columns: 1000, count: 30, blockSize: 8 };
    expect(krylovPasses(whole)).toBe(8);
    expect(krylovBytes({ ...whole, count: 1000, blockSize: 500 })).toBe(
      krylovBytes({ ...whole, count: 30, blockSize: 30 }),
    );
  });

  it('is the same for a matrix and its transpose', () => {
    const turned = { rows: images.columns, columns: images.rows, count: images.count, blockSize: 20 };
    expect(krylovBytes(turned)).toBe(krylovBytes({ ...images, blockSize: 20 }));
  });
});

describe('krylovBlockSize', () => {
  it.each([Infinity, 1e9, 3e8, 1e8])('fits into %f bytes', (bytes) => {
    const blockSize = krylovBlockSize({ ...images, bytes });
    expect(krylovBytes({ ...images, blockSize })).toBeLessThanOrEqual(bytes);
    expect(blockSize).toBeGreaterThanOrEqual(1);
    // Twice as many would not do, or are not wanted.
    if (bytes < 1e9) expect(krylovBytes({ ...images, blockSize: 2 * blockSize + 1 })).toBeGreaterThan(bytes);
  });

  it('is 1 if nothing fits, and no more than the matrix has', () => {
    expect(krylovBlockSize({ ...images, bytes: 1 })).toBe(1);
    expect(krylovBlockSize({ rows: 3, columns: 9, count: 3, bytes: Infinity })).toBe(3);
  });
});
