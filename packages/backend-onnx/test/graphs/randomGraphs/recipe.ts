import type { Attribute } from '@edjm/onnx-autodiff';
import type { Drawing } from './drawing.ts';

/** Adds one operator to a graph, on tensors that it fits, with what the operator needs to be safe before it. */
export interface Recipe {
  /** Returns the tensors that the following steps may work with. */
  readonly draw: (drawing: Drawing) => string | readonly string[];
  /** Whether the engine has no float64 kernel for what the rules make of it or of its derivative. */
  readonly single?: true;
  /** Where the engine has no kernel for the operator as it stands: in float64, or at all on a CPU. */
  readonly lacks?: 'float64' | 'every kernel';
  /** The first operator set that has it, if that is later than 13. */
  readonly since?: number;
  /** The last operator set for which the engine has it, if that is not the newest. */
  readonly until?: number;
}

/** Names of real numbers' types with their codes of TensorProto.DataType. */
export const codes = { float32: 1, float64: 11, int64: 7, int32: 6 } as const;

/** Recipes by name; that of an operator has its name first. */
export type Recipes = Readonly<Record<string, Recipe>>;

export const float = (value: number): Attribute => ({ float: value });
export const int = (value: number): Attribute => ({ int: value });
export const string = (value: string): Attribute => ({ string: value });
export const ints = (values: readonly number[]): Attribute => ({ ints: values });

/** One of 0.3, 0.6, 1, 1.4. */
export function factor(drawing: Drawing): number {
  return [1, 0.6, 1.4, 0.3][drawing.below(4)]!;
}

/** Some of the attributes: each is left out or kept. */
export function some(
  drawing: Drawing,
  attributes: Readonly<Record<string, Attribute>>,
): Readonly<Record<string, Attribute>> {
  return Object.fromEntries(Object.entries(attributes).filter(() => drawing.flag()));
}
