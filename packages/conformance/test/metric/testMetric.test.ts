import type { Metric } from '@edjm/core';
import { describe, expect, it } from 'vitest';
import { referenceSpectra, testMetric } from '../../src/index.ts';
import { failures, outcomesOf } from '../collectingRunner.ts';

const sum: Metric<'singularValues'> = {
  name: 'sum-of-values',
  description: 'sum of the singular values',
  needs: ['singularValues'],
  compute: ({ singularValues }) => singularValues.reduce((a, b) => a + b, 0),
};

async function messages(metric: Metric): Promise<string[]> {
  const outcomes = await outcomesOf((runner) => {
    testMetric(metric, runner);
  });
  return Object.values(failures(outcomes));
}

describe('testMetric', () => {
  it('passes a metric that is right', async () => {
    expect(await messages(sum)).toEqual([]);
  });

  it.each<[string, Partial<Metric>, RegExp]>([
    ['name', { name: 'SumOfValues' }, /^name: expected kebab case/],
    ['description', { description: '' }, /^description: expected one line/],
    ['empty needs', { needs: [] }, /^needs: expected at least one/],
    ['double needs', { needs: ['gram', 'gram', 'singularValues'] }, /^needs: expected each once/],
    ['options', { options: { exponent: NaN } }, /^options\.exponent: expected a value that JSON can hold/],
    [
      'division by 0',
      { compute: ({ singularValues: [first = 0] }) => first / first },
      /finite number, got NaN/,
    ],
    [
      'undeclared need',
      { compute: ({ gram }) => gram.rows },
      /expected to read singularValues only, got a read of gram/,
    ],
    [
      'changes of its input',
      { compute: ({ singularValues }) => singularValues.reverse()[0] ?? 0 },
      /left as they were, got changed ones/,
    ],
    ['accuracy', { accuracy: 0 }, /^accuracy: expected a fraction/],
    [
      'number of values',
      { largest: (count) => count + 1 },
      /^largest: expected 1 to 12 of 12 values, got 13/,
    ],
    ['too few values', { largest: () => 1 }, /from the 1 largest of 12 values, as from all, got/],
    ['chance', { compute: () => Math.random() }, /expected the same number again/],
  ])('finds wrong %s', async (_, parts, message) => {
    expect(await messages({ ...sum, ...parts })).toContainEqual(expect.stringMatching(message));
  });
});

describe('referenceSpectra', () => {
  it.each(referenceSpectra())('$name: the Gram matrix has the singular values', ({ quantities, context }) => {
    const { singularValues, gram } = quantities;
    expect(singularValues).toHaveLength(Math.min(context.n, context.dIn));
    expect(singularValues.toSorted((a, b) => b - a)).toEqual(singularValues);
    expect([gram.rows, gram.columns]).toEqual([context.dIn, context.dIn]);
    const trace = Array.from({ length: context.dIn }, (_, i) => gram.data[i * context.dIn + i]!);
    expect(total(trace)).toBeCloseTo(total(singularValues.map((value) => value ** 2)), 12);
    expect(total(gram.data.map((value) => value ** 2))).toBeCloseTo(
      total(singularValues.map((v) => v ** 4)),
      12,
    );
  });
});

function total(values: Iterable<number>): number {
  return [...values].reduce((a, b) => a + b, 0);
}
