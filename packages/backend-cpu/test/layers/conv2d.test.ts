import { conv2d, inferShapes, valueCount } from '@edjm/network';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LayerFunction } from '../../src/layerFunction.ts';
import { networkFunction } from '../../src/networkFunction.ts';
import { expectExactDerivatives } from '../jacobians.ts';
import { distinctValues, randomVector, randomWeight, weightOf } from '../samples.ts';

function convolve(inputShape: readonly number[], options: Parameters<typeof conv2d>[0]): LayerFunction {
  return networkFunction({ name: 'conv2d', inputShape, layers: [conv2d(options)] });
}

/** 1 … 9, as a 3 × 3 image. */
const image = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);

describe('conv2d', () => {
  it('sums kernel times window, without flipping the kernel', () => {
    const weight = weightOf([1, 1, 2, 2], [1, 0, 0, -10]);
    const { y } = convolve([1, 3, 3], { weight, bias: Float32Array.of(100) })(image);
    expect(y).toEqual(Float64Array.of(51, 42, 24, 15));
  });

  it('pads top, left, bottom, right with zeros', () => {
    const weight = weightOf([1, 1, 1, 1], [2]);
    const { y } = convolve([1, 1, 2], { weight, padding: [1, 2, 0, 1] })(Float64Array.of(3, 4));
    expect(y).toEqual(Float64Array.of(0, 0, 0, 0, 0, 0, 0, 6, 8, 0));
  });

  it('strides down and across', () => {
    const weight = weightOf([1, 1, 1, 1], [1]);
    expect(convolve([1, 3, 3], { weight, stride: [2, 1] })(image).y).toEqual(
      Float64Array.of(1, 2, 3, 7, 8, 9),
    );
  });

  it('dilates down and across', () => {
    const weight = weightOf([1, 1, 2, 2], [1, 10, 100, 1000]);
    expect(convolve([1, 3, 3], { weight, dilation: [2, 1] })(image).y).toEqual(Float64Array.of(8721, 9832));
  });

  it('gives each group of outputs its group of channels', () => {
    const weight = weightOf([4, 1, 1, 1], [1, 10, 100, 1000]);
    const { y } = convolve([2, 1, 1], { weight, groups: 2 })(Float64Array.of(3, 7));
    expect(y).toEqual(Float64Array.of(3, 30, 700, 7000));
  });

  it('sums over the channels', () => {
    const weight = weightOf([2, 2, 1, 1], [1, 10, 2, 20]);
    expect(convolve([2, 1, 1], { weight })(Float64Array.of(3, 7)).y).toEqual(Float64Array.of(73, 146));
  });

  it('has exact derivatives', () => {
    const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
    const padding = fc.integer({ min: 0, max: 2 });
    const window = fc.record({
      kernel: fc.tuple(upTo(3), upTo(3)),
      stride: fc.tuple(upTo(3), upTo(3)),
      padding: fc.tuple(padding, padding, padding, padding),
      dilation: fc.tuple(upTo(2), upTo(2)),
    });
    const channels = fc.record({ groups: upTo(3), perGroup: upTo(2), outputsPerGroup: upTo(2) });
    const size = fc.integer({ min: 5, max: 6 });
    fc.assert(
      fc.property(
        window,
        channels,
        fc.tuple(size, size, fc.integer()),
        (options, counts, [height, width, seed]) => {
          const { kernel, ...rest } = options;
          const outputs = counts.outputsPerGroup * counts.groups;
          const layer = conv2d({
            weight: randomWeight([outputs, counts.perGroup, ...kernel], seed),
            bias: randomVector(outputs, seed),
            groups: counts.groups,
            ...rest,
          });
          const inputShape = [counts.perGroup * counts.groups, height, width];
          const network = { name: 'conv2d', inputShape, layers: [layer] };
          const f = networkFunction(network);
          const x = distinctValues(valueCount(inputShape), seed);
          expect(f(x).y).toHaveLength(valueCount(inferShapes(network)[1]!));
          expectExactDerivatives(f, x);
        },
      ),
      { numRuns: 25 },
    );
  });
});
