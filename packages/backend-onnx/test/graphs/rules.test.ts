import { coveredOperators } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/expectClose.ts';
import { pointIn } from '../support/precision.ts';
import { accuracyOf } from './ruleCases/accuracy.ts';
import { rules } from './ruleCases/index.ts';
import { operatorName, pointOf } from '../support/smallGraphs.ts';
import { checkVjp, engineOutputs, evaluate } from '../support/vjpCheck.ts';

/** Operators through which no derivative goes, so that no rule of theirs can be compared with differences. */
const withoutDerivative =
  'And ArgMax ArgMin BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Constant ConstantOfShape ConvInteger ' +
  'DynamicQuantizeLinear Equal Greater GreaterOrEqual Less LessOrEqual MatMulInteger NonZero Not OneHot Or ' +
  'QLinearConv QLinearMatMul QuantizeLinear Range Shape Size';

describe('rules', () => {
  it('are all tried', () => {
    const tried = new Set(Object.values(rules).flatMap(({ nodes }) => nodes.map(operatorName)));
    for (const operator of withoutDerivative.split(' ')) tried.add(operator);
    expect([...coveredOperators.keys()].filter((operator) => !tried.has(operator))).toEqual([]);
  });

  it.each(Object.keys(rules))('%s agrees with differences', (name) =>
    checkVjp(pointOf(rules[name]!), accuracyOf(rules[name]!)),
  );

  const names = Object.keys(rules);
  const runnable = names.filter((name) => rules[name]!.engineLacks === undefined);
  it.each(runnable)('%s gives what the engine gives for the nodes as they stand', async (name) => {
    const point = pointIn('float32', pointOf(rules[name]!));
    const expected = await engineOutputs(point);
    for (const [index, tensor] of (await evaluate(point)).entries()) expectClose(tensor, expected[index]!);
  });

  const lacking = names.filter((name) => !runnable.includes(name));
  const replaced = lacking.filter((name) => rules[name]!.instead !== undefined);
  it.each(replaced)('%s gives what the engine gives for nodes of the same meaning', async (name) => {
    const { instead: nodes = [], ...rest } = rules[name]!;
    const expected = await engineOutputs(pointIn('float32', pointOf({ ...rest, nodes })));
    const found = await evaluate(pointIn('float32', pointOf(rules[name]!)));
    for (const [index, tensor] of found.entries()) expectClose(tensor, expected[index]!);
  });

  it.each(lacking.map((name) => [name, rules[name]!.engineLacks]))(
    '%s cannot be compared with the engine: %s',
    async (name) => {
      await expect(engineOutputs(pointIn('float32', pointOf(rules[name]!)))).rejects.toThrow();
    },
  );
});
