import { tensorOf, type Attribute, type Node, type Tensor } from '@edjm/onnx-autodiff';
import { node, type SmallGraph } from '../../support/smallGraphs.ts';
import { noise } from '../../support/vjpCheck.ts';

/** A rule at some attributes, shapes and numbers. */
export interface RuleCase extends SmallGraph {
  /** Says of a float32 case that the function is bent: differences need a short step. Others are made of linear pieces. */
  readonly isBent?: true;
  /** Says that the gradient jumps at this point: it has no derivative there. */
  readonly isKink?: true;
  /** Why the engine does not run the nodes as they stand, if it does not. */
  readonly engineLacks?: string;
  /** Nodes of the same meaning that the engine does run, where it lacks those of the case. */
  readonly instead?: readonly Node[];
}

/** A tensor of float64 numbers. */
export const double = (shape: readonly number[], values: readonly number[]): Tensor =>
  tensorOf('float64', shape, values);

/** Numbers between ½ and 1½. */
export const positive = (...shape: readonly number[]): Tensor =>
  double(
    shape,
    noise(
      shape.reduce((product, size) => product * size, 1),
      7,
    ).map((value) => 1 + value / 2),
  );

interface Application {
  readonly opType: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** An operator with its attributes, `'Relu'` or `'com.microsoft.Gelu'`. */
export const of = (opType: string, attributes: Readonly<Record<string, Attribute>> = {}): Application => ({
  opType,
  attributes,
});

/** One operator on variables of the given shapes or values, in order, then constants. */
export function one(
  { opType, attributes }: Application,
  variables: readonly SmallGraph['variables'][string][],
  rest: Partial<RuleCase> = {},
): RuleCase {
  const named = variables.map((value, index) => [`v${String(index)}`, value] as const);
  const constants = Object.keys(rest.constants ?? {});
  return {
    variables: Object.fromEntries(named),
    nodes: [node(opType, [...named.map(([name]) => name), ...constants], { attributes })],
    ...rest,
  };
}

/** For operators that the engine has in float32 alone. */
export const single = { elementType: 'float32' } as const;
