export { tfjsBackend, type TfjsBackend, type TfjsLoadOptions } from './tfjsBackend.ts';
export { inspectTfjs } from './sources/inspectTfjs.ts';
export type { TfjsSource } from './sources/modelFunction.ts';
export type { EngineProblem, TfjsEngine, TfjsEngineOptions } from './engines/engine.ts';
export type { Tf } from './engines/tf.ts';
export { probeTfjsEngines, type TfjsEngineStatus } from './engines/probeEngines.ts';
export { type LayersModelFiles, writeLayersModel } from './writing/writeLayersModel.ts';
export { weightFiles } from './sources/weightFiles.ts';
