import type { NamedValues, ParameterValues } from '@edjm/core';
import type { EngineTensor } from '../runtime/sessionPool.ts';

/** Values that a run reads from one array and writes to another, which the next run reads. */
interface State {
  readonly shape: readonly number[];
  current: Float32Array;
  spare: Float32Array;
}

/** Parameters, their velocities or statistics, by name. */
export class States implements NamedValues {
  readonly #states = new Map<string, State>();

  constructor(values: ReadonlyMap<string, ParameterValues> = new Map()) {
    this.write(values);
  }

  get shapes(): ReadonlyMap<string, readonly number[]> {
    return new Map([...this.#states].map(([name, { shape }]) => [name, shape]));
  }

  get names(): readonly string[] {
    return [...this.#states.keys()];
  }

  /** By name, as a run takes them. */
  feeds(nameOf: (name: string) => string = (name) => name): Readonly<Record<string, EngineTensor>> {
    return this.#tensors(nameOf, ({ current }) => current);
  }

  /** The arrays that a run writes to, by name. */
  spares(nameOf: (name: string) => string): Readonly<Record<string, EngineTensor>> {
    return this.#tensors(nameOf, ({ spare }) => spare);
  }

  /** Makes the values that a run has written the current ones. */
  advance(written: (name: string) => Float32Array | Float64Array | undefined): void {
    for (const [name, state] of this.#states) {
      const next = written(name);
      if (!(next instanceof Float32Array)) continue;
      [state.current, state.spare] = [next, state.current];
    }
  }

  async read(names: readonly string[]): Promise<ReadonlyMap<string, ParameterValues>> {
    return new Map(names.map((name) => [name, this.copy(name)]));
  }

  copy(name: string): ParameterValues {
    const { shape, current } = this.#states.get(name) as State;
    return { shape, data: current.slice() };
  }

  write(values: ReadonlyMap<string, ParameterValues>): void {
    for (const [name, { shape, data }] of values) {
      const current = new Float32Array(data);
      this.#states.set(name, { shape, current, spare: new Float32Array(data.length) });
    }
  }

  /** Replaces values by zeros if they are there. */
  clear(names: Iterable<string>): void {
    for (const name of names) this.#states.get(name)?.current.fill(0);
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
