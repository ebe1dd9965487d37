import { type Engine, engineNames, type TfjsEngine } from './engine.ts';
import { tryEngine } from './loadEngine.ts';
import { tensorflowVersion } from './tensorflowKernels.ts';

/** Whether an engine of TensorFlow.js loads here. */
export interface TfjsEngineStatus {
  readonly name: TfjsEngine;
  /** Whether its package is there, or it needs none. */
  readonly installed: boolean;
  /** The version, if the engine loads. */
  readonly version?: string;
  /** Why it does not load, and what to do. */
  readonly problem?: string;
}

/** Says of every engine whether it loads here, and if it does not, why and what to do. */
export async function probeTfjsEngines(): Promise<readonly TfjsEngineStatus[]> {
  const statuses: TfjsEngineStatus[] = [];
  for (const name of engineNames) {
    const loaded = await tryEngine(name);
    statuses.push('tf' in loaded ? { name, installed: true, version: versionOf(loaded) } : loaded);
  }
  return statuses;
}

/** An engine's description of itself. */
function versionOf({ name, tf }: Engine): string {
  const versions: Readonly<Record<string, string>> = tf.version;
  const native = versions['tfjs-node'] ?? versions['tfjs-node-gpu'];
  return name === 'tensorflow' && native !== undefined
    ? `tfjs-node ${native}, TensorFlow ${tensorflowVersion(tf) ?? 'of an unknown version'}`
    : `tfjs ${versions['tfjs-core'] ?? 'of an unknown version'}`;
}
