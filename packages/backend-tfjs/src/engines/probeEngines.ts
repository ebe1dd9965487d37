import { type Engine, engineNames, type TfjsEngine } from './engine.ts';
import { tryEngine } from './loadEngine.ts';
import { tensorflowVersion } from './tensorflowKernels.ts';

/** Whether an engine of TensorFlow.js loads here. */
export interface TfjsEngineStatus {
  readonly name: TfjsEngine;
  /** Whether its package is installed, or it needs none. */
  readonly installed: boolean;
  /** The version, if the engine loads. */
  readonly version?: string;
  /** The reason why it does not load, and a remedy. */
  readonly problem?: string;
}

/** Reports for every engine whether it loads here, or the reason and a remedy. */
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
