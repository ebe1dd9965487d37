import { coveredOperators, differentiate, tensorOf, valuesOf } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { operatorsOf, pointOf, readGoldens } from '../support/frameworkGoldens.ts';
import { sessionOf } from '../support/runGraph.ts';
import { builderAt } from '../support/vjpCheck.ts';

const goldens = readGoldens();

/** Operators without a golden, by reason. */
const withoutGolden = {
  'gives integers, truth values or shapes, which have no derivative':
    'And ArgMax ArgMin BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Constant ConstantOfShape Equal ' +
    'GreaterOrEqual IsInf LessOrEqual NonZero Not OneHot Or Range SequenceLength Shape Size Xor',
  'computes with integers, which no framework differentiates; compared with what the integers stand for':
    'ConvInteger DynamicQuantizeLinear MatMulInteger QLinearConv QLinearMatMul',
};

/** The largest difference of two lists of numbers, relative to the largest expected number, or to each. */
function distance(found: readonly number[], expected: readonly number[], each = false): number {
  const largest = Math.max(1e-3, ...expected.map(Math.abs));
  const relative = expected.map((value, index) => {
    const difference = Math.abs(value - (found[index] ?? NaN));
    // Below the normal range of float32, numbers have few digits or none.
    return difference / (each ? Math.max(Math.abs(value), 1e-35) : largest);
  });
  return Math.max(0, ...relative);
}

describe('products in float32', () => {
  it('are compared for every operator that has a derivative', () => {
    const tried = new Set(goldens.flatMap(({ nodes }) => operatorsOf(nodes)));
    const excepted = Object.values(withoutGolden).join(' ').split(' ');
    // Fused operators of ONNX Runtime are written out in the others; the tests of rules compare them with the engine.
    const standard = [...coveredOperators.keys()].filter((name) => !name.includes('.'));
    expect(standard.filter((name) => !tried.has(name)).sort()).toEqual(excepted.sort());
  });

  it.each(goldens.map((golden) => [golden.name, golden] as const))(
    '%s agree with float64 autograd of the framework',
    async (_, golden) => {
      const point = pointOf(golden);
      const builder = builderAt(point);
      const inputs = [...point.variables.keys()];
      const cotangents = tensorOf('float32', [2, ...golden.y.shape], golden.cotangents);
      builder.addInput('edjm/g', cotangents);
      const products = differentiate(builder, { output: 'y', inputs, cotangents: 'edjm/g' });
      const names = ['y', ...products].map((name, index) => builder.nameOutput(`out_${String(index)}`, name));
      const run = await sessionOf(builder.build(names));
      try {
        const found = await run({ ...Object.fromEntries(point.variables), 'edjm/g': cotangents });
        const values = names.map((name) => valuesOf(found.get(name)!));
        expect(distance(values[0]!, golden.y.values)).toBeLessThan(1e-4);
        for (const [index, name] of inputs.entries())
          expect(distance(values[index + 1]!, golden.products[name]!, golden.each), name).toBeLessThan(1e-4);
      } finally {
        await run.release();
      }
    },
  );
});
