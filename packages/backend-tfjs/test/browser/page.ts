/** What runs in the page: it sets functions that the tests call. */
import { type BackendUnderTest, testBackend } from '@edjm/conformance';
import { type DenseMatrix, EdjmError } from '@edjm/core';
import { runTests } from '@edjm/testing/page';
import {
  probeTfjsEngines,
  tfjsBackend,
  type TfjsEngineOptions,
  type TfjsEngineStatus,
  type TfjsLoadOptions,
} from '../../src/index.ts';

/** Runs the conformance kit on an engine. */
async function conformance(
  options: TfjsEngineOptions,
  unsupported: BackendUnderTest['unsupported'] = [],
): Promise<Record<string, string>> {
  const backend = tfjsBackend(options);
  const load = (...source: Parameters<typeof backend.load>) => backend.load(...source);
  return runTests((runner) => {
    testBackend({ name: 'tfjs', load, unsupported }, runner);
  });
}

/** The engine that is taken, by itself unless one is named, and those that are not, with the reason. */
async function engine(
  options: TfjsEngineOptions,
): Promise<{ readonly name: string; readonly passedOver: readonly { readonly name: string }[] }> {
  const { name, passedOver } = await tfjsBackend(options).engine();
  return { name, passedOver };
}

const probe = (): Promise<readonly TfjsEngineStatus[]> => probeTfjsEngines();

/** A model and where it is run. */
interface Run extends TfjsLoadOptions {
  /** An address, or the bytes of a Keras file. */
  readonly source: string | Uint8Array;
  readonly engine: TfjsEngineOptions;
}

/** Outputs of a model, and the rows of one of them. */
async function outputs(
  { source, engine: options, ...loadOptions }: Run,
  batch: DenseMatrix,
): Promise<{ readonly values: readonly number[]; readonly rows: readonly number[] }> {
  await using network = await tfjsBackend(options).load(source, loadOptions);
  const [rows] = (await network.jacobian?.(batch, [0])) ?? [];
  return {
    values: Array.from((await network.forward(batch)).data),
    rows: Array.from(rows?.data ?? []),
  };
}

/** What loading an engine, or a model, is refused with. */
async function refusal(run: Run): Promise<{ readonly code: string; readonly message: string }> {
  const { source, engine: options, ...loadOptions } = run;
  try {
    const network = await tfjsBackend(options).load(source, loadOptions);
    await network.dispose();
  } catch (error) {
    if (EdjmError.is(error)) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('expected an error');
}

/** Paths of the files that were fetched. */
const fetched = (): readonly string[] =>
  performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname.slice(1));

const functions = { conformance, engine, fetched, outputs, probe, refusal };
Object.assign(globalThis, functions);

/** What the page has in its global scope. */
export type PageFunctions = typeof functions;
