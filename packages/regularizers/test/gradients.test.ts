import type { Regularizer, RegularizerGradient, RegularizerQuantities } from '@edjm/core';
import { networkParameters } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { svdFactorized } from '../src/index.ts';
import { convolutionalNetwork, denseNetwork, moved, regularizersFor } from './networks.ts';
import { centralDifferences, randomMatrix, relativeDifference } from './numbers.ts';

const contexts = [
  { n: 4, dIn: 7, dOut: 3, step: 5, seed: 9 },
  { n: 7, dIn: 4, dOut: 6, step: 5, seed: 9 },
];

/** How far a gradient is from central differences of the penalty, over everything that the regularizer reads. */
function gradientError(
  regularizer: Regularizer,
  quantities: RegularizerQuantities,
  context: (typeof contexts)[0],
): number {
  const penalty = (): number => regularizer.penalty(quantities, context);
  const { rows = [], parameters = new Map() }: RegularizerGradient = regularizer.gradient(
    quantities,
    context,
  );
  const read = [
    ...quantities.rows.map(({ data }, k) => [data as Float64Array, rows[k]?.data] as const),
    ...[...quantities.parameters].map(
      ([name, { data }]) => [data as Float64Array, parameters.get(name)] as const,
    ),
  ];
  const expected = read.flatMap(([values]) => [...centralDifferences(values, penalty)]);
  const actual = read.flatMap(([values, gradient]) => [...(gradient ?? new Float64Array(values.length))]);
  return relativeDifference(actual, expected);
}

const withRows = regularizersFor(denseNetwork()).filter(([, { needs }]) => needs.includes('rows'));

describe.each(contexts)('with respect to $n rows of $dIn values', (context) => {
  it.each(withRows)('%s', (_, regularizer) => {
    const count = regularizer.cotangents!(context).length;
    const rows = Array.from({ length: count }, (_, k) => randomMatrix(context.n, context.dIn, k + 1));
    expect(gradientError(regularizer, { rows, parameters: new Map() }, context)).toBeLessThan(1e-6);
  });
});

const factorized = [denseNetwork(), convolutionalNetwork()].map((network) => moved(svdFactorized(network)));

describe.each(factorized)('with respect to parameters of a $name network', (network) => {
  const ofParameters = regularizersFor(network).filter(([, { needs }]) => needs.includes('parameters'));
  it.each(ofParameters)('%s', (_, regularizer) => {
    const parameters = new Map(
      [...networkParameters(network)].filter(([name]) => regularizer.parameterNames?.includes(name) ?? true),
    );
    expect(gradientError(regularizer, { rows: [], parameters }, contexts[0]!)).toBeLessThan(1e-6);
  });
});
