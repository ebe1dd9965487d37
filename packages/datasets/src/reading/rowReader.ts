import {
  bytesPerRecord,
  trailing,
  truncated,
  valuesPerSample,
  type ArrayHeader,
} from '../formats/arrayHeader.ts';
import type { ByteReader, ByteSource, RandomReader } from '@edjm/files';
import { elementBytes } from '../formats/elementType.ts';

/** The samples' bytes in order, each sample's values side by side. */
export interface RowReader {
  /** Fills the first `rows` rows of `into`, which has room for as many records. */
  next(into: Uint8Array, rows: number): Promise<void>;
  /** Called after the last row: refuses bytes that follow it. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

const SKIP_BYTES = 65_536;
const BLOCK_BYTES = 2 ** 24;

/** Opens an array's rows. A column-major array must have two axes and a source that can be read at any position. */
export async function openRows(header: ArrayHeader, bytes: ByteSource): Promise<RowReader> {
  if (header.columnMajor && bytes.openRandom !== undefined) {
    return columnMajorRows(header, bytes.location, await bytes.openRandom());
  }
  if (header.start > SKIP_BYTES && bytes.openRandom !== undefined) {
    return rowMajorRows(header, bytes.location, readerFrom(header.start, await bytes.openRandom()));
  }
  const reader = await bytes.open();
  try {
    await skip(reader, header.start);
  } catch (error) {
    await reader.close();
    throw error;
  }
  return rowMajorRows(header, bytes.location, reader);
}

function rowMajorRows(header: ArrayHeader, name: string, reader: ByteReader): RowReader {
  const rowBytes = valuesPerSample(header) * elementBytes(header.element);
  const recordBytes = bytesPerRecord(header);
  const { recordOffset = 0 } = header;
  let row = 0;
  return {
    async next(into, rows) {
      const asked = rows * recordBytes;
      const got = await reader.read(into.subarray(0, asked));
      if (got < asked) {
        throw truncated(
          name,
          `${header.shape[0]} samples of ${recordBytes} bytes`,
          `${row + Math.floor(got / recordBytes)}`,
        );
      }
      row += rows;
      if (recordBytes === rowBytes) return;
      for (let i = 0; i < rows; i++) {
        const from = i * recordBytes + recordOffset;
        into.copyWithin(i * rowBytes, from, from + rowBytes);
      }
    },
    async finish() {
      if ((await reader.read(new Uint8Array(1))) > 0) {
        throw trailing(
          name,
          `the end after ${header.shape[0]} samples of ${recordBytes} bytes`,
          'more bytes',
        );
      }
    },
    close: () => reader.close(),
  };
}

/** Rows of a matrix that lies column after column, read in blocks of rows: one read a block and column. */
function columnMajorRows(header: ArrayHeader, name: string, reader: RandomReader): RowReader {
  const size = elementBytes(header.element);
  const [n = 0, columns = 0] = header.shape;
  const blockRows = Math.min(n, Math.max(1, Math.floor(BLOCK_BYTES / (columns * size))));
  const block = new Uint8Array(blockRows * columns * size);
  let row = 0;
  let blockStart = 0;
  let blockEnd = 0;

  const readBlock = async (): Promise<void> => {
    blockStart = row;
    blockEnd = Math.min(n, row + blockRows);
    const partBytes = (blockEnd - blockStart) * size;
    for (let column = 0; column < columns; column++) {
      const part = block.subarray(column * blockRows * size).subarray(0, partBytes);
      const got = await reader.readAt(part, header.start + (column * n + row) * size);
      if (got < partBytes)
        throw truncated(name, `${columns} columns of ${n} numbers`, `${column} whole ones`);
    }
  };

  return {
    async next(into, rows) {
      for (let done = 0; done < rows;) {
        if (row === blockEnd) await readBlock();
        const count = Math.min(rows - done, blockEnd - row);
        for (let column = 0; column < columns; column++) {
          for (let i = 0; i < count; i++) {
            const from = (column * blockRows + row - blockStart + i) * size;
            const to = ((done + i) * columns + column) * size;
            for (let byte = 0; byte < size; byte++) into[to + byte] = block[from + byte] as number;
          }
        }
        done += count;
        row += count;
      }
    },
    finish: () => Promise.resolve(),
    close: () => reader.close(),
  };
}

/** Bytes in order from a position on. */
function readerFrom(start: number, random: RandomReader): ByteReader {
  let position = start;
  return {
    async read(into) {
      const count = await random.readAt(into, position);
      position += count;
      return count;
    },
    close: () => random.close(),
  };
}

async function skip(reader: ByteReader, count: number): Promise<void> {
  for (let left = count; left > 0; left -= SKIP_BYTES)
    await reader.read(new Uint8Array(Math.min(left, SKIP_BYTES)));
}
