import { checkThreads, EdjmError } from '@edjm/core';
import type { Engine, EngineOptions, Runtime } from './engine.ts';
import { inNode } from '@edjm/files';
import { providerName, requireProvider, runsFloat64 } from './executionProviders.ts';
import { nodeRuntime } from './nodeRuntime.ts';
import { webRuntime } from './webRuntime.ts';

/**
 * Loads the runtime that the options name and makes sure that every provider works.
 *
 * @throws EdjmError `ENGINE_UNAVAILABLE` with the reason and the command that mends it; `INVALID_ARGUMENT`.
 */
export async function loadEngine(options: EngineOptions = {}): Promise<Engine> {
  checkThreads(options.threads);
  const runtime = await chosenRuntime(options);
  const executionProviders = options.executionProviders ?? [runtime.processor];
  if (executionProviders.length === 0) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected execution providers, got an empty list. ${runtime.name} knows ${runtime.providers.join(', ')} here.`,
    );
  }
  for (const provider of executionProviders) await requireProvider(runtime, provider);
  const { library, processor, fillsOutputs, serially } = runtime;
  return {
    library,
    processor,
    fillsOutputs,
    serially,
    executionProviders,
    float64: await runsFloat64(runtime, executionProviders),
    threads: options.threads,
  };
}

function chosenRuntime({
  runtime = 'auto',
  executionProviders = [],
  ...options
}: EngineOptions): Promise<Runtime> {
  const names = executionProviders.map(providerName);
  const native = runtime === 'auto' ? inNode() && !names.includes('wasm') : runtime === 'node';
  return native ? nodeRuntime() : webRuntime(options, names.includes('webgpu'));
}
