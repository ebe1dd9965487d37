import { describe, expect, it } from 'vitest';
import { fixture, refusal, weightsOf } from '../files.ts';
import { readKerasFile } from '../../../src/keras/index.ts';

describe('filters of HDF5', () => {
  it.each([
    ['filter-lzf.h5.gz', 'lzf'],
    ['filter-scale-offset.h5.gz', 'scaleoffset'],
  ])('%s is refused by its name', async (file, name) => {
    const { code, message } = await refusal(() => readKerasFile(fixture(file), 'model.h5'));
    expect(code).toBe('UNSUPPORTED');
    expect(message).toContain(name);
    expect(message).toContain('save it again');
  });

  it('gzip, shuffle and checksums are undone', async () => {
    const weights = await weightsOf(fixture('filter-gzip.h5.gz'));
    expect(Object.values(weights)[0]).toEqual(Array.from({ length: 32 }, (_, i) => i / 64));
  });
});
