import { describe, expect, it } from 'vitest';
import {
  type Golden,
  wrongGoldenAnalysis,
  wrongOutputs,
  wrongScore,
  wrongSingularValues,
} from '../src/index.ts';

describe('wrongOutputs', () => {
  it('is relative to the largest', () => {
    expect(wrongOutputs([100, 1.0009], [100, 1])).toEqual([]);
    expect(wrongOutputs([100, 1.0011], [100, 1])).toEqual([{ place: 1, found: 1.0011, expected: 1 }]);
    expect(wrongOutputs(Float32Array.of(-100, 1.5), [-100, 1], 0.01)).toEqual([]);
  });

  it('takes what is no number, or missing, for wrong', () => {
    expect(wrongOutputs([NaN], [1])).toHaveLength(1);
    expect(wrongOutputs([1, 2], [1])).toEqual([{ place: 'length', found: 2, expected: 1 }]);
    expect(wrongOutputs(undefined, [1])).toHaveLength(1);
    expect(wrongOutputs([0], [0])).toEqual([]);
  });
});

describe('wrongSingularValues', () => {
  const expected = [10, 1, 0.0005];

  it('compares values above a share of the largest with themselves', () => {
    expect(wrongSingularValues([10, 1.00009, 5], expected)).toEqual([]);
    expect(wrongSingularValues([10, 1.0002, 5], expected)).toEqual([
      { place: 1, found: 1.0002, expected: 1 },
    ]);
    expect(wrongSingularValues([10, 1, 0.0006], expected, { smallest: 1e-5 })).toHaveLength(1);
    expect(wrongSingularValues([10, 1.04, 5], expected, { tolerance: 0.05 })).toEqual([]);
  });

  it('compares smaller ones with the largest, where it is told to', () => {
    expect(wrongSingularValues([10, 1, 0.0014], expected, { smallError: 1e-4 })).toEqual([]);
    expect(wrongSingularValues([10, 1, 0.0016], expected, { smallError: 1e-4 })).toHaveLength(1);
  });

  it('allows for what it is told besides', () => {
    expect(wrongSingularValues([10, 1.01, 5], expected, { slack: 0.001 })).toEqual([]);
    expect(wrongSingularValues([10, 1.02, 5], expected, { slack: 0.001 })).toHaveLength(1);
  });

  it('expects zeros to be zero, and as many values', () => {
    expect(wrongSingularValues([0, 0], [0, 0])).toEqual([]);
    expect(wrongSingularValues([1e-30, 0], [0, 0])).toHaveLength(1);
    expect(wrongSingularValues([10, 1], expected)).toEqual([{ place: 'length', found: 2, expected: 3 }]);
    expect(wrongSingularValues([NaN, 1, 1], expected)).toHaveLength(1);
  });
});

describe('wrongGoldenAnalysis', () => {
  const golden: Golden = {
    files: {},
    float32Deviation: { singularValues: 0, score: 0 },
    switchSensitivity: { singularValues: 0, score: 0.001 },
    inputs: { file: '', n: 2 },
    outputs: { kind: 'logits', count: 1 },
    firstOutputs: [[1], [2]],
    score: 1.5,
    perOutput: [{ output: 0, singularValues: [4, 2], score: 1.5 }],
    stacked: { singularValues: [4, 2], score: 1.5 },
  };
  const analysis = {
    outputs: [{ index: 0, singularValues: Float64Array.of(4, 2) }],
    metrics: { 'edjm-score': { value: 1.5 } },
    stacked: { singularValues: Float64Array.of(4, 2), metrics: { 'edjm-score': 1.5 } },
  };
  const first = Float32Array.of(1, 2);

  it('finds what is wrong with each part', () => {
    expect(wrongGoldenAnalysis({ first, analysis }, golden)).toEqual([]);
    const { stacked, ...alone } = analysis;
    const index = { ...analysis, outputs: [{ index: 1, singularValues: Float64Array.of(4, 2) }] };
    const values = { ...analysis, outputs: [{ index: 0, singularValues: Float64Array.of(4, 3) }] };
    const score = { ...analysis, metrics: { 'edjm-score': { value: 1.6 } } };
    const of = { ...analysis, stacked: { ...stacked, metrics: {} } };
    for (const wrong of [index, values, score, of]) {
      expect(wrongGoldenAnalysis({ first, analysis: wrong }, golden)).toHaveLength(1);
    }
    expect(wrongGoldenAnalysis({ first, analysis: alone }, golden)).toHaveLength(2);
    expect(wrongGoldenAnalysis({ first: Float32Array.of(1, 3), analysis }, golden)).toHaveLength(1);
  });

  it('allows scores three times what float32 and switches do', () => {
    expect(wrongScore(1.5029, 1.5, golden)).toEqual([]);
    expect(wrongScore(1.5031, 1.5, golden)).toHaveLength(1);
    expect(wrongScore(undefined, 1.5, golden)).toHaveLength(1);
  });
});
