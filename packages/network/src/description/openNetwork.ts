import { EdjmError } from '@edjm/core';
import { type ByteSource, openFile, readStart } from '@edjm/files';
import type { Network } from '../layers/network.ts';
import type { NetworkDescription } from './networkDescription.ts';
import { networkFromFiles } from './networkFiles.ts';
import { parseDescription } from './parseDescription.ts';
import type { TensorMap } from './tensorMap.ts';

/** A description of a network, with its name. */
export type NamedDescription = NetworkDescription & { readonly name: string };

/** Options of `openNetwork`. */
export interface OpenNetworkOptions {
  /** The file of the weights. Defaults to `NAME.safetensors` beside `NAME.json`. */
  readonly weights?: string | URL;
  /** What the file of the weights calls tensors or layers. Defaults to the names of `networkParameters`. */
  readonly map?: TensorMap | undefined;
}

/**
 * The description of a network in a file `NAME.json`, by its path or URL. It takes the name of the file if it has none.
 *
 * @throws EdjmError as `openFile` of `@edjm/files`; `INVALID_FILE` with the path to the field.
 */
export async function openDescription(source: string | URL): Promise<NamedDescription> {
  const file = await openFile(source, { expected: 'a description of a network' });
  const bytes = await file.bytes();
  const description = inFile(file, () => parseDescription(parseJson(bytes)));
  return { name: file.name.replace(/\.json$/i, ''), ...description };
}

/**
 * A network with weights from its two files, by the path or URL of the description.
 *
 * @throws EdjmError as {@link openDescription} and {@link networkFromFiles}, with the name of the file.
 *
 * @example
 * ```ts
 * import { openNetwork } from '@edjm/network';
 *
 * const network = await openNetwork('digits.json'); // and digits.safetensors beside it
 * console.log(network.layers.length);
 * ```
 */
export async function openNetwork(source: string | URL, options: OpenNetworkOptions = {}): Promise<Network> {
  const description = await openDescription(source);
  const weights = options.weights ?? weightsBeside(source);
  const file = await openFile(weights, { expected: `the weights of ${String(source)}` });
  const bytes = await file.bytes();
  return inFile(file, () => networkFromFiles(description, bytes, options.map));
}

/** Where the weights of a description lie, unless someone says otherwise: `NAME.safetensors` beside `NAME.json`. */
export function weightsBeside(source: string | URL): string {
  const isAddress = source instanceof URL || /^https?:/i.test(source);
  const ending = isAddress ? /(\.json)?(?=[?#].*$|$)/i : /(\.json)?$/i;
  return String(source).replace(ending, '.safetensors');
}

/**
 * Whether a file describes a network: its JSON says so, or has layers and the shape of an input at its top, where models of TensorFlow.js
 * have neither.
 *
 * @throws EdjmError as `openFile`, if the file cannot be read.
 */
export async function isDescription(file: ByteSource & { bytes(): Promise<Uint8Array> }): Promise<boolean> {
  // Other models may be too large to be read for this.
  if (!/^\s*\{/.test(new TextDecoder().decode(await readStart(file, 64)))) return false;
  let json: unknown;
  try {
    json = parseJson(await file.bytes());
  } catch {
    return false;
  }
  if (typeof json !== 'object' || json === null) return false;
  return ('format' in json && json.format === 'edjm-network') || ('layers' in json && 'inputShape' in json);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EdjmError('INVALID_FILE', `expected JSON, got: ${reason}. Correct the file.`, { cause });
  }
}

/** Names the file in errors. */
function inFile<T>({ location }: ByteSource, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!EdjmError.is(error)) throw error;
    throw new EdjmError(error.code, `${location}: ${error.message}`, { cause: error });
  }
}
