export {
  onnxBackend,
  type OnnxBackendOptions,
  type OnnxLoadOptions,
  type OnnxSource,
} from './onnxBackend.ts';
export { networkToModel } from './networkToModel.ts';
export { probeEngine, type EngineStatus } from './engine.ts';
