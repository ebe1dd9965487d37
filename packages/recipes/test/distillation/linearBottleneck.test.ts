import { multiply, singularVectors } from '@edjm/linalg';
import { dense, type DenseLayer, inferShapes, multilayerPerceptron, type Tensor } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { withLinearBottleneck } from '../../src/index.ts';
import { logitDistance, normalSamples } from './student.ts';

const network = multilayerPerceptron({ dIn: 7, hidden: [9], dOut: 3, seed: 4 });
const matrix = ({ shape, data }: Tensor) => ({ rows: shape[0]!, columns: shape[1]!, data });

describe('withLinearBottleneck', () => {
  it('gives the nearest two layers: what is left out are the other singular values', () => {
    for (const width of [1, 3, 6]) {
      const narrow = withLinearBottleneck(network, { layer: 0, width });
      expect(inferShapes(narrow)).toEqual([[7], [width], [9], [9], [3]]);
      const [first, second] = narrow.layers as [DenseLayer, DenseLayer];
      const wide = network.layers[0] as DenseLayer;
      expect(first.bias).toBeUndefined();
      expect(second.bias).toEqual(wide.bias);
      const product = multiply(matrix(second.weight), matrix(first.weight)).data;
      const error = Math.sqrt(
        Array.from(wide.weight.data).reduce((sum, w, i) => sum + (w - product[i]!) ** 2, 0),
      );
      const { singularValues } = singularVectors(matrix(wide.weight));
      expect(error).toBeCloseTo(Math.hypot(...singularValues.subarray(width)), 6);
      // Both factors share the singular values evenly.
      const ofFirst = singularVectors(matrix(first.weight)).singularValues;
      const ofSecond = singularVectors(matrix(second.weight)).singularValues;
      ofFirst.forEach((value, i) => {
        expect(value).toBeCloseTo(Math.sqrt(singularValues[i]!), 5);
        expect(ofSecond[i]).toBeCloseTo(value, 5);
      });
    }
  });

  it('is the same function at full rank, in the last layer too', async () => {
    const samples = normalSamples(20, 7, 1);
    for (const [layer, width] of [
      [0, 7],
      [2, 3],
    ] as const) {
      const narrow = withLinearBottleneck(network, { layer, width });
      expect(await logitDistance(narrow, network, samples)).toBeLessThan(1e-12);
    }
  });

  it('stores what the weight is stored in', () => {
    const weight = { shape: [2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 7) };
    const [double] = withLinearBottleneck(
      { name: 'double', inputShape: [3], layers: [dense({ weight })] },
      { layer: 0, width: 1 },
    ).layers as [DenseLayer];
    expect(double.weight.data).toBeInstanceOf(Float64Array);
    const [single] = withLinearBottleneck(network, { layer: 0, width: 1 }).layers as [DenseLayer];
    expect(single.weight.data).toBeInstanceOf(Float32Array);
  });

  it.each([
    [{ layer: 1, width: 1 }, /expected a dense layer, got layer 1 \(relu\)/],
    [{ layer: 3, width: 1 }, /expected a dense layer, got layer 3 \(none\)/],
    [{ layer: 0, width: 0 }, /expected a width from 1 to 7, .* got 0/],
    [{ layer: 0, width: 8 }, /expected a width from 1 to 7, .* got 8/],
    [{ layer: 0, width: 1.5 }, /expected a width from 1 to 7/],
  ])('refuses %j', (options, message) => {
    expect(() => withLinearBottleneck(network, options)).toThrow(message);
  });
});
