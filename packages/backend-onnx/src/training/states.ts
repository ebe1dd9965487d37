import { EdjmError, type ParameterValues } from '@edjm/core';
import type { EngineTensor } from '../runtime/sessionPool.ts';

/** Values that a run reads from one array and writes to another, which is read by the next run. */
interface State {
  readonly shape: readonly number[];
  current: Float32Array;
  spare: Float32Array;
}

/** Parameters, or their velocities, by name. */
export class States {
  readonly #states = new Map<string, State>();

  /** By name, as a run takes them. */
  feeds(nameOf: (name: string) => string): Readonly<Record<string, EngineTensor>> {
    return this.#tensors(nameOf, ({ current }) => current);
  }

  /** By name, where a run writes to. */
  spares(nameOf: (name: string) => string): Readonly<Record<string, EngineTensor>> {
    return this.#tensors(nameOf, ({ spare }) => spare);
  }

  /** Takes what a run has written for the values from now on. */
  advance(written: (name: string) => Float32Array | Float64Array | undefined): void {
    for (const [name, state] of this.#states) {
      const next = written(name);
      if (!(next instanceof Float32Array)) continue;
      [state.current, state.spare] = [next, state.current];
    }
  }

  has(name: string): boolean {
    return this.#states.has(name);
  }

  /** Copies. */
  copies(names: Iterable<string> = this.#states.keys()): ReadonlyMap<string, ParameterValues> {
    return new Map(
      [...names].map((name) => {
        const state = this.#states.get(name);
        if (state !== undefined) return [name, { shape: state.shape, data: state.current.slice() }];
        throw new EdjmError(
          'NOT_FOUND',
          `expected a parameter among ${[...this.#states.keys()].join(', ')}, got ${name}. Choose one of them.`,
        );
      }),
    );
  }

  /** Replaces values, or adds them. */
  set(name: string, { shape, data }: ParameterValues): void {
    const current = new Float32Array(data);
    this.#states.set(name, { shape, current, spare: new Float32Array(data.length) });
  }

  /** Replaces values by zeros where they are there. */
  clear(name: string): void {
    this.#states.get(name)?.current.fill(0);
  }

  #tensors(
    nameOf: (name: string) => string,
    arrayOf: (state: State) => Float32Array,
  ): Readonly<Record<string, EngineTensor>> {
    return Object.fromEntries(
      [...this.#states].map(([name, state]) => [nameOf(name), { shape: state.shape, data: arrayOf(state) }]),
    );
  }
}
