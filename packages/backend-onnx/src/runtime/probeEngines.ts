import { EdjmError } from '@edjm/core';
import type { Runtime } from './engine.ts';
import { providerProblem } from './executionProviders.ts';
import { isMissing } from './importError.ts';
import { nodeRuntime } from './nodeRuntime.ts';
import { webRuntime } from './webRuntime.ts';

/** Whether a build of ONNX Runtime loads here, for `edjm doctor`. */
export interface EngineStatus {
  readonly name: Runtime['name'];
  readonly installed: boolean;
  /** Version of the package, where it loads. */
  readonly version?: string;
  /** Execution providers that work here. */
  readonly providers?: readonly string[];
  /** Execution providers that the build knows but that do not work here, with what to do. */
  readonly unavailable?: readonly { readonly name: string; readonly problem: string }[];
  /** Why the package does not load, and what to do. */
  readonly problem?: string;
}

/** Says of both builds of ONNX Runtime whether they load here and what they run on, and if they do not, why. */
export async function probeEngines(): Promise<readonly EngineStatus[]> {
  return [
    await probe('onnxruntime-node', nodeRuntime),
    await probe('onnxruntime-web', () => webRuntime({}, false)),
  ];
}

async function probe(name: Runtime['name'], load: () => Promise<Runtime>): Promise<EngineStatus> {
  try {
    return { name, installed: true, ...(await probeProviders(await load())) };
  } catch (error) {
    if (!EdjmError.is(error)) throw error;
    return { name, installed: !isMissing(error.cause), problem: error.message };
  }
}

async function probeProviders(runtime: Runtime): Promise<Omit<EngineStatus, 'name' | 'installed'>> {
  const results: { readonly name: string; readonly problem?: string }[] = [];
  for (const name of runtime.providers) {
    const error = await providerProblem(runtime, name);
    results.push({ name, ...(error && { problem: `${error.message}. ${runtime.remedy(name)}` }) });
  }
  return {
    ...(runtime.version !== undefined && { version: runtime.version }),
    providers: results.flatMap(({ name, problem }) => (problem === undefined ? [name] : [])),
    unavailable: results.flatMap(({ name, problem }) => (problem === undefined ? [] : [{ name, problem }])),
  };
}
