import type { DenseMatrix, OutputKind } from '@edjm/core';
import {
  averagePool2d,
  batchNorm,
  celu,
  conv2d,
  dense,
  elu,
  flatten,
  gelu,
  globalAveragePool2d,
  globalMaxPool2d,
  type Layer,
  leakyRelu,
  logSoftmax,
  maxPool2d,
  type Network,
  relu,
  residual,
  scale,
  selu,
  sigmoid,
  softmax,
  softplus,
  tanh,
  valueCount,
} from '@edjm/network';
import { type Draw, drawFrom } from './draw.ts';

/** A small network, the outputs to differentiate, and samples to do it at. */
export interface ReferenceCase {
  /** Unique; a backend opts out by this name. */
  readonly name: string;
  readonly network: Network;
  readonly outputKind: OutputKind;
  /** A few samples that float32 holds exactly, away from the kinks of the network or exactly on one. */
  readonly batch: DenseMatrix;
}

/** Samples in the batch of each case: no power of two, so that a padded batch shows. */
const SAMPLES = 3;

const FEATURES = [6];
const IMAGE = [2, 5, 4];

/**
 * The networks that every backend is tested on, each about one thing, with seeded weights and samples: the same
 * values on every machine.
 *
 * @example
 * ```ts
 * import { referenceCases } from '@edjm/conformance';
 *
 * console.log(referenceCases().map(({ name }) => name));
 * ```
 */
export function referenceCases(): readonly ReferenceCase[] {
  return [
    ...DENSE,
    ...ACTIVATIONS,
    RELU_AT_ZERO,
    ...CONVOLUTIONS,
    ...POOLINGS,
    ...BLOCKS,
    ...ENDINGS,
    ...NARROW,
    ...SCALED,
  ].map(({ name, inputShape, layers, outputKind = 'logit', samples }, index) => {
    const draw = drawFrom(index + 1);
    const width = valueCount(inputShape);
    return {
      name,
      network: { name, inputShape, layers: layers(draw) },
      outputKind,
      batch: samples
        ? { rows: samples.length / width, columns: width, data: Float32Array.from(samples) }
        : draw.matrix(SAMPLES, width),
    };
  });
}

interface Recipe {
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly layers: (draw: Draw) => readonly Layer[];
  readonly outputKind?: OutputKind;
  /** Row by row; random where absent. */
  readonly samples?: readonly number[];
}

const DENSE: readonly Recipe[] = [
  {
    name: 'dense without bias',
    inputShape: FEATURES,
    layers: (draw) => [dense({ weight: draw.weight(3, 6) })],
  },
  { name: 'dense with bias', inputShape: FEATURES, layers: (draw) => [draw.dense(3, 6)] },
  { name: 'one input, one output', inputShape: [1], layers: (draw) => [draw.dense(1, 1), tanh()] },
  {
    name: 'float64 weights',
    inputShape: FEATURES,
    layers: (draw) => [
      dense({ weight: { shape: [3, 6], data: Float64Array.from({ length: 18 }, () => draw.normal()) } }),
    ],
  },
  {
    name: 'multilayer perceptron',
    inputShape: FEATURES,
    layers: (draw) => [draw.dense(8, 6), relu(), draw.dense(7, 8), relu(), draw.dense(3, 7)],
  },
  {
    name: 'multilayer perceptron on images',
    inputShape: [1, 2, 3],
    layers: (draw) => [flatten(), draw.dense(8, 6), relu(), draw.dense(3, 8)],
  },
];

/** The derivative of max(x, 0) at 0 is 0. */
const RELU_AT_ZERO: Recipe = {
  name: 'activation: relu at 0',
  inputShape: [3],
  layers: (draw) => [relu(), draw.dense(3, 3)],
  samples: [0, 1, -1, 2, 0, 0, 0, 0, 0],
};

