import { EdjmError } from '@edjm/core';
import type { ByteSource } from '@edjm/files';
import { elementBytes, type ElementType } from './elementType.ts';

/** The place of an array in its bytes, its shape and its element type. */
export interface ArrayHeader {
  readonly element: ElementType;
  /** Sizes of all axes; the first one counts the samples. */
  readonly shape: readonly number[];
  /** Whether the first axis varies fastest (Fortran order). */
  readonly columnMajor: boolean;
  /** Bytes before the first record. */
  readonly start: number;
  /** Bytes from one sample to the next, where samples do not follow each other without a gap. */
  readonly recordBytes?: number;
  /** Bytes before the sample inside its record. */
  readonly recordOffset?: number;
}

/** Product of the axes after the first: values in one sample. */
export function valuesPerSample(header: ArrayHeader): number {
  return header.shape.slice(1).reduce((product, size) => product * size, 1);
}

/** Bytes from one sample to the next. */
export function bytesPerRecord(header: ArrayHeader): number {
  return header.recordBytes ?? valuesPerSample(header) * elementBytes(header.element);
}

/**
 * Refuses an array that its bytes cannot hold, before anything is allocated for it.
 *
 * @throws EdjmError `INVALID_FILE`: the shape is beyond any file, or bytes are missing or left over.
 */
export function checkLength(header: ArrayHeader, source: ByteSource): void {
  const rows = header.shape[0] ?? 1;
  const needed = header.start + rows * bytesPerRecord(header);
  const shape = `shape (${header.shape.join(', ')}) of ${elementBytes(header.element)}-byte elements`;
  if (!Number.isSafeInteger(needed) || needed > source.length) {
    throw truncated(source.location, `${needed} bytes for ${shape}`, `${atMost(source)} bytes`);
  }
  if (source.lengthIsExact && needed < source.length) {
    throw trailing(source.location, `${needed} bytes for ${shape}`, `${source.length} bytes`);
  }
}

/** The error for an array whose bytes end too early. */
export function truncated(name: string, expected: string, got: string): EdjmError {
  return new EdjmError(
    'INVALID_FILE',
    `${name}: expected ${expected}, got ${got}. The file is cut short or its header is damaged: write or download it again.`,
  );
}

/** The error for bytes after the end of an array. */
export function trailing(name: string, expected: string, got: string): EdjmError {
  return new EdjmError(
    'INVALID_FILE',
    `${name}: expected ${expected}, got ${got}. Something follows the array, or its header is damaged: write the file again.`,
  );
}

function atMost(source: ByteSource): string {
  return source.lengthIsExact ? String(source.length) : `at most ${source.length}`;
}
