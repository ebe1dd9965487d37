import { EdjmError } from '@edjm/core';
import { writeModel, type ElementType, type Graph, type Node } from '@edjm/onnx-autodiff';
import type { ExecutionProvider, Runtime } from './engine.ts';

/** The name of a provider. */
export function providerName(provider: ExecutionProvider): string {
  return typeof provider === 'string' ? provider : provider.name;
}

/** The reason why a provider does not work here, or nothing if it works. It is tried in a session of its own. */
export async function providerProblem(
  runtime: Runtime,
  provider: ExecutionProvider,
): Promise<Error | undefined> {
  if (!runtime.providers.includes(providerName(provider))) return new Error('no provider of that name');
  return problemOf(identity, runtime, [provider]);
}

/** Whether graphs in float64 run. */
export async function runsFloat64(
  runtime: Runtime,
  executionProviders: readonly ExecutionProvider[],
): Promise<boolean> {
  return (await problemOf(square, runtime, executionProviders)) === undefined;
}

/** The reason why no session can be made for a graph, or nothing if one can. */
async function problemOf(
  graph: Graph,
  { library, serially }: Runtime,
  executionProviders: readonly ExecutionProvider[],
): Promise<Error | undefined> {
  try {
    await serially(async () => {
      const session = await library.InferenceSession.create(writeModel(graph), {
        executionProviders,
        logSeverityLevel: 4,
      });
      await session.release();
    });
    return undefined;
  } catch (cause) {
    return new Error(reasonOf(cause), { cause });
  }
}

/** The message of an error, without the place in ONNX Runtime that it names first. */
function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message
    .replace(/^.* was false\. /s, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/\.$/, '');
}

/**
 * Makes sure that a provider works: ONNX Runtime itself silently skips some that do not.
 *
 * @throws EdjmError `ENGINE_UNAVAILABLE` that names the provider, the providers of the runtime, and a remedy.
 */
export async function requireProvider(runtime: Runtime, provider: ExecutionProvider): Promise<void> {
  const cause = await providerProblem(runtime, provider);
  if (cause === undefined) return;
  const name = providerName(provider);
  throw new EdjmError(
    'ENGINE_UNAVAILABLE',
    `expected the execution provider "${name}" of ${runtime.name}, got: ${cause.message}. It knows ${runtime.providers.join(', ')} here. ${runtime.remedy(name)}`,
    { cause },
  );
}

/** TensorProto.DataType.DOUBLE. */
const FLOAT64 = 11;

/** y = x, the smallest model. */
const identity = model('float32', [
  { opType: 'Identity', domain: '', name: 'y', inputs: ['x'], outputs: ['y'], attributes: {} },
]);

/** y = x² in float64, the operation that Gram products consist of. */
const square = model('float64', [
  {
    opType: 'Cast',
    domain: '',
    name: 'z',
    inputs: ['x'],
    outputs: ['z'],
    attributes: { to: { int: FLOAT64 } },
  },
  { opType: 'MatMul', domain: '', name: 'y', inputs: ['z', 'z'], outputs: ['y'], attributes: {} },
]);

function model(elementType: ElementType, nodes: readonly Node[]): Graph {
  return {
    name: 'small',
    irVersion: 8,
    opsets: new Map([['', 18]]),
    inputs: [{ name: 'x', elementType: 'float32', shape: [1, 1] }],
    outputs: [{ name: 'y', elementType, shape: [1, 1] }],
    initializers: new Map(),
    nodes,
  };
}
