import type * as OnnxRuntimeNode from 'onnxruntime-node';
import type { Runtime } from './engine.ts';
import { importInNode } from './importInNode.ts';
import { importError } from './importError.ts';

const PACKAGE = 'onnxruntime-node';

const remedies: Readonly<Record<string, string>> = {
  cuda: `Install its libraries, with CUDA 12 and cuDNN 9 (Linux x64): ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild ${PACKAGE}`,
  tensorrt: `Install its libraries, with CUDA 12 and TensorRT (Linux x64): ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild ${PACKAGE}`,
  webgpu:
    'It needs a graphics driver with Vulkan, Direct3D 12 or Metal. On Debian and Ubuntu: apt-get install mesa-vulkan-drivers',
  dml: 'DirectML is there on Windows alone.',
  coreml: 'Core ML is there on macOS alone.',
  wasm: "It comes with the web runtime: npm install onnxruntime-web, and runtime: 'web' or 'auto'.",
};

/**
 * Imports ONNX Runtime for Node.
 *
 * @throws EdjmError `ENGINE_UNAVAILABLE` with the reason and the command that mends it.
 */
export async function nodeRuntime(): Promise<Runtime> {
  try {
    const library = (await importInNode(PACKAGE)) as typeof OnnxRuntimeNode;
    return {
      name: PACKAGE,
      version: library.env.versions.node,
      library,
      providers: library.listSupportedBackends().map(({ name }) => name),
      processor: 'cpu',
      fillsOutputs: true,
      serially: (work) => work(),
      remedy: (provider) => remedies[provider] ?? 'Choose one of those.',
    };
  } catch (cause) {
    throw importError(PACKAGE, cause);
  }
}