const ACTIVATIONS: readonly Recipe[] = Object.entries({
  relu: relu(),
  'leaky relu': leakyRelu(),
  'leaky relu of slope 0.3': leakyRelu(0.3),
  elu: elu(),
  'elu of scale 0.7': elu(0.7),
  celu: celu(),
  'celu of scale 1.6': celu(1.6),
  selu: selu(),
  sigmoid: sigmoid(),
  tanh: tanh(),
  gelu: gelu(),
  'gelu by tanh': gelu('tanh'),
  softplus: softplus(),
  'softmax inside': softmax(),
  'log-softmax inside': logSoftmax(),
}).map(([name, activation]) => ({
  name: `activation: ${name}`,
  inputShape: FEATURES,
  layers: (draw) => [draw.dense(8, 6), activation, draw.dense(3, 8)],
}));

/** `[C, H, W]` to three outputs. */
function readOut(draw: Draw, values: number): readonly Layer[] {
  return [flatten(), draw.dense(3, values)];
}

const CONVOLUTIONS: readonly Recipe[] = (
  [
    { name: '3 × 3', shape: [3, 2, 3, 3], values: 18 },
    { name: '1 × 1', shape: [3, 2, 1, 1], values: 60 },
    { name: 'whole image', shape: [3, 2, 5, 4], values: 3 },
    { name: 'rectangular kernel', shape: [3, 2, 2, 3], values: 24 },
    { name: 'same padding', shape: [2, 2, 3, 3], padding: 1, values: 40 },
    { name: 'uneven padding', shape: [2, 2, 3, 2], padding: [2, 0, 1, 1], values: 48 },
    { name: 'stride', shape: [3, 2, 2, 2], stride: 2, values: 12 },
    { name: 'uneven stride', shape: [2, 2, 2, 2], stride: [3, 1], padding: 1, values: 20 },
    { name: 'stride that leaves pixels over', shape: [3, 2, 2, 1], stride: 3, values: 12 },
    { name: 'dilation', shape: [2, 2, 3, 2], dilation: 2, values: 4 },
    { name: 'groups', shape: [4, 1, 2, 2], groups: 2, values: 48 },
    {
      name: 'everything at once',
      shape: [4, 1, 3, 2],
      stride: [2, 1],
      padding: [2, 1, 0, 2],
      dilation: [1, 3],
      groups: 2,
      values: 48,
    },
  ] as const
).map(({ name, shape, values, ...options }) => ({
  name: `convolution: ${name}`,
  inputShape: IMAGE,
  layers: (draw) => [
    conv2d({ weight: draw.weight(...shape), bias: draw.vector(shape[0]), ...options }),
    ...readOut(draw, values),
  ],
}));

const POOLINGS: readonly Recipe[] = Object.entries({
  'maximum, side by side': { layer: maxPool2d({ kernel: 2 }), values: 8 },
  'maximum, overlapping': { layer: maxPool2d({ kernel: 3, stride: 1 }), values: 12 },
  'maximum, padded': { layer: maxPool2d({ kernel: [3, 2], stride: 2, padding: [1, 0, 2, 1] }), values: 12 },
  'average, side by side': { layer: averagePool2d({ kernel: 2 }), values: 8 },
  'average, overlapping': { layer: averagePool2d({ kernel: [3, 2], stride: 1 }), values: 18 },
  'average, padding left out': {
    layer: averagePool2d({ kernel: 3, stride: 2, padding: [1, 1, 1, 0] }),
    values: 12,
  },
  'average, padding counted': {
    layer: averagePool2d({ kernel: 3, stride: 2, padding: [1, 1, 1, 0], countIncludePad: true }),
    values: 12,
  },
  'global maximum': { layer: globalMaxPool2d(), values: 2 },
  'global average': { layer: globalAveragePool2d(), values: 2 },
}).map(([name, { layer, values }]) => ({
  name: `pooling: ${name}`,
  inputShape: IMAGE,
  layers: (draw) => [layer, ...readOut(draw, values)],
}));

/** Batch normalization with statistics that are far from 0 and 1. */
function normalize(draw: Draw, channels: number): Layer {
  return batchNorm({
    scale: draw.vector(channels),
    bias: draw.vector(channels),
    mean: draw.vector(channels),
    variance: draw.vector(channels).map((value) => 0.5 + value ** 2),
    epsilon: 1e-3,
  });
}

function convolution(draw: Draw, outputs: number, inputs: number): Layer {
  return conv2d({ weight: draw.weight(outputs, inputs, 3, 3), bias: draw.vector(outputs), padding: 1 });
}

