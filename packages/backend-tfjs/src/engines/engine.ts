import type { Tf } from './tf.ts';
import { withBetterKernels } from './betterKernels.ts';

/** The engines that TensorFlow.js computes with. */
export type TfjsEngine =
  /** TensorFlow itself, native code: @tensorflow/tfjs-node or @tensorflow/tfjs-node-gpu, in Node. */
  | 'tensorflow'
  | 'webgpu'
  | 'webgl'
  /** WebAssembly, in browsers and in Node. */
  | 'wasm'
  /** Plain JavaScript, everywhere. */
  | 'cpu';

/** All engines, the best first. */
export const engineNames: readonly TfjsEngine[] = ['tensorflow', 'webgpu', 'webgl', 'wasm', 'cpu'];

/** Which engine to use. */
export interface TfjsEngineOptions {
  /**
   * Defaults to `'auto'`: the engine that is active in `tf`, if `tf` is given, and otherwise the first that loads, in the
   * order tensorflow, webgpu, webgl, wasm, cpu.
   */
  readonly engine?: TfjsEngine | 'auto' | undefined;
  /** An instance of TensorFlow.js to work with, with its engine's package imported. Defaults to one that is imported when it is first needed. */
  readonly tf?: Tf | undefined;
  /**
   * Threads of one operation, 1024 at most, for the engines `'tensorflow'`, if it is not imported yet, and `'wasm'`, which
   * has several only in pages that are cross-origin isolated. Defaults to all cores.
   */
  readonly threads?: number | undefined;
  /** The URL of the folder of the .wasm files, for the engine `'wasm'` in a browser. Defaults to the folder of the page. */
  readonly wasmPath?: string | undefined;
}

/** An engine that works here. */
export interface Engine {
  readonly name: TfjsEngine;
  readonly tf: Tf;
  /** Engines that are better but do not load, with the reason: of `'auto'`. */
  readonly passedOver: readonly EngineProblem[];
}

/** The reason why an engine does not load, and a remedy. */
export interface EngineProblem {
  readonly name: TfjsEngine;
  /** Whether its package is installed, or it needs none. */
  readonly installed: boolean;
  readonly problem: string;
}

/** Does work in an engine. TensorFlow.js has one active engine at a time; the one before is active again afterwards. */
export function inEngine<T>(engine: Engine, work: () => T): T {
  const restore = activate(engine);
  try {
    return withBetterKernels(engine.tf, engine.name, work);
  } finally {
    restore();
  }
}

/** Does work that waits, with an engine active: other work that runs in between finds it so. */
export async function whileActive<T>(engine: Engine, work: () => Promise<T>): Promise<T> {
  const restore = activate(engine);
  try {
    return await work();
  } finally {
    restore();
  }
}

/**
 * Makes an engine the active one, and returns a function that makes the one before active again. If there was none, this
 * one stays.
 *
 * Of engines that have been initialized, `setBackend` takes effect before its promise is waited for.
 */
function activate({ tf, name }: Engine): () => void {
  const before = activeEngine(tf);
  if (before === name) return () => undefined;
  void tf.setBackend(name);
  return () => {
    if (before !== undefined && before in tf.engine().registry) void tf.setBackend(before);
  };
}

/** The engine that TensorFlow.js has active, if it has one. */
export function activeEngine(tf: Tf): string | undefined {
  // Declared always to be a name, which it is not before there is one.
  const name: string | undefined = tf.getBackend();
  return name === '' ? undefined : name;
}
