import { EdjmError } from '@edjm/core';
import { outsideError } from './localFile.ts';
import type { ModelFile } from './modelFile.ts';

/** Fetches a file. */
export async function openUrl(address: string): Promise<ModelFile> {
  const { url, bytes } = await fetchBytes(address, 'a model.json, .keras or .h5 file');
  return {
    name: shortName(url),
    bytes,
    beside: async (location) => {
      const found = await fetchBytes(addressOf(url, location), `weights of ${url}`);
      // What a server redirects to counts as well.
      if (!isBelow(url, found.url)) throw outsideError(url, location);
      return found.bytes;
    },
  };
}

async function fetchBytes(address: string, expected: string): Promise<{ url: string; bytes: Uint8Array }> {
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`HTTP status ${String(response.status)}`);
    return { url: response.url, bytes: new Uint8Array(await response.arrayBuffer()) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EdjmError('NOT_FOUND', `${address}: expected ${expected}, got: ${reason}. Check the URL.`, {
      cause,
    });
  }
}

/** The last part of a URL's path, where it has one. */
function shortName(url: string): string {
  const last = /^https?:/i.test(url) ? new URL(url).pathname.split('/').at(-1) : undefined;
  return last === undefined || last === '' ? 'the model' : (decoded(last) ?? last);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that begins no character.
    return undefined;
  }
}

/** The address of a file in the model's own folder, or below it. */
function addressOf(model: string, location: string): string {
  // Some servers take encoded dots and slashes for what they stand for.
  const parts = decoded(location)?.split(/[\\/]/) ?? ['..'];
  if (parts.includes('..') || !URL.canParse(location, model)) throw outsideError(model, location);
  const { href } = new URL(location, model);
  if (!isBelow(model, href)) throw outsideError(model, location);
  return href;
}

function isBelow(model: string, address: string): boolean {
  return URL.canParse('.', model) && address.startsWith(new URL('.', model).href);
}
