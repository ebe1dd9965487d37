import { coveredOperators, differentiate, readModel, tensorOf, writeModel } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { rules } from './ruleCases.ts';
import { pointOf, type SmallGraph } from './smallGraphs.ts';
import { builderAt, checkVjp, noise, type Accuracy, type Point } from './vjpCheck.ts';

const DOUBLE: Accuracy = { step: 1e-6, tolerance: 1e-6 };
/** Where ONNX Runtime has no float64: a long step is exact for functions made of linear pieces, others need a short one. */
const SINGLE: Accuracy = { step: 2 ** -4, tolerance: 1e-3 };
const SINGLE_BENT: Accuracy = { step: 2 ** -8, tolerance: 2e-3 };
const bent = ['Celu', 'Erf', 'Gelu', 'InstanceNormalization'];

/** Operators through which no derivative goes, so that no rule of theirs can be compared with differences. */
const withoutDerivative =
  'And ArgMax Constant ConstantOfShape Equal Greater GreaterOrEqual Less LessOrEqual Not OneHot Or Range ReduceProd Shape Size';

/** Points at which the gradient jumps: it has no derivative there. */
const kinks = ['Min with ties', 'Abs at 0', 'ReduceMax with ties', 'ReduceL2 at 0'];

function accuracyOf({ elementType, nodes }: SmallGraph): Accuracy {
  if (elementType !== 'float32') return DOUBLE;
  return nodes.some(({ opType }) => bent.includes(opType)) ? SINGLE_BENT : SINGLE;
}

/** The gradient of a graph's outputs as a graph of its own, through a file. */
function gradientPoint(point: Point): Point {
  const builder = builderAt(point);
  const [output] = point.graph.outputs;
  const { elementType, shape } = builder.type(output!.name);
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const cotangents = tensorOf(elementType, [1, ...shape], noise(size, 5));
  builder.addInput('given', cotangents);
  const inputs = [...point.variables.keys()];
  const products = differentiate(builder, { output: output!.name, inputs, cotangents: 'given' });
  const names = products.map((name, index) => builder.nameOutput(`gradient_${String(index)}`, name));
  const graph = readModel(writeModel(builder.build(names)));
  return { graph, variables: new Map([...point.variables, ['given', cotangents]]), constants: new Map() };
}

describe('rules', () => {
  it('are all tried', () => {
    const tried = new Set(Object.values(rules).flatMap(({ nodes }) => nodes.map(({ opType }) => opType)));
    for (const operator of withoutDerivative.split(' ')) tried.add(operator);
    expect([...coveredOperators.keys()].filter((operator) => !tried.has(operator))).toEqual([]);
  });

  it.each(Object.keys(rules))('%s agrees with differences', (name) =>
    checkVjp(pointOf(rules[name]!), accuracyOf(rules[name]!)),
  );

  const smooth = Object.keys(rules).filter((name) => !kinks.includes(name));
  it.each(smooth)('%s: its gradient, differentiated again, agrees with differences', (name) =>
    checkVjp(gradientPoint(pointOf(rules[name]!)), accuracyOf(rules[name]!)),
  );

  it.each(kinks)('%s: its gradient has no derivative', async (name) => {
    const check = checkVjp(gradientPoint(pointOf(rules[name]!)), accuracyOf(rules[name]!));
    await expect(check).rejects.toThrow(/expected between/);
  });
});
