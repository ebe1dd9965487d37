import { EdjmError } from '@edjm/core';
import { readModel, type ExternalData } from '@edjm/onnx-autodiff';
import type { NamedModel } from './modelSource.ts';

/** Weights of one tensor, at most: more do not fit into the memory of WebAssembly. */
const MOST_BYTES = 2 ** 32;

/** Fetches a model, and its weights where they lie beside it. */
export async function readModelUrl(address: string): Promise<NamedModel> {
  const { url, bytes } = await fetchBytes(address, 'an .onnx file');
  const name = shortName(url);
  // Fetching waits, reading does not: the model is read once to learn which files it needs, and again with them.
  const files = new Map<string, Uint8Array>();
  const model = readModel(bytes, { name: url, readExternal: (data) => notYet(url, data, files) });
  if (files.size === 0) return { name, model };
  for (const location of files.keys()) {
    files.set(location, (await fetchBytes(location, `the weights of ${url}`)).bytes);
  }
  return { name, model: readModel(bytes, { name: url, readExternal: (data) => partOf(url, data, files) }) };
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

/** The address of a file in the model's own folder, or below it; a model cannot name any other. */
function addressOf(modelUrl: string, location: string): string {
  const folder = URL.canParse('.', modelUrl) ? new URL('.', modelUrl).href : undefined;
  const address = folder === undefined ? undefined : new URL(location, folder).href;
  if (folder !== undefined && address?.startsWith(folder) === true) return address;
  throw new EdjmError(
    'INVALID_FILE',
    `${modelUrl}: expected weights in the model's own folder, got "${location}". Put them beside the model.`,
  );
}

/** Zeros in place of weights, whose file is noted. */
function notYet(
  modelUrl: string,
  { location, length }: ExternalData,
  files: Map<string, Uint8Array>,
): Uint8Array {
  files.set(addressOf(modelUrl, location), new Uint8Array());
  if (length <= MOST_BYTES) return new Uint8Array(length);
  throw new EdjmError(
    'UNSUPPORTED',
    `${modelUrl}: expected at most ${String(MOST_BYTES)} bytes of weights in "${location}", got ${String(length)}.`,
  );
}

function partOf(
  modelUrl: string,
  { location, offset, length }: ExternalData,
  files: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  const address = addressOf(modelUrl, location);
  const bytes = files.get(address) ?? new Uint8Array();
  if (offset + length <= bytes.length) return bytes.subarray(offset, offset + length);
  throw new EdjmError(
    'INVALID_FILE',
    `${address}: expected ${String(length)} bytes of weights from byte ${String(offset)} on, got a file of ${String(bytes.length)} bytes. It may be truncated, or belong to another model.`,
  );
}
