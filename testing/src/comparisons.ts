/** A wrong number. */
export interface Wrong {
  /** Its place in the list, or the list's length. */
  readonly place: number | 'length';
  readonly found: number | undefined;
  readonly expected: number;
}

/** How far singular values may be off. */
export interface WrongOptions {
  /** Relative to the value. Defaults to 1e-4. */
  readonly tolerance?: number;
  /** Values up to this share of the largest are too small to be compared with themselves. Defaults to 1e-4. */
  readonly smallest?: number;
  /** Relative to the largest: the error of values up to `smallest`. Defaults to any. */
  readonly smallError?: number;
  /** An additional tolerance, relative to the largest value. Defaults to 0. */
  readonly slack?: number;
}

type Numbers = ArrayLike<number>;

function wrongs(
  found: Numbers | undefined,
  expected: readonly number[],
  allowed: (value: number) => number,
): readonly Wrong[] {
  if (found?.length !== expected.length)
    return [{ place: 'length', found: found?.length, expected: expected.length }];
  return expected.flatMap((value, place) => {
    const one = found[place];
    // Not a number is wrong.
    return Math.abs((one ?? NaN) - value) <= allowed(value) ? [] : [{ place, found: one, expected: value }];
  });
}

/** Outputs of a sample that are off by more than the tolerance, relative to the largest. It defaults to 1e-5. */
export function wrongOutputs(
  found: Numbers | undefined,
  expected: readonly number[],
  tolerance = 1e-5,
): readonly Wrong[] {
  const largest = Math.max(...expected.map(Math.abs));
  return wrongs(found, expected, () => tolerance * largest);
}

/** Singular values, in descending order, that are off. */
export function wrongSingularValues(
  found: Numbers | undefined,
  expected: Numbers,
  { tolerance = 1e-4, smallest = 1e-4, smallError = Infinity, slack = 0 }: WrongOptions = {},
): readonly Wrong[] {
  const values = Array.from(expected);
  const [largest = 0] = values;
  // The Jacobian of a dead network is zero, not small.
  if (largest === 0) return wrongs(found, values, () => 0);
  return wrongs(found, values, (value) => {
    const own = value > smallest * largest ? tolerance * value : smallError * largest;
    return own + slack * largest;
  });
}
