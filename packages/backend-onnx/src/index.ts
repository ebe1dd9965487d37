export { inspectOnnx } from './inspectOnnx.ts';
export { onnxBackend, type OnnxLoadOptions, type OnnxSource } from './onnxBackend.ts';
export type { FixedValue } from '@edjm/onnx-autodiff';
export { networkToModel } from './network/networkToModel.ts';
export { networkToOnnx } from './network/networkToOnnx.ts';
export type { EngineOptions as OnnxBackendOptions, ExecutionProvider } from './runtime/engine.ts';
export { probeEngines, type EngineStatus } from './runtime/probeEngines.ts';
export { weightFiles } from './modelSource.ts';
