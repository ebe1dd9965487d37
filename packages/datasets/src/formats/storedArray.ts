import type { ArrayHeader } from './arrayHeader.ts';
import type { ByteSource } from '@edjm/files';

/** An array on disk: its shape and type, the source of its bytes, and its hash. */
export interface StoredArray {
  /** Short, for reports; `bytes.location` is the full one, for messages. */
  readonly name: string;
  readonly header: ArrayHeader;
  readonly bytes: ByteSource;
  sha256(): Promise<string>;
}

/** Samples, or the class of each. */
export type Part = 'samples' | 'labels';
