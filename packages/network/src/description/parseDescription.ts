import { EdjmError } from '@edjm/core';
import * as v from 'valibot';
import type { NetworkDescription } from './networkDescription.ts';
import { descriptionSchema } from './schema.ts';

/** How much of a value a message quotes. */
const QUOTED = 60;

/**
 * Checks a description of a network that comes from outside, such as a parsed JSON file. Nothing but what the format says is let
 * through: unknown fields and types are refused, and so are sizes beyond 2²⁴ and residual layers more than 16 deep in each other.
 * Whether the layers fit each other is found out when {@link networkFromDescription} makes a network of it.
 *
 * @param json - the value, such as `JSON.parse` gives it; `format`, `version` and `name` may be absent.
 * @throws EdjmError `INVALID_FILE` with the path to the field, such as `layers[3].units`.
 *
 * @example
 * ```ts
 * import { parseDescription } from '@edjm/network';
 *
 * const text = '{ "inputShape": [784], "layers": [{ "type": "dense", "units": 10 }] }';
 * console.log(parseDescription(JSON.parse(text)).layers.length); // 1
 * ```
 */
export function parseDescription(json: unknown): NetworkDescription {
  const result = v.safeParse(descriptionSchema, json, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new EdjmError(
    'INVALID_FILE',
    `network description${pathOf(issue)}: expected ${expected(issue)}, got ${received(issue)}. Correct the file.`,
  );
}

function pathOf({ path }: v.BaseIssue<unknown>): string {
  if (path === undefined) return '';
  const steps = path.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
  return `, ${steps.join('').slice(1)}`;
}

function expected(issue: v.BaseIssue<unknown>): string {
  if (isUnknownField(issue)) return 'no field of this name';
  if (issue.type === 'strict_object' && issue.input === undefined) return 'this field';
  const isType = issue.type === 'variant' && issue.path?.at(-1)?.key === 'type';
  // The library's own text here is ("dense" | "conv2d" | …).
  return isType
    ? `one of ${(issue.expected ?? '').replaceAll(/[()"]/g, '').split(' | ').join(', ')}`
    : issue.message;
}

function received(issue: v.BaseIssue<unknown>): string {
  return isUnknownField(issue) ? 'one' : quoted(issue.input);
}

/** A value in brief; what lies deeper is not looked at, however deep it is. */
function quoted(value: unknown): string {
  if (value === undefined) return 'nothing';
  const isNested = (inner: unknown) => typeof inner === 'object' && inner !== null;
  if (isNested(value) && !Array.isArray(value)) return 'an object';
  if (Array.isArray(value) && value.some(isNested)) return 'a list';
  const text = JSON.stringify(value);
  return text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text;
}

function isUnknownField({ type, expected }: v.BaseIssue<unknown>): boolean {
  return type === 'strict_object' && expected === 'never';
}
