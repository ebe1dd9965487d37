import { openFile } from '@edjm/files';
import { shardPaths } from './modelJson.ts';

/**
 * The files beside a model.json that hold its weights, as it names them; none for Keras files, whose weights are inside.
 *
 * @throws EdjmError as `load` of the backend, for a file that is no model.
 *
 * @example
 * ```ts
 * import { weightFiles } from '@edjm/backend-tfjs';
 *
 * console.log(await weightFiles('model.json')); // [ 'group1-shard1of1.bin' ], say
 * ```
 */
export async function weightFiles(source: string | URL): Promise<readonly string[]> {
  const file = await openFile(source, { expected: 'a model' });
  const bytes = await file.bytes();
  const isJson = /^(\xef\xbb\xbf)?\s*\{/.test(String.fromCharCode(...bytes.subarray(0, 64)));
  return isJson ? shardPaths(file, bytes) : [];
}
