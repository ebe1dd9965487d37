import { EdjmError, serialQueue, type SerialQueue } from '@edjm/core';
import type * as OnnxRuntime from 'onnxruntime-common';
import type { EngineOptions, Runtime } from './engine.ts';
import { inNode } from '@edjm/files';
import { importInNode } from './importInNode.ts';
import { importError } from './importError.ts';

const PACKAGE = 'onnxruntime-web';

type Library = typeof OnnxRuntime;

/** The settings of started builds, which keep their threads and paths. */
const started = new WeakMap<Library, SerialQueue>();

/**
 * Imports ONNX Runtime for the web and applies the settings of the whole page: threads, and the place of its files.
 *
 * @throws EdjmError `ENGINE_UNAVAILABLE` with the reason and the command that mends it; `INVALID_ARGUMENT` for a number of
 * threads other than the one that it runs with already.
 */
export async function webRuntime(
  options: Pick<EngineOptions, 'threads' | 'wasmPaths'>,
  onGpu: boolean,
): Promise<Runtime> {
  const library = await importLibrary(onGpu);
  return {
    name: PACKAGE,
    version: library.env.versions.web,
    library,
    providers: inNode() ? ['wasm'] : ['wasm', 'webgpu'],
    processor: 'wasm',
    fillsOutputs: false,
    serially: start(library, options),
    remedy,
  };
}

/** The build without WebGPU is half as large to download. In Node there is one build, with WebAssembly alone. */
async function importLibrary(onGpu: boolean): Promise<Library> {
  try {
    if (inNode()) return (await importInNode(PACKAGE)) as Library;
    return await (onGpu ? import('onnxruntime-web/webgpu') : import('onnxruntime-web/wasm'));
  } catch (cause) {
    throw importError(PACKAGE, cause);
  }
}

function start(
  library: Library,
  { threads, wasmPaths }: Pick<EngineOptions, 'threads' | 'wasmPaths'>,
): SerialQueue {
  const { wasm } = library.env;
  const running = started.get(library);
  const possible = typeof SharedArrayBuffer === 'undefined' ? 1 : threads;
  if (threads !== undefined && possible !== wasm.numThreads && running) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected ${String(wasm.numThreads)} threads, with which the web runtime has been started, got ${String(threads)}. Choose them when the first network is loaded.`,
    );
  }
  if (running) return running;
  if (threads !== undefined && possible !== undefined) wasm.numThreads = possible;
  if (wasmPaths !== undefined) wasm.wasmPaths = wasmPaths;
  const serially = serialQueue();
  started.set(library, serially);
  return serially;
}

function remedy(provider: string): string {
  if (provider === 'wasm') {
    return `Serve the .wasm and .mjs files of ${PACKAGE} with the page, and give their place: onnxBackend({ wasmPaths })`;
  }
  if (provider !== 'webgpu') return 'Choose one of those.';
  return inNode()
    ? "WebGPU of the web runtime is there in browsers alone; in Node there is the one of runtime: 'node'."
    : "Choose 'wasm', or a browser and a graphics driver with WebGPU; chrome://gpu says what Chromium has.";
}
