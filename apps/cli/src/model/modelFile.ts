import { EdjmError } from '@edjm/core';
import { openFile, type OpenFile, readStart } from '@edjm/files';
import { isDescription } from '@edjm/network';
import type { ModelKind } from '../engines/engine.ts';
import { checkNotForeign } from './foreignModels.ts';

/**
 * Opens a model file, and determines its kind.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for a URL, weights alone, and files of other frameworks, with the lines that export them; as `openFile`.
 */
export async function openModelFile(
  path: string,
): Promise<{ readonly file: OpenFile; readonly kind: ModelKind }> {
  if (/^(https?|ftp):/i.test(path)) {
    throw new EdjmError('INVALID_ARGUMENT', `${path}: expected a file, got a URL. Download the model first.`);
  }
  const file = await openFile(path, { expected: 'a model' });
  if (/\.safetensors$/i.test(path)) {
    const described = path.replace(/safetensors$/i, 'json');
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${path}: expected a network, got weights alone. Give the description of its layers, ${described} beside it, or export the network to ONNX.`,
    );
  }
  await checkNotForeign(path, file);
  return { file, kind: await kindOf(file) };
}

/** How a zip archive (.keras), HDF5 (.h5) and JSON (model.json) begin: no ONNX file begins like that. */
const beginsAsTfjs = /^(PK|\x89HDF|(\xef\xbb\xbf)?\s*\{)/;

/** The first byte of ONNX files by exporters: the tag of their version, a backspace. */
const ONNX_BEGINNING = '\b';

/** The kind of a file: by its beginning, or else by its name. */
async function kindOf(file: OpenFile): Promise<ModelKind> {
  if (await isDescription(file)) return 'description';
  const text = String.fromCharCode(...(await readStart(file, 64)));
  if (beginsAsTfjs.test(text)) return 'tfjs';
  return !text.startsWith(ONNX_BEGINNING) && /\.(json|keras|h5|hdf5)$/i.test(file.name) ? 'tfjs' : 'onnx';
}
