import { describe, expect, it } from 'vitest';
import { checkThreads, EdjmError } from '../../src/index.ts';

describe('checkThreads', () => {
  it.each([undefined, 1, 2, 1024])('takes %s', (threads) => {
    expect(() => {
      checkThreads(threads);
    }).not.toThrow();
  });

  it.each([0, -1, 1.5, NaN, Infinity, 1025, 100_000])('refuses %s', (threads) => {
    expect(() => {
      checkThreads(threads);
    }).toThrow(
      new EdjmError(
        'INVALID_ARGUMENT',
        `expected a number of threads from 1 to 1024, got ${threads}. Leave it out for one a processor.`,
      ),
    );
  });
});
