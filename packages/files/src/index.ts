export { openFile, type FileSource } from './openFile.ts';
export { MAX_BYTES } from './boundedReads.ts';
export type { OpenFile, OpenOptions } from './file.ts';
export {
  readStart,
  type ByteReader,
  type ByteSource,
  type RandomReader,
  type RandomSource,
} from './byteSource.ts';
export { gunzipped, isGzip } from './gzip.ts';
export { isZip, openZip, type ArchiveOptions, type ZipMember } from './zip.ts';
export { sha256 } from './sha256.ts';
export { inNode } from './node.ts';
