import { InvalidArgumentError } from 'commander';

/** Turns a parser's RangeError into a usage error that names the option. */
export function parsed<T>(
  parse: (text: string, earlier?: T) => T,
): (text: string, earlier: T | undefined) => T {
  return (text, earlier) => {
    try {
      return parse(text, earlier);
    } catch (error) {
      if (error instanceof RangeError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

/** A finite number. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new RangeError(`expected a number, got "${text}".`);
}

/** A whole number above 0. */
export function positiveInteger(text: string): number {
  const value = number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`expected a whole number above 0, got "${text}".`);
}

/** A whole number, 0 or above. */
export function wholeNumber(text: string): number {
  const value = number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new RangeError(`expected a whole number, 0 or above, got "${text}".`);
}

/** One more of an option that may be repeated. */
export function collect(text: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), text];
}

/** One of some words. */
export function choice(names: readonly string[]): (text: string) => string {
  return (text) => {
    if (names.includes(text)) return text;
    throw new RangeError(`expected one of ${names.join(', ')}, got "${text}".`);
  };
}
