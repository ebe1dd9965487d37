import type { RandomSource } from './byteSource.ts';
import { MAX_BYTES } from './boundedReads.ts';

/** Options of `openFile`, and of `beside`. */
export interface OpenOptions {
  /** The expected kind of the file, for messages. Defaults to `'a file'`. */
  readonly expected?: string;
  /**
   * The most bytes to hold in memory: of a file that is read whole, and of anything that is fetched. Defaults to 4 GiB. A file on disk that
   * is read in parts may be larger.
   */
  readonly maxBytes?: number;
  /** A short name for bytes, and for addresses without one. Defaults to `'the file'`. */
  readonly name?: string;
}

/** Options with their defaults. */
export type Wanted = Required<OpenOptions>;

/** A file that was found. Nothing of it stays open between two reads. */
export interface OpenFile extends RandomSource {
  /**
   * All bytes. Other readers may share them: do not change them.
   *
   * @throws EdjmError `INVALID_FILE` for more than `maxBytes`, before memory is taken for them.
   */
  bytes(): Promise<Uint8Array>;
  /**
   * The bytes in a place of the file; no others are read. Do not change them either.
   *
   * @throws EdjmError `INVALID_FILE` if the file ends before them, and for more than `maxBytes`, before memory is taken for them.
   */
  range(from: number, length: number): Promise<Uint8Array>;
  /**
   * Opens a file beside this one, or in a folder below. The name may come from a file that nobody trusts: dots (encoded or not), absolute
   * names, drives, backslashes, schemes, symbolic links and redirects do not lead out of the folder.
   *
   * @throws EdjmError `INVALID_FILE` for a name that leads out of the folder, `INVALID_ARGUMENT` if this file is bytes,
   * which have no folder, and all errors of `openFile`.
   */
  beside(name: string, options?: OpenOptions): Promise<OpenFile>;
}

/** The options with their defaults. */
export function wantedOf({
  expected = 'a file',
  maxBytes = MAX_BYTES,
  name = 'the file',
}: OpenOptions): Wanted {
  return { expected, maxBytes, name };
}
