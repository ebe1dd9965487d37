import { EdjmError, type EdjmErrorCode } from '@edjm/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  averagePool2d,
  batchNorm,
  celu,
  conv2d,
  dense,
  flatten,
  globalAveragePool2d,
  globalMaxPool2d,
  inferShapes,
  type Layer,
  leakyRelu,
  maxPool2d,
  relu,
  residual,
  softmax,
  type Tensor,
} from '../../src/index.ts';

function ones(...shape: number[]): Tensor {
  return { shape, data: new Float32Array(shape.reduce((a, b) => a * b)).fill(1) };
}

function vector(length: number): Float32Array {
  return new Float32Array(length).fill(1);
}

function shapes(inputShape: readonly number[], ...layers: Layer[]): readonly (readonly number[])[] {
  return inferShapes({ name: 'net', inputShape, layers });
}

describe('inferShapes', () => {
  it('follows a convolutional network', () => {
    expect(
      shapes(
        [3, 32, 30],
        conv2d({ weight: ones(8, 3, 3, 3), bias: vector(8), padding: 1, stride: 2 }),
        batchNorm({ scale: vector(8), bias: vector(8), mean: vector(8), variance: vector(8) }),
        relu(),
        maxPool2d({ kernel: 3, stride: 2, padding: [0, 1, 1, 0] }),
        averagePool2d({ kernel: [2, 1] }),
        globalAveragePool2d(),
        flatten(),
        dense({ weight: ones(10, 8) }),
        softmax(),
      ),
    ).toEqual([
      [3, 32, 30],
      [8, 16, 15],
      [8, 16, 15],
      [8, 16, 15],
      [8, 8, 7],
      [8, 4, 7],
      [8, 1, 1],
      [8],
      [10],
      [10],
    ]);
  });

  it('counts the windows that fit', () => {
    const size = fc.integer({ min: 1, max: 9 });
    const sizes = fc.record({ length: size, kernel: size, stride: size, dilation: size, padding: size });
    fc.assert(
      fc.property(sizes, ({ length, kernel, stride, dilation, padding }) => {
        const extent = (kernel - 1) * dilation + 1;
        const starts = Array.from({ length: length + 2 * padding }, (_, i) => i).filter(
          (start) => start % stride === 0 && start + extent <= length + 2 * padding,
        );
        fc.pre(starts.length > 0);
        const layer = conv2d({
          weight: ones(1, 1, kernel, 1),
          stride: [stride, 1],
          padding: [padding, 0, padding, 0],
          dilation: [dilation, 1],
        });
        expect(shapes([1, length, 1], layer)[1]).toEqual([1, starts.length, 1]);
      }),
    );
  });

  it('adds the branches of a residual layer', () => {
    const body = [dense({ weight: ones(4, 6) }), relu(), dense({ weight: ones(3, 4) })];
    expect(shapes([6], residual(body, [dense({ weight: ones(3, 6) })]))).toEqual([[6], [3]]);
  });

  const statistics = { scale: vector(2), bias: vector(2), mean: vector(2), variance: vector(2) };
  const image = [2, 4, 4];
  it.each<[string, readonly [readonly number[], Layer], readonly [EdjmErrorCode, RegExp]]>([
    [
      'width',
      [[5], dense({ weight: ones(2, 3) })],
      ['SHAPE_MISMATCH', /^net, layer 0 \(dense\): expected 3 .* got 5\.$/],
    ],
    [
      'an image for dense',
      [image, dense({ weight: ones(2, 32) })],
      ['SHAPE_MISMATCH', /flatten\(\).* got \[2, 4, 4\]/],
    ],
    [
      'weight rank',
      [[3], dense({ weight: ones(3) })],
      ['SHAPE_MISMATCH', /weight .*expected 2 axes, got \[3\]/],
    ],
    [
      'weight length',
      [[3], dense({ weight: { shape: [2, 3], data: vector(5) } })],
      ['SHAPE_MISMATCH', /6 values, got 5/],
    ],
    [
      'bias length',
      [[3], dense({ weight: ones(2, 3), bias: vector(3) })],
      ['SHAPE_MISMATCH', /bias: expected 2 .* got 3/],
    ],
    [
      'NaN',
      [[1], dense({ weight: { shape: [1, 1], data: Float32Array.of(NaN) } })],
      ['INVALID_DATA', /finite values/],
    ],
    [
      'flat sample for conv2d',
      [[32], conv2d({ weight: ones(1, 2, 3, 3) })],
      ['SHAPE_MISMATCH', /an image .* got \[32\]/],
    ],
    [
      'channels',
      [image, conv2d({ weight: ones(4, 2, 3, 3), groups: 2 })],
      ['SHAPE_MISMATCH', /4 input channels .* got 2/],
    ],
    [
      'uneven groups',
      [image, conv2d({ weight: ones(3, 1, 3, 3), groups: 2 })],
      ['SHAPE_MISMATCH', /multiple of 2 .* 3/],
    ],
    [
      'large kernel',
      [image, conv2d({ weight: ones(1, 2, 3, 3), dilation: 2 })],
      ['SHAPE_MISMATCH', /\[5, 5\], got \[4, 4\]/],
    ],
    [
      'stride 0',
      [image, maxPool2d({ kernel: 2, stride: 0 })],
      ['INVALID_ARGUMENT', /stride: expected positive .* \[0, 0\]/],
    ],
    [
      'negative padding',
      [image, maxPool2d({ kernel: 2, padding: -1 })],
      ['INVALID_ARGUMENT', /padding: expected integers/],
    ],
    [
      'wide padding',
      [image, averagePool2d({ kernel: 2, padding: 2 })],
      ['INVALID_ARGUMENT', /padding below the kernel/],
    ],
    [
      'flat sample for pooling',
      [[4], globalMaxPool2d()],
      ['SHAPE_MISMATCH', /globalMaxPool2d\): expected an image/],
    ],
    ['statistics', [[3], batchNorm(statistics)], ['SHAPE_MISMATCH', /scale: expected 3 values, got 2/]],
    [
      'variance',
      [[2], batchNorm({ ...statistics, variance: new Float32Array(2), epsilon: 0 })],
      ['INVALID_ARGUMENT', /variance/],
    ],
    ['epsilon', [[2], batchNorm({ ...statistics, epsilon: -1 })], ['INVALID_ARGUMENT', /epsilon: .* got -1/]],
    ['softmax of an image', [image, softmax()], ['SHAPE_MISMATCH', /flatten\(\)/]],
    [
      'alpha',
      [[2], leakyRelu(Infinity)],
      ['INVALID_ARGUMENT', /alpha: expected a finite number, got Infinity/],
    ],
    ['alpha of celu', [[2], celu(0)], ['INVALID_ARGUMENT', /alpha: expected a number above 0, got 0/]],
    [
      'branches',
      [image, residual([flatten()])],
      ['SHAPE_MISMATCH', /body and shortcut .* \[32\] and \[2, 4, 4\]/],
    ],
    [
      'inside a branch',
      [[2], residual([relu(), dense({ weight: ones(2, 3) })])],
      ['SHAPE_MISMATCH', /\(residual\), body layer 1 \(dense\)/],
    ],
  ])('refuses a wrong %s', (_, [inputShape, layer], [code, message]) => {
    const error = thrown(() => shapes(inputShape, layer));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  it('names the layer that does not fit', () => {
    const error = thrown(() => shapes([2], relu(), relu(), dense({ weight: ones(1, 3) })));
    expect(error.message).toContain('net, layer 2 (dense)');
  });

  it.each([[[]], [[2, 3]], [[0]], [[1.5]], [[3, -1, 2]]])('refuses the input shape %j', (inputShape) => {
    expect(thrown(() => shapes(inputShape))).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('refuses a layer type that does not exist', () => {
    const lstm = JSON.parse('{ "type": "lstm" }') as Layer;
    expect(thrown(() => shapes([2], lstm)).message).toBe(
      'net, layer 0 (lstm): expected a layer type, got lstm.',
    );
  });
});

function thrown(call: () => unknown): EdjmError {
  try {
    call();
  } catch (error) {
    if (EdjmError.is(error)) return error;
    throw error;
  }
  throw new Error('expected an error, got none');
}
