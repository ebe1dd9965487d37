import type { ParameterValues } from '@edjm/core';
import { type DenseMatrix, singularValuesOfRows } from '@edjm/linalg';
import { networkParameters } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import {
  layerLogSpectrum,
  orthogonality,
  singularValueBounding,
  spectralNormPenalty,
  spectralNormalization,
  svdFactorized,
  svdLayers,
  svdTraining,
  weightLogDet,
} from '../../src/index.ts';
import { convolutionalNetwork, denseNetwork, moved } from '../networks.ts';
import { randomMatrix, relativeDifference } from '../numbers.ts';

const context = { n: 0, dIn: 1, dOut: 1, step: 0, seed: 0 };
const parameters = networkParameters(convolutionalNetwork());
const isWeight = ({ shape }: ParameterValues): boolean => shape.length > 1;
const matrixOf = ({ shape, data }: ParameterValues): DenseMatrix => ({
  rows: shape[0]!,
  columns: data.length / shape[0]!,
  data,
});
const spectra = [...parameters.values()]
  .filter(isWeight)
  .map((weight) => singularValuesOfRows(matrixOf(weight)));
const sumOver = (f: (sigma: number) => number): number =>
  spectra.flatMap((values) => Array.from(values, f)).reduce((sum, value) => sum + value, 0);

describe('penalties of weights, convolutions as matrices', () => {
  it.each([
    ['weightLogDet', weightLogDet({ strength: 0.5, relativeDelta: 0 }), -0.5 * sumOver(Math.log)],
    [
      'weightLogDet, lowered',
      weightLogDet({ strength: 2, delta: 0.3, direction: 'lower' }),
      sumOver((s) => Math.log(s ** 2 + 0.3)),
    ],
    ['orthogonality', orthogonality({ strength: 0.5 }), 0.25 * sumOver((s) => (s ** 2 - 1) ** 2)],
    [
      'spectralNorm',
      spectralNormPenalty({ strength: 0.5 }),
      0.25 * spectra.reduce((sum, [first]) => sum + first! ** 2, 0),
    ],
  ] as const)('%s is what its singular values say', (_, regularizer, expected) => {
    expect(regularizer.penalty({ parameters }, context)).toBeCloseTo(expected, 10);
  });

  it('are of the weights that are named, which must exist', () => {
    const regularizer = orthogonality({ strength: 1, weights: ['5.weight'] });
    const expected = spectra[2]!.reduce((sum, s) => sum + (s ** 2 - 1) ** 2 / 2, 0);
    expect(regularizer.penalty({ parameters }, context)).toBeCloseTo(expected, 10);
    expect(regularizer.parameterNames).toEqual(['5.weight']);
    const wrong = orthogonality({ strength: 1, weights: ['5.bias'] });
    expect(() => wrong.penalty({ parameters }, context)).toThrow(
      /among 0\.weight, 2\.body\.0\.weight, 5\.weight, got 5\.bias/,
    );
  });

  it('refuse options out of their range', () => {
    expect(() => orthogonality({ strength: -1 })).toThrow(
      'orthogonality: expected a strength above 0, got -1',
    );
    expect(() => weightLogDet({ strength: 1, every: 0 })).toThrow(/every/);
    expect(() => spectralNormPenalty({ strength: Infinity })).toThrow(/strength/);
    expect(() => spectralNormalization({ limit: 0 })).toThrow(/limit above 0/);
    expect(() => spectralNormalization({ every: 0 })).toThrow(/every/);
    expect(() => singularValueBounding({ bound: 1 })).toThrow(/bound above 1/);
  });
});

describe('the spectral norm', () => {
  const normOf = (matrix: DenseMatrix): number => {
    const weights = new Map([['0.weight', { shape: [matrix.rows, matrix.columns], data: matrix.data }]]);
    return Math.sqrt(2 * spectralNormPenalty({ strength: 1 }).penalty({ parameters: weights }, context));
  };

  it.each([
    [300, 200],
    [200, 300],
    [150, 150],
    [1, 40],
    [40, 1],
  ])('is exact for %i × %i, where many values lie close together', (rows, columns) => {
    const matrix = randomMatrix(rows, columns, 6);
    expect(normOf(matrix) / singularValuesOfRows(matrix)[0]!).toBeCloseTo(1, 10);
  });

  it('is found where it is that of all directions, of one, and of none', () => {
    const diagonal = (values: number[]): DenseMatrix => ({
      rows: values.length,
      columns: values.length,
      data: Float64Array.from({ length: values.length ** 2 }, (_, at) =>
        at % (values.length + 1) === 0 ? values[at / (values.length + 1)]! : 0,
      ),
    });
    expect(normOf(diagonal(new Array<number>(40).fill(2)))).toBeCloseTo(2, 12);
    expect(normOf(diagonal([3, ...new Array<number>(39).fill(0)]))).toBeCloseTo(3, 12);
    expect(normOf(diagonal([0, 0, 0]))).toBe(0);
  });
});

