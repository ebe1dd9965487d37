import { openFile, type OpenFile, sha256 } from '@edjm/files';

/** Finds a file of data on disk. */
export function openDataFile(path: string): Promise<OpenFile> {
  return openFile(path, { expected: 'a data file' });
}

/** SHA-256 over the bytes of files, one after the other, in lower-case hexadecimal. */
export async function hashOfFiles(paths: readonly string[]): Promise<string> {
  return sha256(await Promise.all(paths.map(openDataFile)));
}
