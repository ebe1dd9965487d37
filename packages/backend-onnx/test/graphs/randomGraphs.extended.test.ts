import { coveredOperators } from '@edjm/onnx-autodiff';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawGraph, operatorsOf, plansEndingWith } from './randomGraphs/randomGraph.ts';
import { DAILY_SEED, differentiated, testGraphs } from './randomGraphs/testGraphs.ts';

const EACH = 4;

testGraphs({ each: EACH, any: 100, twice: 40 });

/** Operators that no random graph has, each with why. */
const leftOut: Readonly<Record<string, string>> = {
  'com.microsoft.GroupQueryAttention': 'the engine takes no heads that are small enough',
  ConvInteger: 'of integers throughout',
  DynamicQuantizeLinear: 'no derivative goes through it, and its steps are of any width',
  MatMulInteger: 'of integers throughout',
  QLinearConv: 'of integers throughout',
  QLinearMatMul: 'of integers throughout',
  QuantizeLinear: 'no derivative goes through it',
  Scatter: 'not in operator sets from 11 on',
  Upsample: 'not in operator sets from 10 on',
};

describe('graphs that end with', () => {
  it('some operator cover all that have a rule but those that are left out', () => {
    const drawn = new Set(
      differentiated.flatMap(([recipe, purpose]) =>
        fc
          .sample(plansEndingWith(recipe, purpose), { seed: DAILY_SEED, numRuns: EACH })
          .flatMap((plan) => [...operatorsOf(drawGraph(plan, purpose.precision).graph)]),
      ),
    );
    const missing = [...coveredOperators.keys()].filter((operator) => !drawn.has(operator));
    expect(missing.sort()).toEqual(Object.keys(leftOut).sort());
  });
});
