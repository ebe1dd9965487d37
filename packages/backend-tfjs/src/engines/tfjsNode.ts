import type { Tf } from './tf.ts';
import { importInNode } from './importing.ts';

/** A function of Node's util that @tensorflow/tfjs-node 4.22 calls and Node 23 has removed. */
interface OldUtil {
  isNullOrUndefined?: (value: unknown) => boolean;
}

/** The packages with TensorFlow inside, the better one first. */
export const nodePackages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/** One of the packages with TensorFlow inside. */
export type NodePackage = (typeof nodePackages)[number];

/**
 * Imports a package with TensorFlow inside. On Node 23 and newer, `util.isNullOrUndefined` is put back first, which its kernels
 * call; TensorFlow's own log is kept to errors unless `TF_CPP_MIN_LOG_LEVEL` says otherwise.
 *
 * @throws Error if the package is not installed, or its native part is missing: a package that is imported without leaves its
 * kernels behind.
 */
export async function loadTfjsNode(
  name: NodePackage = '@tensorflow/tfjs-node',
  threads?: number,
): Promise<Tf> {
  requireNativePart(name);
  // Read once, when TensorFlow makes its threads.
  if (threads !== undefined) process.env['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
  const util: OldUtil = process.getBuiltinModule('node:util');
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  return importInNode<Tf>(name);
}

function requireNativePart(name: NodePackage): void {
  const fs = process.getBuiltinModule('node:fs');
  const path = process.getBuiltinModule('node:path');
  const { resolve } = process.getBuiltinModule('node:module').createRequire(import.meta.url);
  const folder = path.join(path.dirname(resolve(`${name}/package.json`)), 'lib');
  const built = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  if (built.some((version) => fs.existsSync(path.join(folder, version, 'tfjs_binding.node')))) return;
  throw new Error('its native part, tfjs_binding.node, is not there');
}
