import { EdjmError } from '@edjm/core';
import { type OpenFile, type OpenOptions, wantedOf } from './file.ts';
import { openLocalFile } from './localFile.ts';
import { memoryFile } from './memoryFile.ts';
import { inNode, node } from './node.ts';
import { reasonOf, refusal } from './refusal.ts';
import { openUrl } from './urlFile.ts';

/** A path, a URL, or bytes. A string without a scheme is a path in Node and an address relative to the page in browsers. */
export type FileSource = string | URL | Uint8Array;

/**
 * Opens a file: a path or `file:` URL in Node, an `http:` or `https:` URL anywhere, or bytes. It opens `blob:` and `data:` URLs too, which are
 * bytes that a page holds already; nothing stands beside them.
 *
 * A file on disk is checked now and read later. A URL is fetched now as a whole and held in memory.
 *
 * @throws EdjmError `NOT_FOUND` if there is no such file or the server does not give it; `INVALID_FILE` for folders, pipes, sockets and
 * devices, at once and without opening them, and for more than `maxBytes` from a server; `UNSUPPORTED` for URLs of another kind;
 * `INVALID_ARGUMENT` for a `file:` URL that is no path.
 *
 * @example
 * ```ts
 * import { openFile } from '@edjm/files';
 *
 * const model = await openFile('models/model.onnx', { expected: 'an .onnx file' });
 * console.log(model.name, model.length); // 'model.onnx' and its size
 * const weights = await model.beside('model.onnx.data', { expected: 'the weights of the model' });
 * console.log((await weights.bytes()).length);
 * ```
 */
export async function openFile(source: FileSource, options: OpenOptions = {}): Promise<OpenFile> {
  const wanted = wantedOf(options);
  if (source instanceof Uint8Array) return memoryFile(source, wanted);
  const scheme = schemeOf(source);
  const address = String(source);
  if (inNode() && scheme === undefined) return openLocalFile(address, wanted);
  if (inNode() && scheme === 'file') return openLocalFile(pathOf(address), wanted);
  if (scheme === undefined || /^(https?|blob|data)$/.test(scheme)) return openUrl(address, wanted);
  throw refusal(address, {
    code: 'UNSUPPORTED',
    expected: inNode() ? 'a path, or a URL of http, https or file' : 'a URL of http or https',
    got: `one of ${scheme}`,
    todo: 'Download the file first.',
  });
}

/** The scheme of a URL, in lower case. A drive of Windows is no scheme, and the name of a file may hold a colon. */
function schemeOf(source: string | URL): string | undefined {
  if (source instanceof URL) return source.protocol.slice(0, -1);
  const [, known, other] = /^(?:(https?|blob|data|file):|([a-z][a-z0-9+.-]+):\/\/)/i.exec(source) ?? [];
  return (known ?? other)?.toLowerCase();
}

function pathOf(address: string): string {
  try {
    return node.url.fileURLToPath(address);
  } catch (cause) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${address}: expected the file: URL of a path, got: ${reasonOf(cause)}. Write it with pathToFileURL, or give the path.`,
      { cause },
    );
  }
}
