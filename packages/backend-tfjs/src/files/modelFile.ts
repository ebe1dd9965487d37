import { inNode } from '../engines/environment.ts';
import { openLocalFile } from './localFile.ts';
import { openUrl } from './url.ts';

/** A file of a model, and those beside it. */
export interface ModelFile {
  /** A short name for messages and reports. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /**
   * A file in the model's own folder, or below it; a model cannot name any other.
   *
   * @throws EdjmError `INVALID_FILE` for a path that leaves the folder, and `NOT_FOUND`.
   */
  readonly beside: (path: string) => Promise<Uint8Array>;
}

/** Addresses that are fetched wherever this runs. A drive of Windows is no scheme. */
const FETCHED = /^(https?|blob|data):/i;

/** Opens a file or a URL: a string without a scheme is a path in Node and a URL in browsers. */
export async function openModelFile(source: string | URL): Promise<ModelFile> {
  const isFile = source instanceof URL ? source.protocol === 'file:' : !FETCHED.test(source);
  return inNode() && isFile ? openLocalFile(source) : openUrl(String(source));
}
