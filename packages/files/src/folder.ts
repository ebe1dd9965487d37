import type { EdjmError } from '@edjm/core';
import { refusal } from './refusal.ts';

/**
 * Whether a name may lie in a folder or below it, on every system and every server: it is relative, has no drive and no
 * scheme, and does not climb, however its dots and slashes are written.
 */
export function isBelow(name: string): boolean {
  if (name === '' || !isText(name)) return false;
  if (/^([\\/]|[a-z]:|[a-z][a-z0-9+.-]*:\/\/)/i.test(name)) return false;
  return !decoded(name).split(/[\\/]/).includes('..');
}

/**
 * The address of a file that another one names, if it lies in the folder of the other one, or below. The name is that of a file, not an
 * address: a `#`, a `?` or a `%` in it stands for itself.
 */
export function addressBeside(location: string, name: string): string | undefined {
  if (!isBelow(name) || /^(data|blob|file|https?):/i.test(name) || !URL.canParse(location)) return undefined;
  const { href } = new URL(name.split(/[\\/]/).map(encodeURIComponent).join('/'), location);
  return isInFolder(location, href) ? href : undefined;
}

/** Whether an address lies in the folder of another, or below. */
export function isInFolder(location: string, address: string): boolean {
  if (!URL.canParse('.', location)) return false;
  const folder = new URL('.', location).href;
  return address.startsWith(folder) && isBelow(address.slice(folder.length));
}

/** The error for a file that a file names and that lies elsewhere. */
export function outsideError(location: string, name: string): EdjmError {
  return refusal(location, {
    expected: 'files in its own folder',
    got: JSON.stringify(name),
    todo: 'Put them there.',
  });
}

/** Whether a text has whole characters alone, and no control characters: parsers of addresses leave some of them out. */
function isText(text: string): boolean {
  return !/[\p{Cc}\p{Surrogate}]/u.test(text);
}

/** Some servers decode dots and slashes, and some decode twice. The digits of a code may be encoded too. */
function decoded(name: string): string {
  const once = name.replace(/%([2-7][\da-f])/gi, (_, code: string) =>
    String.fromCharCode(parseInt(code, 16)),
  );
  return once === name ? name : decoded(once);
}
