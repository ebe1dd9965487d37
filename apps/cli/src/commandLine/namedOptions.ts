import { EdjmError } from '@edjm/core';
import * as v from 'valibot';

/** A name given to an option, with options of its own: `NAME`, or `NAME:option=value,option=value`. */
export interface Named {
  /** As it was given. */
  readonly text: string;
  readonly name: string;
  /** The text behind the colon. */
  readonly rest: string;
}

/** Splits a name from its options. */
export function parseNamed(text: string): Named {
  const [, name = '', rest = ''] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  return { text, name, rest };
}

/** Reads the options behind a name. `flag` is the option of the command that took them, for messages. */
export type OptionReader<T> = (named: Named, flag: string) => T;

/**
 * Makes a reader of options, from a schema of each.
 *
 * The reader throws `INVALID_ARGUMENT` for unknown options, options given twice, and invalid values.
 *
 * @param fields - by name, in camel case; on the command line they are written with hyphens.
 */
export function optionReader<const Fields extends v.ObjectEntries>(
  fields: Fields,
): OptionReader<v.InferOutput<v.StrictObjectSchema<Fields, undefined>>> {
  const schema = v.strictObject(fields);
  return (named, flag) => {
    const texts = split(named, { flag, names: Object.keys(fields) });
    const result = v.safeParse(schema, texts, { abortEarly: true });
    if (result.success) return result.output;
    const [issue] = result.issues;
    const key = String(issue.path?.[0].key);
    const got = texts[key] === undefined ? 'none' : `"${texts[key]}"`;
    const expected = issue.type === 'strict_object' ? 'a value' : issue.message;
    throw invalid(named, flag, `${kebab(key)}: expected ${expected}, got ${got}`);
  };
}

/** The error of a name or of its options. */
export function invalid({ text }: Named, flag: string, message: string): EdjmError {
  return new EdjmError('INVALID_ARGUMENT', `${flag} ${text}: ${message}. Correct it.`);
}

function split(
  named: Named,
  { flag, names }: { readonly flag: string; readonly names: readonly string[] },
): Readonly<Record<string, string>> {
  const options = new Map<string, string>();
  if (named.rest === '' && named.text.endsWith(':')) {
    throw invalid(named, flag, 'expected option=value behind the colon, got nothing');
  }
  for (const pair of named.rest === '' ? [] : named.rest.split(',')) {
    const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(pair) ?? [];
    const camel = key.trim().replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (!names.includes(camel) || options.has(camel)) {
      const expected =
        names.length === 0
          ? 'no options'
          : `option=value, each of ${names.map(kebab).join(', ')} at most once`;
      throw invalid(named, flag, `expected ${expected}, got "${pair}"`);
    }
    options.set(camel, value.trim());
  }
  return Object.fromEntries(options);
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The value of an option that is a number. */
export const number = v.pipe(
  v.string('a number'),
  v.regex(/\S/, 'a number'),
  v.transform(Number),
  v.finite('a number'),
);

/** The value of an option that is `true` or `false`. */
export const truth = v.pipe(
  v.picklist(['true', 'false'], 'true or false'),
  v.transform((text) => text === 'true'),
);

/** The value of an option that is one of some words. */
export const oneOf = <const T extends readonly string[]>(names: T): v.PicklistSchema<T, string> =>
  v.picklist(names, names.join(' or '));
