import { EdjmError } from '@edjm/core';
import { writeModel, type Graph, type SubgraphValue } from '@edjm/onnx-autodiff';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type { Engine } from './engine.ts';
import { receiptNames, withReceipt } from './receipt.ts';
import { placed } from './webgpu.ts';

/** Sessions kept alive. Each holds a copy of the weights, unless its network is trained. */
const KEPT_SESSIONS = 4;

/** Options of {@link SessionPool}. */
export interface SessionPoolOptions {
  /** For messages. */
  readonly name: string;
  /** The element type of the network. */
  readonly precision: 'float32' | 'float64';
  /** Sessions kept alive. Defaults to 4. */
  readonly kept?: number | undefined;
}

/** Numbers with a shape, as they go into the engine and come out of it. */
export interface EngineTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** Numbers up to here are whole in float32. */
const MOST_TICKETS = 2 ** 24;

/** Inputs or outputs of a run by name. */
export type Feeds = Readonly<Record<string, EngineTensor>>;

/** A session, and how it runs. */
interface PreparedSession {
  readonly session: InferenceSession;
  readonly run: (
    feeds: Readonly<Record<string, Tensor>>,
  ) => Promise<readonly (Float32Array | Float64Array)[]>;
  readonly runInto: (
    feeds: Readonly<Record<string, Tensor>>,
    into: Feeds,
  ) => Promise<Readonly<Record<string, Float32Array | Float64Array>>>;
}

/**
 * Sessions of ONNX Runtime by key, made when first needed; the ones used longest ago are released. The next run under the
 * same key may overwrite the results of a run: fresh arrays of this size for every batch would cost more than some of the
 * products in them.
 */
export class SessionPool {
  readonly #engine: Engine;
  readonly #options: SessionPoolOptions;
  readonly #sessions = new Map<string, Promise<PreparedSession>>();
  #tickets = 0;

  constructor(engine: Engine, options: SessionPoolOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /** Whether graphs with nodes in float64 run. */
  get float64(): boolean {
    return this.#engine.float64;
  }

  /** Another pool on the same engine, with sessions of its own. */
  another(): SessionPool {
    return new SessionPool(this.#engine, this.#options);
  }

  /** Runs a graph and gives its first output; `graph` is called only if no session for `key` is there. */
  async run(key: string, graph: () => Graph, feeds: Feeds): Promise<Float32Array | Float64Array> {
    const [output] = await this.runAll(key, graph, feeds);
    if (output !== undefined) return output;
    throw new EdjmError(
      'ENGINE_FAILED',
      `${this.#options.name}: expected an output of ONNX Runtime, got none.`,
    );
  }

  /** Runs a graph and gives its outputs in their order. */
  async runAll(
    key: string,
    graph: () => Graph,
    feeds: Feeds,
  ): Promise<readonly (Float32Array | Float64Array)[]> {
    const { run } = await this.#session(key, graph);
    return this.#guarded(() => run(this.#tensors(feeds)));
  }

  /** Runs a graph whose outputs go into arrays of the caller's, if the engine can, and gives all of them by name. */
  async runInto(
    key: string,
    graph: () => Graph,
    { feeds, into }: { readonly feeds: Feeds; readonly into: Feeds },
  ): Promise<Readonly<Record<string, Float32Array | Float64Array>>> {
    const { runInto } = await this.#session(key, () =>
      this.#engine.fillsOutputs ? withReceipt(graph()) : graph(),
    );
    return this.#guarded(() => runInto(this.#tensors(feeds), into));
  }

  async dispose(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const prepared of sessions) await this.#release(prepared);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #session(key: string, graph: () => Graph): Promise<PreparedSession> {
    const known = this.#sessions.get(key);
    this.#sessions.delete(key);
    const session = known ?? this.#create(graph());
    this.#sessions.set(key, session);
    // If the session failed to start, there is nothing to release.
    session.catch(() => {
      if (this.#sessions.get(key) === session) this.#sessions.delete(key);
    });
    const [oldest] = this.#sessions;
    if (this.#sessions.size > (this.#options.kept ?? KEPT_SESSIONS) && oldest !== undefined) {
      this.#sessions.delete(oldest[0]);
      await this.#release(oldest[1]);
    }
    return session;
  }

  async #release(prepared: Promise<PreparedSession>): Promise<void> {
    // A session that failed to start has told its caller so.
    const made = await prepared.catch(() => undefined);
    if (made !== undefined) await this.#engine.serially(() => made.session.release());
  }

