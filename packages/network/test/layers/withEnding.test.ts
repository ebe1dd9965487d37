import type { OutputKind } from '@edjm/core';
import { expect, it } from 'vitest';
import { flatten, type Layer, logSoftmax, relu, softmax, withEnding } from '../../src/index.ts';

function types(inputShape: readonly number[], layers: readonly Layer[], kind: OutputKind): string[] {
  return withEnding({ name: 'net', inputShape, layers }, kind).layers.map(({ type }) => type);
}

it.each([
  ['logits', []],
  ['softmax', [softmax()]],
  ['log-softmax', [logSoftmax()]],
])('gives every kind of output of a network that ends in %s', (_, ending) => {
  const layers = [relu(), ...ending];
  expect(types([3], layers, 'logit')).toEqual(['relu']);
  expect(types([3], layers, 'probability')).toEqual(['relu', 'softmax']);
  expect(types([3], layers, 'log-probability')).toEqual(['relu', 'logSoftmax']);
});

it('leaves a softmax that is not the last layer', () => {
  expect(types([3], [softmax(), relu()], 'logit')).toEqual(['softmax', 'relu']);
});

it('flattens an image before it adds a softmax', () => {
  expect(types([3, 1, 1], [relu()], 'probability')).toEqual(['relu', 'flatten', 'softmax']);
  expect(types([3, 1, 1], [relu(), flatten()], 'probability')).toEqual(['relu', 'flatten', 'softmax']);
  expect(types([3, 1, 1], [relu()], 'logit')).toEqual(['relu']);
});
