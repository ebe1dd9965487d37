import { EdjmError } from '@edjm/core';
import { writeModel, type Graph } from '@edjm/onnx-autodiff';
import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-common';
import type { Engine } from './engine.ts';

/** Sessions kept alive: each holds a copy of the weights. */
const KEPT_SESSIONS = 4;

/** Options of {@link SessionPool}. */
export interface SessionPoolOptions {
  /** For messages. */
  readonly name: string;
  readonly threads?: number;
}

/** Numbers with a shape, as they go into the engine and come out of it. */
export interface EngineTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** Sessions of ONNX Runtime by key, made when first needed; the ones used longest ago are released. */
export class SessionPool {
  readonly #engine: Engine;
  readonly #options: SessionPoolOptions;
  readonly #sessions = new Map<string, Promise<InferenceSession>>();

  constructor(engine: Engine, options: SessionPoolOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /** Runs a graph with one output; `graph` is called only where no session for `key` is there. */
  async run(
    key: string,
    graph: () => Graph,
    feeds: Readonly<Record<string, EngineTensor>>,
  ): Promise<Float32Array | Float64Array> {
    const session = await this.#session(key, graph);
    const tensors = Object.fromEntries(
      Object.entries(feeds).map(([name, tensor]) => [name, this.#tensor(tensor)]),
    );
    try {
      const [output] = Object.values(await session.run(tensors));
      return numbersOf(output);
    } catch (cause) {
      throw this.#failure(cause, 'to run');
    }
  }

  async dispose(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await (await session).release();
  }

  async #session(key: string, graph: () => Graph): Promise<InferenceSession> {
    const known = this.#sessions.get(key);
    this.#sessions.delete(key);
    const session = known ?? this.#create(graph());
    this.#sessions.set(key, session);
    const [oldest] = this.#sessions;
    if (this.#sessions.size > KEPT_SESSIONS && oldest !== undefined) {
      this.#sessions.delete(oldest[0]);
      await (await oldest[1]).release();
    }
    return session;
  }

  async #create(graph: Graph): Promise<InferenceSession> {
    const { threads } = this.#options;
    try {
      return await this.#engine.InferenceSession.create(writeModel(graph), {
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
        ...(threads !== undefined && { intraOpNumThreads: threads }),
      });
    } catch (cause) {
      throw this.#failure(cause, 'to accept its gradient graph');
    }
  }

  #tensor({ data, shape }: EngineTensor): Tensor {
    const { Tensor: EngineTensorClass } = this.#engine;
    return data instanceof Float32Array
      ? new EngineTensorClass('float32', data, shape)
      : new EngineTensorClass('float64', data, shape);
  }

  #failure(cause: unknown, expected: string): EdjmError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new EdjmError(
      'ENGINE_FAILED',
      `${this.#options.name}: expected ONNX Runtime ${expected}, got: ${reason}`,
      { cause },
    );
  }
}

function numbersOf(
  tensor: InferenceSession.OnnxValueMapType[string] | undefined,
): Float32Array | Float64Array {
  const data = (tensor as TypedTensor<'float32'> | TypedTensor<'float64'> | undefined)?.data;
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  throw new EdjmError(
    'ENGINE_FAILED',
    'expected ONNX Runtime to give floating-point numbers, got something else.',
  );
}
