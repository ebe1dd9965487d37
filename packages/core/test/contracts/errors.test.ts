import { describe, expect, it } from 'vitest';
import { EdjmError } from '../../src/index.ts';

describe('EdjmError', () => {
  it('carries a code, a message and a cause', () => {
    const cause = new RangeError('inner');
    const error = new EdjmError('INVALID_FILE', 'expected a zip, got text.', { cause });
    expect(error).toMatchObject({ name: 'EdjmError', code: 'INVALID_FILE', cause });
  });

  it('is recognized by code, also when it comes from another copy of the package', () => {
    const foreign = Object.assign(new Error('x'), { name: 'EdjmError', code: 'ABORTED' });
    expect(EdjmError.is(foreign, 'ABORTED')).toBe(true);
    expect(EdjmError.is(foreign, 'INVALID_FILE')).toBe(false);
    expect(EdjmError.is(new Error('x'))).toBe(false);
  });
});
