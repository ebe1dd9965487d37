import type { FloatArray, ParameterValues, TrainableNetwork } from '@edjm/core';
import { assertClose, assertEqual } from '../assertions.ts';
import type { NamedNumbers } from './trainingGolden.ts';

/** Values by name, copied. */
export type NamedValues = ReadonlyMap<string, Float64Array>;

/** Copies of values without their shapes. */
export function valuesOf(named: ReadonlyMap<string, ParameterValues>): NamedValues {
  return copied(new Map([...named].map(([name, { data }]) => [name, data])));
}

/** Copies, since a network may overwrite its results. */
export function copied(named: ReadonlyMap<string, FloatArray>): NamedValues {
  return new Map([...named].map(([name, data]) => [name, Float64Array.from(data)]));
}

/** Numbers of a file. */
export function fromNumbers(numbers: NamedNumbers): NamedValues {
  return new Map(Object.entries(numbers).map(([name, values]) => [name, Float64Array.from(values)]));
}

/** Copies of the parameters. */
export async function parametersOf(network: TrainableNetwork): Promise<NamedValues> {
  return valuesOf(await network.parameters());
}

/** Fails if names differ, or a value by more than `tolerance` times the largest of all. */
export function assertNamed(
  { got, expected }: { readonly got: NamedValues; readonly expected: NamedValues },
  tolerance: number,
  what: string,
): void {
  const names = (values: NamedValues): string => [...values.keys()].sort().join(', ');
  assertEqual(names(got), names(expected), `${what}, names`);
  let scale = 0;
  for (const values of expected.values()) {
    scale = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), scale);
  }
  for (const [name, values] of expected) {
    const row = (data: Float64Array) => ({ rows: 1, columns: data.length, data });
    const comparison = { got: row(got.get(name) ?? new Float64Array()), expected: row(values), scale };
    assertClose(comparison, tolerance, `${what}, ${name}`);
  }
}
