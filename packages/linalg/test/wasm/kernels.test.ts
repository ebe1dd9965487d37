import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { embed, kernelNames } from '../../kernels/build.mjs';
import { kernel } from '../../src/wasm/kernels.ts';
import { productsModule } from '../../src/wasm/generated/products.ts';

describe('embedded kernels', async () => {
  it.each(await kernelNames())('%s is what its source compiles to', async (name) => {
    const embedded = await readFile(new URL(`../../src/wasm/generated/${name}.ts`, import.meta.url), 'utf8');
    expect(embedded === (await embed(name)), 'run `pnpm run kernels` in packages/linalg').toBe(true);
  });
});

describe('kernel', () => {
  const products = kernel<object>(productsModule);

  it('keeps a small memory, lets a large one go, and gives a call within a call its own', () => {
    const small = products.run(100, (_, memory) => memory);
    expect(small.byteLength).toBeGreaterThanOrEqual(100);
    expect(products.run(1000, (_, memory) => memory)).toBe(small);
    products.run(100, (_, outer) => {
      products.run(100, (__, inner) => {
        expect(inner).not.toBe(outer);
      });
    });
    const large = products.run(2 ** 26, (_, memory) => memory);
    expect(large.byteLength).toBe(2 ** 26);
    expect(products.run(100, (_, memory) => memory)).not.toBe(large);
  });

  it('refuses what does not fit into the memory of WebAssembly', () => {
    expect(() => products.run(2 ** 33, () => 0)).toThrow(
      new RangeError('expected a problem that fits into 4 GiB, got 8.0 GiB. Take a smaller matrix.'),
    );
  });
});
