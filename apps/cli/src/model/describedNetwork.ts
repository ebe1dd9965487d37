import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { EdjmError } from '@edjm/core';
import { type Network, type NetworkDescription, networkFromFiles, parseDescription } from '@edjm/network';

/** A description whose network has a name. */
export type NamedDescription = NetworkDescription & { readonly name: string };

/**
 * Whether a file holds the description of a network: JSON that says so, or that has layers and the shape of an input, which models of
 * TensorFlow.js have not at their top.
 */
export async function isDescription(path: string): Promise<boolean> {
  try {
    // Other models may be too large to be read for this.
    if (!/^(\xef\xbb\xbf)?\s*\{/.test(await beginning(path))) return false;
    const json = parseJson(await readFile(path, 'utf8'));
    if (typeof json !== 'object' || json === null) return false;
    return ('format' in json && json.format === 'edjm-network') || ('layers' in json && 'inputShape' in json);
  } catch {
    // What reads the file says why it cannot be read.
    return false;
  }
}

/** The first bytes of a file, each as a character. */
export async function beginning(path: string): Promise<string> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
  return buffer.toString('latin1', 0, bytesRead);
}

/**
 * The description of a network in a file `NAME.json`, with the name of the file where it has none.
 *
 * @throws EdjmError `NOT_FOUND`; `INVALID_FILE` with the path to the field.
 */
export async function readDescription(path: string): Promise<NamedDescription> {
  const text = (await readBytes(path, 'a description of a network')).toString('utf8');
  const description = inFile(path, () => parseDescription(parseJson(text)));
  return { name: basename(path).replace(/\.json$/i, ''), ...description };
}

/**
 * A network with weights, from its two files.
 *
 * @param weights - Defaults to `NAME.safetensors` beside `NAME.json`.
 * @throws EdjmError as {@link readDescription} and `networkFromFiles`.
 */
export async function readTrained(path: string, weights: string = weightsBeside(path)): Promise<Network> {
  const description = await readDescription(path);
  const bytes = await readBytes(weights, `the weights of ${path}`);
  return inFile(weights, () => networkFromFiles(description, bytes));
}

/** Where the weights of a description are looked for. */
export function weightsBeside(path: string): string {
  return `${path.replace(/\.json$/i, '')}.safetensors`;
}

async function readBytes(path: string, what: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EdjmError(
      isMissing ? 'NOT_FOUND' : 'INVALID_FILE',
      `${path}: expected ${what}, got ${isMissing ? 'no file there' : reason}. Check the path.`,
      { cause },
    );
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\u{feff}/u, ''));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EdjmError('INVALID_FILE', `expected JSON, got: ${reason}. Correct the file.`, { cause });
  }
}

/** Names the file in what is thrown. */
function inFile<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!EdjmError.is(error)) throw error;
    throw new EdjmError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}