  async #create(differentiated: Graph): Promise<PreparedSession> {
    const { library, threads, serially } = this.#engine;
    const { graph, executionProviders } = placed(differentiated, this.#engine.executionProviders);
    try {
      const session = await serially(() =>
        library.InferenceSession.create(writeModel(graph), {
          executionProviders,
          ...(threads !== undefined && { intraOpNumThreads: threads }),
          // Above `basic` the engine fuses operators into others that it has in float32 alone.
          graphOptimizationLevel: this.#options.precision === 'float32' ? 'all' : 'basic',
          logSeverityLevel: 3,
          // A plan of all tensors' places would hold them all at once.
          enableMemPattern: false,
        }),
      );
      return {
        session,
        run: this.#runner(session, graph),
        runInto: async (feeds, into) => {
          if (!this.#engine.fillsOutputs) {
            const results = await session.run(feeds);
            return Object.fromEntries(
              graph.outputs.map(({ name }) => [name, results[name]?.data as Float32Array | Float64Array]),
            );
          }
          await this.#runForReceipt(session, feeds, this.#tensors(into));
          return Object.fromEntries(Object.entries(into).map(([name, { data }]) => [name, data]));
        },
      };
    } catch (cause) {
      throw this.#failure(cause, 'to accept its gradient graph');
    }
  }

  /** Where the engine can, every run writes to the same arrays. */
  #runner(session: InferenceSession, { outputs }: Graph): PreparedSession['run'] {
    if (!this.#engine.fillsOutputs) {
      return async (feeds) => {
        const results = await session.run(feeds);
        return outputs.map(({ name }) => results[name]?.data as Float32Array | Float64Array);
      };
    }
    let arrays: readonly (EngineTensor & { readonly name: string })[] | undefined;
    return async (feeds) => {
      arrays ??= outputs.map((output) => ({ name: output.name, ...emptyOutput(output) }));
      await session.run(
        feeds,
        this.#tensors(Object.fromEntries(arrays.map(({ name, ...array }) => [name, array]))),
      );
      return arrays.map(({ data }) => data);
    };
  }

  /** A run whose outputs stay where they are written: see {@link withReceipt}. */
  async #runForReceipt(
    session: InferenceSession,
    feeds: Readonly<Record<string, Tensor>>,
    outputs: Readonly<Record<string, Tensor>>,
  ): Promise<void> {
    this.#tickets = (this.#tickets % MOST_TICKETS) + 1;
    const receipt = new Float32Array(1);
    const number = (data: Float32Array) => this.#tensor({ shape: [1], data });
    const { ticket, receipt: name, sequence } = receiptNames;
    try {
      await session.run(
        { ...feeds, [ticket]: number(Float32Array.of(this.#tickets)) },
        { [sequence]: null, ...outputs, [name]: number(receipt) },
      );
    } catch (error) {
      if (receipt[0] !== this.#tickets) throw error;
    }
  }

  async #guarded<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await this.#engine.serially(run);
    } catch (cause) {
      throw this.#failure(cause, 'to run');
    }
  }

  #tensors(feeds: Feeds): Readonly<Record<string, Tensor>> {
    return Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, this.#tensor(tensor)]));
  }

  #tensor({ data, shape }: EngineTensor): Tensor {
    const { Tensor: EngineTensorClass } = this.#engine.library;
    return data instanceof Float32Array
      ? new EngineTensorClass('float32', data, shape)
      : new EngineTensorClass('float64', data, shape);
  }

  #failure(cause: unknown, expected: string): EdjmError {
    const reason = (cause instanceof Error ? cause.message : String(cause)).trim();
    const [, missing] = /Could not find an implementation for (\w+)/.exec(reason) ?? [];
    const lacks =
      missing !== undefined && this.#options.precision === 'float64'
        ? `. ONNX Runtime has no float64 ${missing} here: export the network in float32.`
        : '';
    return new EdjmError(
      'ENGINE_FAILED',
      `${this.#options.name}: expected ONNX Runtime ${expected}, got: ${reason}${lacks}`,
      { cause },
    );
  }
}

/** Room for an output, whose shape is known before the run. */
function emptyOutput({ elementType, shape = [] }: SubgraphValue): EngineTensor {
  const sizes = shape.map(Number);
  const length = sizes.reduce((product, size) => product * size, 1);
  return {
    shape: sizes,
    data: elementType === 'float64' ? new Float64Array(length) : new Float32Array(length),
  };
}
