import type * as OnnxRuntime from 'onnxruntime-common';
import type { SerialQueue } from '@edjm/core';

/** An execution provider of ONNX Runtime: its name, such as `'cuda'`, or its name with options. */
export type ExecutionProvider = OnnxRuntime.InferenceSession.ExecutionProviderConfig;

/** Which build of ONNX Runtime to use, and on what. */
export interface EngineOptions {
  /**
   * `'node'` is onnxruntime-node, native code; `'web'` is onnxruntime-web, WebAssembly and WebGPU. Defaults to `'auto'`: native
   * code in Node, unless the provider `'wasm'` is asked for, and the web runtime elsewhere.
   */
  readonly runtime?: 'node' | 'web' | 'auto' | undefined;
  /**
   * The providers that run the graphs, the preferred one first; a node that it lacks runs on the processor. Each one must
   * be there. Defaults to the processor: `['cpu']` in the node runtime, `['wasm']` in the web runtime.
   */
  readonly executionProviders?: readonly ExecutionProvider[] | undefined;
  /**
   * Threads of one matrix product, 1024 at most. Defaults to the number of physical cores in the node runtime, and in the web runtime to
   * half of the cores, four at most. Threads of WebAssembly share memory: a page without `SharedArrayBuffer`, that is
   * one that is not cross-origin isolated, has one, whatever is asked for.
   */
  readonly threads?: number | undefined;
  /**
   * Where the web runtime finds its .wasm and .mjs files: the URL of a folder, or of each file. Defaults to where
   * onnxruntime-web looks for them: where the bundler put them, or beside its own script.
   */
  readonly wasmPaths?: OnnxRuntime.Env.WasmPrefixOrFilePaths | undefined;
}

/** A build of ONNX Runtime that has been imported. */
export interface Runtime {
  readonly name: 'onnxruntime-node' | 'onnxruntime-web';
  readonly version: string | undefined;
  readonly library: Pick<typeof OnnxRuntime, 'InferenceSession' | 'Tensor'>;
  /** Providers that the build knows. Only using one shows whether it works here. */
  readonly providers: readonly string[];
  /** The provider that every machine has: the default. */
  readonly processor: 'cpu' | 'wasm';
  /** Whether a run fills the output tensors that it is given. */
  readonly fillsOutputs: boolean;
  /** The queue in which sessions are made, run and released: the web runtime does one thing at a time. */
  readonly serially: SerialQueue;
  /** The remedy if a provider is missing. */
  readonly remedy: (provider: string) => string;
}

/** The runtime and the options that sessions are made with. */
export interface Engine extends Pick<Runtime, 'library' | 'processor' | 'fillsOutputs' | 'serially'> {
  /** Whether nodes in float64 run, be it on the processor beside the provider. */
  readonly float64: boolean;
  readonly executionProviders: readonly ExecutionProvider[];
  readonly threads: number | undefined;
}
