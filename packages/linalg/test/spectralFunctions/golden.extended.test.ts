import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { logDeterminantFunction, multiply, scoreFunction, spectralGradient } from '../../src/index.ts';
import { outerFactors, readPerceptron, readSamples } from './goldenPerceptron.ts';

interface Golden {
  readonly inputs: { readonly file: string; readonly dIn: number };
  readonly perOutput: readonly { readonly singularValues: readonly number[]; readonly score: number }[];
  readonly eq13: {
    readonly inputs: number;
    readonly value: number;
    readonly perOutput: readonly number[];
    readonly gradient: {
      readonly shape: readonly [number, number];
      readonly frobeniusNorm: number;
      readonly row0First5: readonly number[];
      readonly row0Middle5: { readonly columns: readonly number[]; readonly values: readonly number[] };
      readonly rowNorms: readonly number[];
    };
  };
  // cspell:ignore Regulariser -- the data's own spelling
  readonly layerRegulariser: Readonly<Record<string, number>>;
}

const root = process.env['EDJM_DATA_DIR'];
const folder = join(root ?? '', 'golden');
const read = (name: string): Golden => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Golden;

describe.skipIf(root === undefined)(
  'golden values (skipped where EDJM_DATA_DIR does not name the data)',
  () => {
    const files =
      root === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith('.golden.json'));

    it('are there', () => {
      expect(files.length).toBeGreaterThan(0);
    });

    it.each(files)('%s: the score of each output', (file) => {
      for (const { singularValues, score: expected } of read(file).perOutput) {
        const { value } = scoreFunction().evaluate(Float64Array.from(singularValues));
        expect(Math.abs(value - expected)).toBeLessThan(1e-8 * expected);
      }
    });

    it('mlp-relu: Eq 13 and its gradient with respect to the first layer’s weights', () => {
      const { inputs, eq13 } = read('mlp-relu.golden.json');
      const network = readPerceptron(join(folder, 'mlp-relu.safetensors'));
      const samples = readSamples(join(folder, inputs.file), eq13.inputs, inputs.dIn);
      const [height, width] = eq13.gradient.shape;
      const gradient = { rows: height, columns: width, data: new Float64Array(height * width) };
      let sum = 0;
      for (const [output, factor] of outerFactors(network, samples).entries()) {
        const found = spectralGradient(
          multiply(factor, network.weights[0]),
          logDeterminantFunction({ floor: 0 }),
        );
        expect(Math.abs(found.value - eq13.perOutput[output]!)).toBeLessThan(1e-8);
        sum += found.value;
        // J = A W₁, and A does not depend on W₁ as long as no unit switches.
        multiply(factor, found.gradient, { transposeA: true, addTo: gradient });
      }
      expect(Math.abs(sum - eq13.value)).toBeLessThan(1e-7);

      const { frobeniusNorm, row0First5, row0Middle5, rowNorms } = eq13.gradient;
      const expectNear = (actual: number, expected: number): void => {
        expect(Math.abs(actual - expected)).toBeLessThan(1e-9 * frobeniusNorm);
      };
      expectNear(Math.sqrt(gradient.data.reduce((sum, entry) => sum + entry ** 2, 0)), frobeniusNorm);
      row0First5.forEach((expected, at) => {
        expectNear(gradient.data[at]!, expected);
      });
      row0Middle5.columns.forEach((at, index) => {
        expectNear(gradient.data[at]!, row0Middle5.values[index]!);
      });
      rowNorms.forEach((expected, row) => {
        expectNear(Math.hypot(...gradient.data.subarray(row * width, (row + 1) * width)), expected);
      });
    });

    it('mlp-relu: the layer regularizer', () => {
      const { layerRegulariser } = read('mlp-relu.golden.json');
      const { weights } = readPerceptron(join(folder, 'mlp-relu.safetensors'));
      for (const [index, weight] of weights.entries()) {
        const { value } = spectralGradient(weight, logDeterminantFunction({ floor: 0 }));
        const expected = layerRegulariser[`${2 * index}.weight`]!;
        expect(Math.abs(value - expected)).toBeLessThan(1e-8 * Math.abs(expected));
      }
    });
  },
);
