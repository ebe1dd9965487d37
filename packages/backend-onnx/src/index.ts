export { onnxBackend, type OnnxLoadOptions, type OnnxSource } from './onnxBackend.ts';
export type { FixedValue } from '@edjm/onnx-autodiff';
export { networkToModel } from './networkToModel.ts';
export { networkToOnnx } from './networkToOnnx.ts';
export type { EngineOptions as OnnxBackendOptions, ExecutionProvider } from './engine.ts';
export { probeEngines, type EngineStatus } from './probeEngines.ts';
