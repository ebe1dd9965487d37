import { EdjmError } from '@edjm/core';
import { outsideError } from './localFile.ts';
import type { ModelFile } from './modelFile.ts';

/** Fetches a file. */
export async function openUrl(address: string): Promise<ModelFile> {
  const { url, bytes } = await fetchBytes(address, 'a model.json, .keras or .h5 file');
  return {
    name: shortName(url),
    bytes,
    beside: async (location) => (await fetchBytes(addressOf(url, location), `weights of ${url}`)).bytes,
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
  return last === undefined || last === '' ? 'the model' : decodeURIComponent(last);
}

/** The address of a file in the model's own folder, or below it. */
function addressOf(model: string, location: string): string {
  const folder = URL.canParse('.', model) ? new URL('.', model).href : undefined;
  const address =
    folder !== undefined && URL.canParse(location, folder) ? new URL(location, folder).href : undefined;
  if (folder !== undefined && address?.startsWith(folder) === true) return address;
  throw outsideError(model, location);
}