const BLOCKS: readonly Recipe[] = [
  {
    name: 'batch normalization of features',
    inputShape: FEATURES,
    layers: (draw) => [normalize(draw, 6), tanh(), draw.dense(3, 6)],
  },
  {
    name: 'batch normalization of channels',
    inputShape: IMAGE,
    layers: (draw) => [normalize(draw, 2), ...readOut(draw, 40)],
  },
  {
    name: 'residual with identity',
    inputShape: FEATURES,
    layers: (draw) => [residual([draw.dense(4, 6), tanh(), draw.dense(6, 4)]), draw.dense(3, 6)],
  },
  {
    name: 'residual with projection',
    inputShape: FEATURES,
    layers: (draw) => [residual([draw.dense(5, 6), relu(), draw.dense(3, 5)], [draw.dense(3, 6)])],
  },
  {
    name: 'residual within a residual',
    inputShape: FEATURES,
    layers: (draw) => [
      residual([draw.dense(6, 6), residual([tanh(), draw.dense(6, 6)]), softplus()]),
      draw.dense(3, 6),
    ],
  },
  {
    name: 'convolutional network',
    inputShape: [1, 6, 6],
    layers: (draw) => [
      convolution(draw, 3, 1),
      relu(),
      maxPool2d({ kernel: 2 }),
      convolution(draw, 4, 3),
      relu(),
      ...readOut(draw, 36),
    ],
  },
  {
    name: 'residual convolutional network',
    inputShape: [1, 5, 5],
    layers: (draw) => [
      convolution(draw, 3, 1),
      normalize(draw, 3),
      gelu(),
      residual([convolution(draw, 3, 3), normalize(draw, 3), relu(), convolution(draw, 3, 3)]),
      globalAveragePool2d(),
      ...readOut(draw, 3),
    ],
  },
];

/** A classifier's hidden layers and logits, without the endings that the cases add. */
function classifier(draw: Draw): readonly Layer[] {
  return [draw.dense(7, 6), tanh(), draw.dense(4, 7)];
}

const ENDINGS: readonly Recipe[] = [
  {
    name: 'image as output',
    inputShape: [1, 3, 3],
    layers: (draw) => [conv2d({ weight: draw.weight(2, 1, 2, 2), bias: draw.vector(2) }), tanh()],
  },
  ...Object.entries({
    logits: [],
    softmax: [softmax()],
    'log-softmax': [logSoftmax()],
  }).flatMap(([name, ending]) =>
    (['logit', 'probability', 'log-probability'] as const).map((outputKind): Recipe => ({
      name: `${outputKind} of a network that ends in ${name}`,
      inputShape: FEATURES,
      layers: (draw) => [...classifier(draw), ...ending],
      outputKind,
    })),
  ),
];

/** Behind an affine map to fewer values than the input has. */
const NARROW: readonly Recipe[] = [
  {
    name: 'projection in front',
    inputShape: FEATURES,
    layers: (draw) => [draw.dense(4, 6), normalize(draw, 4), tanh(), draw.dense(3, 4)],
  },
  {
    name: 'pooling and projection in front',
    inputShape: [2, 4, 4],
    layers: (draw) => [averagePool2d({ kernel: 2 }), flatten(), draw.dense(5, 8), gelu(), draw.dense(3, 5)],
  },
  {
    name: 'residual of projections in front',
    inputShape: FEATURES,
    layers: (draw) => [
      residual([draw.dense(5, 6), draw.dense(3, 5)], [draw.dense(3, 6)]),
      tanh(),
      draw.dense(2, 3),
    ],
    outputKind: 'probability',
  },
];

/** One factor for each feature or channel. */
const SCALED: readonly Recipe[] = [
  {
    name: 'scale of features',
    inputShape: FEATURES,
    layers: (draw) => [
      scale(draw.vector(6)),
      draw.dense(4, 6),
      scale(draw.vector(4)),
      tanh(),
      draw.dense(3, 4),
    ],
  },
  {
    name: 'scale of channels',
    inputShape: IMAGE,
    layers: (draw) => [convolution(draw, 3, 2), scale(draw.vector(3)), gelu(), ...readOut(draw, 60)],
  },
];
