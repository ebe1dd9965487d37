import { coveredOperators, tensorOf, valuesOf, type Tensor } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { rules } from './ruleCases/index.ts';
import { of, one, type RuleCase } from './ruleCases/ruleCase.ts';
import { operatorName, pointOf } from '../support/smallGraphs.ts';
import { evaluate, noise } from '../support/vjpCheck.ts';

/** The operators that are affine in some of their inputs, each with the sets of those inputs. */
const affineOperators = new Map(
  [...coveredOperators].flatMap(([name, operator]) =>
    'rewrite' in operator || operator.affine === undefined ? [] : [[name, operator.affine] as const],
  ),
);

const TOLERANCE = 1e-5;
/** Numbers up to here: steps and bounds of the cases lie between them. */
const SIZE = 4;

/** What the cases of rules do not hold alone, or of too few numbers. */
const more: Readonly<Record<string, RuleCase>> = {
  Mul: one(of('Mul'), [[2, 3], [3]]),
  'Round of many': one(of('Round'), [[16]]),
  Cast: one(of('Cast', { to: { int: 11 } }), [[3]], { elementType: 'float32' }),
  Split: one(of('Split', { axis: { int: 1 }, num_outputs: { int: 1 } }), [[2, 4]]),
};

const cases = Object.entries({ ...more, ...rules }).filter(([, { nodes }]) => nodes.length === 1);
const casesOf = (operator: string) => cases.filter(([, { nodes }]) => operatorName(nodes[0]!) === operator);

/** Whether f(x + y) − f(x) − f(y) + f(0) = 0 in some of the inputs together, the others being what they are. */
async function isAffineIn(rule: RuleCase, names: readonly string[]): Promise<boolean> {
  const point = pointOf(rule);
  const at = async (draw: (name: string, size: number) => readonly number[]): Promise<readonly Tensor[]> => {
    const variables = new Map(
      [...point.variables].map(([name, tensor]) => {
        const { elementType, shape } = tensor;
        const size = shape.reduce((product, dimension) => product * dimension, 1);
        return [name, names.includes(name) ? tensorOf(elementType, shape, draw(name, size)) : tensor];
      }),
    );
    return evaluate({ ...point, variables });
  };
  const drawn = (seed: number) => (name: string, size: number) =>
    noise(size, names.indexOf(name) + seed).map((value) => SIZE * value);
  const [x, y] = [drawn(11), drawn(31)];
  const results = [
    await at((name, size) => x(name, size).map((value, index) => value + y(name, size)[index]!)),
    await at(x),
    await at(y),
    await at((_, size) => new Array<number>(size).fill(0)),
  ];
  return results[0]!.every((_, output) => {
    const [sum, left, right, zero] = results.map((tensors) => valuesOf(tensors[output]!));
    const largest = Math.max(0, ...[sum!, left!, right!, zero!].flat().map(Math.abs));
    const gaps = sum!.map((value, index) => Math.abs(value - left![index]! - right![index]! + zero![index]!));
    return Number.isFinite(largest) && gaps.every((gap) => gap <= TOLERANCE * largest);
  });
}

/** Variables that are inputs of the node at these positions, and at no others. */
function variablesAt({ nodes, variables }: RuleCase, positions: readonly number[]): readonly string[] {
  const { inputs } = nodes[0]!;
  const names = inputs.filter((name, index) => positions.includes(index) && name in variables);
  return [...new Set(names)].filter((name) =>
    inputs.every((other, index) => other !== name || positions.includes(index)),
  );
}

const listed = [...affineOperators].flatMap(([operator, setsOf]) =>
  casesOf(operator).flatMap(([title, rule]) =>
    setsOf(rule.nodes[0]!)
      .map((set) => variablesAt(rule, set))
      .filter((names) => names.length > 0)
      .map((names) => ({ operator, title, names, rule })),
  ),
);

describe('affine operators', () => {
  it('are all tried, in each of their sets of inputs', () => {
    const tried = (operator: string, position: number) =>
      listed.some(
        ({ operator: other, names, rule }) =>
          other === operator && names.includes(rule.nodes[0]!.inputs[position] ?? ''),
      );
    const untried = [...affineOperators].filter(([operator, setsOf]) => {
      const [first] = casesOf(operator);
      const sets = first === undefined ? [] : setsOf(first[1].nodes[0]!);
      return sets.length === 0 || !sets.every(([position = 0]) => tried(operator, position));
    });
    expect(untried.map(([operator]) => operator)).toEqual([]);
  });

  it.each(listed.map((entry) => [entry.title, entry.names.join(', '), entry] as const))(
    '%s is affine in %s',
    async (_, __, { rule, names }) => {
      expect(await isAffineIn(rule, names)).toBe(true);
    },
  );

  const kept = [...coveredOperators].flatMap(([name, operator]) =>
    !('rewrite' in operator) && operator.vjp !== undefined && !affineOperators.has(name) ? [name] : [],
  );
  const others = kept.filter((name) => casesOf(name).some(([, { variables }]) => 'v0' in variables));
  it.each(others)('%s is none', async (name) => {
    const found = await Promise.all(
      casesOf(name)
        .filter(([, { variables }]) => 'v0' in variables)
        .map(([, rule]) => isAffineIn(rule, ['v0'])),
    );
    // What does not depend on its input at all is of no use.
    expect(found).toContain(name === 'EyeLike');
  });
});
