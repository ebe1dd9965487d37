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
  /** Version of the package, if it loads. */
  readonly version?: string;
  /** Execution providers that work here. */
  readonly providers?: readonly string[];
  /** Execution providers of the build that do not work here, each with a remedy. */
  readonly unavailable?: readonly { readonly name: string; readonly problem: string }[];
  /** The reason why the package does not load, and a remedy. */
  readonly problem?: string;
}

/** Reports for both builds of ONNX Runtime whether they load here, the providers they run on, or the reason why they fail. */
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