describe('projections of weights', () => {
  it('spectralNormalization divides by what is above the limit, and leaves the rest alone', () => {
    const [limit] = [spectra[1]![0]!];
    const regularizer = spectralNormalization({ limit });
    expect([regularizer.penalty({}, context), regularizer.needs, regularizer.projection.every]).toEqual([
      0,
      [],
      1,
    ]);
    const { parameters: after, velocities } = regularizer.projection.apply(parameters, new Map());
    expect(velocities).toBeUndefined();
    expect([...after.keys()]).toEqual(['0.weight', '2.body.0.weight', '5.weight']);
    for (const [at, weight] of [...after.values()].entries()) {
      const values = singularValuesOfRows(matrixOf(weight));
      const factor = Math.min(1, limit / spectra[at]![0]!);
      expect(
        relativeDifference(
          values,
          spectra[at]!.map((value) => factor * value),
        ),
      ).toBeLessThan(1e-10);
    }
  });

  it('singularValueBounding clips singular values, and keeps their vectors', () => {
    const { projection } = singularValueBounding({ bound: 1.3 });
    expect(projection.every).toBe('epoch');
    const { parameters: after } = projection.apply(parameters, new Map());
    for (const [at, weight] of [...after.values()].entries()) {
      const clipped = spectra[at]!.map((value) => Math.min(1.3, Math.max(1 / 1.3, value)));
      expect(relativeDifference(singularValuesOfRows(matrixOf(weight)), clipped)).toBeLessThan(1e-12);
    }
    const again = projection.apply(after, new Map()).parameters;
    for (const [name, { data }] of after)
      expect(relativeDifference(again.get(name)!.data, data)).toBeLessThan(1e-12);
    const wide = singularValueBounding({ bound: 1e6 }).projection.apply(parameters, new Map()).parameters;
    expect(relativeDifference(wide.get('0.weight')!.data, parameters.get('0.weight')!.data)).toBeLessThan(
      1e-13,
    );
  });

  it('keep the kind of array', () => {
    const weights = new Map([['0.weight', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]]);
    for (const { projection } of [singularValueBounding(), spectralNormalization()]) {
      expect(projection.apply(weights, new Map()).parameters.get('0.weight')!.data).toBeInstanceOf(
        Float32Array,
      );
    }
  });
});

describe('regularizers of SVD layers', () => {
  const network = svdFactorized(denseNetwork());
  const layers = svdLayers(network);
  const values = new Map([['1.scale', { shape: [4], data: Float64Array.of(2, -0.5, 0.001, 0) }]]);
  const one = [layers[0]!];

  it('layerLogSpectrum raises the logarithms of sizes, down to the guard', () => {
    const regularizer = layerLogSpectrum({
      strength: 0.1,
      layers: one,
      guard: 0.01,
    });
    expect([regularizer.parameterNames, regularizer.projection?.every]).toEqual([['1.scale'], 'epoch']);
    const expected = Math.log(2) + Math.log(0.5) + (Math.log(0.01) + 0.1 - 1) + (Math.log(0.01) - 1);
    expect(regularizer.penalty({ parameters: values }, context)).toBeCloseTo(-0.1 * expected, 12);
    const slopes = regularizer.gradient({ parameters: values }, context).parameters!.get('1.scale')!;
    expect(relativeDifference(slopes, [-0.05, 0.2, -10, -10])).toBeLessThan(1e-14);
  });

  it('svdTraining is 0 of orthonormal factors but for the sparsity, by both measures', () => {
    const ofNetwork = networkParameters(network);
    const s = ofNetwork.get('1.scale')!.data;
    const [sizes, length] = [Array.from(s).reduce((sum, value) => sum + value, 0), Math.hypot(...s)];
    const options = { layers: one, orthogonality: 3, sparsity: 0.5 };
    expect(svdTraining(options).penalty({ parameters: ofNetwork }, context)).toBeCloseTo(
      (0.5 * sizes) / length,
      10,
    );
    const l1 = svdTraining({ ...options, measure: 'l1' });
    expect(l1.penalty({ parameters: ofNetwork }, context)).toBeCloseTo(0.5 * sizes, 10);
    const zero = new Map([...ofNetwork, ['1.scale', { shape: [5], data: new Float64Array(5) }] as const]);
    expect(svdTraining(options).penalty({ parameters: zero }, context)).toBeCloseTo(0, 10);
  });

  it('svdTraining counts how far factors are from orthonormal, by the square of the rank', () => {
    const twice = networkParameters(moved(network, 0));
    const doubled = new Map(
      [...twice].map(([name, { shape, data }]) => [name, { shape, data: data.map((x) => 2 * x) }]),
    );
    const l1 = Array.from(doubled.get('1.scale')!.data).reduce((sum, value) => sum + value, 0);
    const regularizer = svdTraining({ layers: one, orthogonality: 1, sparsity: 1, measure: 'l1' });
    // ‖4 I − I‖² = 9 r for each of U and V, over r².
    expect(regularizer.penalty({ parameters: doubled }, context)).toBeCloseTo(18 / 5 + l1, 10);
  });

  it('refuse no layers, options out of their range, and parameters that are not there', () => {
    expect(() => layerLogSpectrum({ strength: 1, layers: [] })).toThrow(/expected SVD layers, got none/);
    expect(() => layerLogSpectrum({ strength: 1, layers, guard: 0 })).toThrow(/guard above 0/);
    expect(() => layerLogSpectrum({ strength: 1, layers, project: 0 })).toThrow(/project/);
    expect(() => svdTraining({ layers, orthogonality: 0, sparsity: 1 })).toThrow(/orthogonality above 0/);
    const regularizer = layerLogSpectrum({ strength: 1, layers });
    expect(() => regularizer.penalty({ parameters: values }, context)).toThrow(
      /expected 5\.scale among the parameters, got 1\.scale/,
    );
  });
});
