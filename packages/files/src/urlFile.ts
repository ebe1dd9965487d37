import { EdjmError } from '@edjm/core';
import { type OpenFile, type Wanted, wantedOf } from './file.ts';
import { addressBeside, isBelow, isInFolder, outsideError } from './folder.ts';
import { memoryFile } from './memoryFile.ts';
import { checkSize } from './boundedReads.ts';
import { inNode } from './node.ts';
import { reasonOf, refusal, type Refused } from './refusal.ts';

/** Fetches a file. */
export async function openUrl(address: string, wanted: Wanted): Promise<OpenFile> {
  return fileOf(await requested(address, wanted.expected), address, wanted);
}

async function openBeside(location: string, name: string, wanted: Wanted): Promise<OpenFile> {
  const address = addressBeside(location, name);
  if (address === undefined) throw outsideError(location, name);
  const check = (target: string): void => {
    if (!isInFolder(location, target)) throw outsideError(location, name);
  };
  const response = await requested(address, wanted.expected, () => followed(address, check));
  return fileOf(response, address, wanted);
}

/** As many as `fetch` follows. */
const MAX_REDIRECTS = 20;

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Fetches an address. No redirect is followed to a target that the check refuses: a file counts as the one that the server redirects to. */
async function followed(address: string, check: (target: string) => void): Promise<Response> {
  if (!inNode()) return checkedLater(address, check);
  let at = address;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await fetch(at, { redirect: 'manual' });
    const target = redirectStatuses.has(response.status) ? response.headers.get('location') : null;
    if (target === null) return response;
    await response.body?.cancel();
    at = new URL(target, at).href;
    check(at);
  }
  throw new Error('redirect count exceeded');
}

/** Browsers tell where a redirect leads only once they have followed it. */
async function checkedLater(address: string, check: (target: string) => void): Promise<Response> {
  const response = await fetch(address);
  try {
    // A response that a service worker made up has no address.
    if (response.url !== '') check(response.url);
    return response;
  } catch (error) {
    await response.body?.cancel();
    throw error;
  }
}

/** The answer of a server that has the file. */
async function requested(
  address: string,
  expected: string,
  send: () => Promise<Response> = () => fetch(address),
): Promise<Response> {
  let response: Response;
  try {
    response = await send();
  } catch (cause) {
    if (EdjmError.is(cause)) throw cause;
    throw notFound(address, expected, { got: reasonOf(cause), cause });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw notFound(address, expected, { got: `HTTP status ${response.status}` });
}

async function fileOf(response: Response, address: string, wanted: Wanted): Promise<OpenFile> {
  // The redirected address counts, except in a response that a service worker made up.
  const location = response.url === '' ? address : response.url;
  const bytes = await bodyOf(response, shown(location), wanted);
  // Bytes that a page holds itself have no folder.
  if (!/^https?:/i.test(location)) return memoryFile(bytes, wanted);
  const beside: OpenFile['beside'] = (name, options = {}) => openBeside(location, name, wantedOf(options));
  return memoryFile(bytes, { ...wanted, name: shortName(location) ?? wanted.name, location, beside });
}

/** The bytes of a response, cut off as soon as they are too many, whatever its headers say. */
async function bodyOf(response: Response, location: string, wanted: Wanted): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>> | null)?.getReader();
  try {
    checkSize(location, Number(response.headers.get('content-length') ?? 0), wanted);
    for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
      size += next.value.length;
      checkSize(location, size, wanted);
      chunks.push(next.value);
    }
  } catch (cause) {
    await reader?.cancel().catch(() => undefined);
    if (EdjmError.is(cause)) throw cause;
    const got = `${size} bytes, then an error: ${reasonOf(cause)}`;
    throw refusal(location, { expected: wanted.expected, got, todo: 'Try again.', cause });
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function notFound(address: string, expected: string, refused: Pick<Refused, 'got' | 'cause'>): EdjmError {
  return refusal(shown(address), { code: 'NOT_FOUND', expected, todo: 'Check the URL.', ...refused });
}

/** An address for messages. The address of a `data:` URL would be the data itself. */
function shown(address: string): string {
  return /^data:/i.test(address) ? 'the data: URL' : address;
}

/** The last part of a URL's path, if it has one that can be a name. */
function shortName(address: string): string | undefined {
  const last = new URL(address).pathname.split('/').at(-1) ?? '';
  if (last === '') return undefined;
  try {
    const name = decodeURIComponent(last);
    return isBelow(name) && !/[\\/]/.test(name) ? name : last;
  } catch {
    // A percent sign that begins no character.
    return last;
  }
}
