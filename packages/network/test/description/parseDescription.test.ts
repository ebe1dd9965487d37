import { describe, expect, it } from 'vitest';
import { networkFromDescription, parseDescription, type NetworkDescription } from '../../src/index.ts';
import { thrown } from './thrown.ts';

const layers = (...all: unknown[]) => ({ inputShape: [3], layers: all });
const relu = { type: 'relu' };
const conv = { type: 'conv2d', channels: 2, kernel: 3 };

/** So many residual layers in each other. */
function nested(depth: number): unknown {
  let layer: object = relu;
  for (let i = 0; i < depth; i++) layer = { type: 'residual', body: [layer] };
  return layer;
}

/** So many lists in each other. */
function lists(depth: number): unknown {
  return JSON.parse('['.repeat(depth) + ']'.repeat(depth));
}

describe('parseDescription', () => {
  it('takes files by hand, and gives them back as they are', () => {
    const json = layers({ type: 'dense', units: 4 }, relu, nested(16));
    expect(parseDescription(json)).toEqual(json);
    const named = { format: 'edjm-network', version: 1, name: 'mine', ...json };
    expect(parseDescription(named)).toEqual(named);
  });

  it.each([
    [null, /^network description: expected an object with inputShape and layers, got null/],
    [[], /, inputShape: expected this field, got nothing/],
    [{ layers: [] }, /, inputShape: expected this field, got nothing/],
    [{ inputShape: [3] }, /, layers: expected this field, got nothing/],
    [{ ...layers(), format: 'onnx' }, /, format: expected "edjm-network", got "onnx"/],
    [{ ...layers(), version: 2 }, /, version: expected 1, .*, got 2/],
    [{ ...layers(), name: 5 }, /, name: expected a text, got 5/],
    [{ ...layers(), weights: [] }, /, weights: expected no field of this name, got one/],
    [{ layers: [], inputShape: [3, 2] }, /, inputShape: expected \[d\] or \[C, H, W\].*, got \[3,2\]/],
    [{ layers: [], inputShape: [0] }, /, inputShape: /],
    [{ layers: {}, inputShape: [3] }, /, layers: expected a list of layers, got an object/],
    [layers(relu, 'relu'), /, layers\[1\]: expected an object with the type of a layer, got "relu"/],
    [layers(relu, {}), /, layers\[1\]\.type: expected one of dense, conv2d, .*, residual, got nothing/],
    [layers({ type: 'Dense' }), /, layers\[0\]\.type: expected one of dense, .*, got "Dense"/],
    [layers({ type: 'constructor' }), /, layers\[0\]\.type: /],
    [layers({ type: 'dense' }), /, layers\[0\]\.units: expected this field, got nothing/],
    [layers({ type: 'dense', units: '4' }), /, layers\[0\]\.units: expected an integer .*, got "4"/],
    [layers(relu, relu, relu, { type: 'dense', units: 2.5 }), /, layers\[3\]\.units: expected an integer/],
    [layers({ type: 'dense', units: 0 }), /, layers\[0\]\.units: /],
    [layers({ type: 'dense', units: 1e12 }), /, layers\[0\]\.units: .*16777216, got 1000000000000/],
    [layers({ type: 'dense', units: 4, bias: 0 }), /, layers\[0\]\.bias: expected true or false, got 0/],
    [layers({ ...relu, constructor: 1 }), /, layers\[0\]\.constructor: expected no field/],
    [layers(JSON.parse('{ "type": "relu", "__proto__": 1 }')), /, layers\[0\]\.__proto__: expected no field/],
    [layers({ ...conv, kernel: [3] }), /, layers\[0\]\.kernel: expected .*\[height, width\], got \[3\]/],
    [layers({ ...conv, stride: 0 }), /, layers\[0\]\.stride: /],
    [layers({ ...conv, padding: [1, 1] }), /, layers\[0\]\.padding: expected .* or "same", got \[1,1\]/],
    [layers({ ...conv, padding: -1 }), /, layers\[0\]\.padding: /],
    [layers({ ...conv, groups: '2' }), /, layers\[0\]\.groups: /],
    [layers({ type: 'maxPool2d', kernel: 2, countIncludePad: true }), /countIncludePad: expected no field/],
    [layers({ type: 'batchNorm', epsilon: null }), /, layers\[0\]\.epsilon: expected a number, got null/],
    [layers({ type: 'gelu', approximate: true }), /, layers\[0\]\.approximate: expected "none" or "tanh"/],
    [
      layers({ type: 'residual', body: [{ type: 'elu', alpha: 'x' }] }),
      /, layers\[0\]\.body\[0\]\.alpha: expected a number, got "x"/,
    ],
    [layers({ type: 'residual', body: [], shortcut: [{}] }), /, layers\[0\]\.shortcut\[0\]\.type: /],
  ])('refuses %j', (json, message) => {
    const error = thrown(() => parseDescription(json));
    expect(error.code).toBe('INVALID_FILE');
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(400);
  });
});

it.each([
  ['residual layers', layers(nested(17)), /\.body: expected residual layers at most 16 deep in each other/],
  ['very many of them', layers(nested(50_000)), /\.body: expected residual layers at most 16 deep/],
  ['lists in place of a number', layers({ type: 'dense', units: lists(50_000) }), /units: .* got a list/],
])('refuses %s deep in each other', (_, json, message) => {
  const error = thrown(() => parseDescription(json));
  expect(error.code).toBe('INVALID_FILE');
  expect(error.message).toMatch(message);
});

describe('a description that asks for too much', () => {
  const dense = { type: 'dense', units: 2 ** 24 } as const;

  it.each<[NetworkDescription, RegExp]>([
    [
      { inputShape: [2 ** 24], layers: [dense] },
      /layer 0 \(dense\): expected parameters .* got 281474976710656/,
    ],
    [{ inputShape: [2 ** 24, 2 ** 24, 1], layers: [] }, /input: expected at most/],
    [
      { inputShape: [1, 1, 1], layers: [{ type: 'conv2d', channels: 1, kernel: 1, padding: 2 ** 20 }] },
      /layer 0 \(conv2d\): expected an output of at most/,
    ],
    [
      {
        inputShape: [1],
        layers: [
          { type: 'residual', body: Array.from({ length: 40 }, () => ({ type: 'dense', units: 2 ** 16 })) },
        ],
      },
      /body layer 1 \(dense\): expected parameters/,
    ],
  ])('is refused before memory is taken: %j', (description, message) => {
    const error = thrown(() => networkFromDescription(description));
    expect(error.code).toBe('INVALID_FILE');
    expect(error.message).toMatch(message);
  });
});
