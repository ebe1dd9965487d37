import { describe, expect, it } from 'vitest';
import {
  dense,
  flatten,
  type Layer,
  logitsOf,
  logSoftmax,
  relu,
  scale,
  sigmoid,
  softmax,
  withoutSoftmax,
} from '../../src/index.ts';

const found = (inputShape: readonly number[], ...layers: readonly Layer[]) => {
  const { network, head } = logitsOf({ name: 'net', inputShape, layers });
  return { types: network.layers.map(({ type }) => type), head };
};
const identity = dense({ weight: { shape: [3, 3], data: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) } });
const groups = { size: 3, stride: 1 };

describe('logitsOf', () => {
  it.each([
    ['softmax', [softmax()], { kind: 'softmax', at: 'softmax (layer 1)', groups }],
    ['log-softmax', [logSoftmax()], { kind: 'log-softmax', at: 'logSoftmax (layer 1)', groups }],
    ['sigmoid', [sigmoid()], { kind: 'sigmoid', at: 'sigmoid (layer 1)' }],
    ['logits', [], { kind: 'none', groups }],
  ])('takes off %s', (_, ending, head) => {
    expect(found([3], relu(), ...ending)).toEqual({ types: ['relu'], head });
  });

  it('looks through what flattens', () => {
    expect(found([3], softmax(), flatten())).toMatchObject({ types: ['flatten'], head: { kind: 'softmax' } });
    expect(found([1, 2, 2], sigmoid(), flatten())).toMatchObject({
      types: ['flatten'],
      head: { kind: 'sigmoid' },
    });
  });

  it('leaves a head whose values change behind it', () => {
    const { types, head } = found([3], softmax(), scale(Float32Array.of(1, 2, 3)));
    expect(types).toEqual(['softmax', 'scale']);
    expect(head).toEqual({
      kind: 'as-is',
      at: 'softmax (layer 0)',
      reason: 'scale (layer 1) changes the values of softmax (layer 0)',
    });
  });

  it('leaves a hidden one', () => {
    expect(found([3], softmax(), identity).head).toEqual({ kind: 'none', groups });
    expect(found([3], sigmoid(), identity, relu()).head.kind).toBe('none');
  });

  it('does not say which outputs of an image belong together', () => {
    expect(found([3, 2, 2], relu()).head).toEqual({ kind: 'none' });
    expect(found([3, 1, 1], relu()).head).toEqual({ kind: 'none', groups });
  });
});

it.each([
  ['a softmax', softmax(), []],
  ['a log-softmax', logSoftmax(), []],
  ['no sigmoid', sigmoid(), ['sigmoid']],
])('withoutSoftmax takes off %s', (_, layer, left) => {
  const { layers } = withoutSoftmax({ name: 'net', inputShape: [3], layers: [layer] });
  expect(layers.map(({ type }) => type)).toEqual(left);
});
