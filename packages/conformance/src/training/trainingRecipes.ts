import {
  averagePool2d,
  batchNorm,
  celu,
  conv2d,
  elu,
  flatten,
  gelu,
  globalAveragePool2d,
  globalMaxPool2d,
  type Layer,
  leakyRelu,
  logSoftmax,
  maxPool2d,
  relu,
  residual,
  scale,
  selu,
  sigmoid,
  softmax,
  softplus,
  tanh,
} from '@edjm/network';
import type { Draw } from '../reference/draw.ts';
import type { TrainingCase, TrainingRun } from './trainingCase.ts';

/** The parts of a training case. */
export interface TrainingRecipe extends Pick<TrainingCase, 'name' | 'runs'> {
  readonly inputShape: readonly number[];
  readonly layers: (draw: Draw) => readonly Layer[];
}

const PLAIN: TrainingRun = { name: 'cross-entropy', options: {} };
const SQUARED_ERROR: TrainingRun = { name: 'squared error', options: { loss: 'squared-error' } };
const DROPOUT: TrainingRun = {
  name: 'dropout',
  options: { dropout: { input: 0.25, hidden: 0.5, seed: 11 } },
};
const BATCH_STATISTICS: TrainingRun = { name: 'batch statistics', options: { batchStatistics: 0.25 } };
const ALL_AT_ONCE: TrainingRun = {
  name: 'batch statistics and dropout',
  options: { batchStatistics: 1, dropout: { hidden: 0.5, seed: -7 }, loss: 'squared-error' },
};

/** All training cases, each about one thing. */
export function trainingRecipes(): readonly TrainingRecipe[] {
  return [...NETWORKS, ...ACTIVATIONS];
}

const NETWORKS: readonly TrainingRecipe[] = [
  {
    name: 'perceptron',
    inputShape: [6],
    layers: (draw) => [draw.dense(8, 6), tanh(), draw.dense(7, 8), tanh(), draw.dense(3, 7)],
    runs: [PLAIN, SQUARED_ERROR, DROPOUT],
  },
  {
    name: 'convolutional network',
    inputShape: [2, 7, 6],
    layers: (draw) => [
      conv2d({
        weight: draw.weight(4, 2, 3, 2),
        bias: draw.vector(4),
        padding: [1, 0, 0, 1],
        stride: [2, 1],
      }),
      normalize(draw, 4),
      tanh(),
      residual([conv2d({ weight: draw.weight(4, 1, 3, 3), padding: 1, groups: 4 }), tanh()]),
      conv2d({ weight: draw.weight(4, 2, 2, 2), groups: 2, dilation: 2 }),
      scale(draw.vector(4)),
      relu(),
      maxPool2d({ kernel: [1, 2], stride: 1 }),
      flatten(),
      draw.dense(3, 12),
    ],
    runs: [PLAIN, DROPOUT, BATCH_STATISTICS],
  },
  {
    name: 'normalized features',
    inputShape: [4],
    layers: (draw) => [
      draw.dense(5, 4),
      normalize(draw, 5),
      sigmoid(),
      draw.dense(3, 5),
      scale(draw.vector(3)),
      draw.dense(2, 3),
    ],
    runs: [PLAIN, BATCH_STATISTICS, ALL_AT_ONCE],
  },
  {
    name: 'residual network',
    inputShape: [4],
    layers: (draw) => [
      residual(
        [draw.dense(5, 4), tanh(), residual([normalize(draw, 5), tanh(), draw.dense(5, 5)]), tanh()],
        [draw.dense(5, 4), softplus()],
      ),
      draw.dense(2, 5),
    ],
    runs: [PLAIN, DROPOUT, BATCH_STATISTICS],
  },
  {
    name: 'pooling network',
    inputShape: [2, 6, 5],
    layers: (draw) => [
      conv2d({ weight: draw.weight(3, 2, 2, 2), bias: draw.vector(3) }),
      tanh(),
      averagePool2d({ kernel: 2, stride: 1, padding: [1, 0, 0, 1] }),
      averagePool2d({ kernel: 2, stride: [2, 1], padding: [0, 1, 1, 0], countIncludePad: true }),
      residual([globalAveragePool2d()], [globalMaxPool2d()]),
      flatten(),
      draw.dense(2, 3),
    ],
    runs: [PLAIN, DROPOUT],
  },
  {
    name: 'network that ends in an activation',
    inputShape: [4],
    layers: (draw) => [draw.dense(5, 4), tanh(), draw.dense(3, 5), tanh()],
    runs: [PLAIN, DROPOUT],
  },
  {
    name: 'network that ends in a softmax',
    inputShape: [4],
    layers: (draw) => [draw.dense(5, 4), tanh(), draw.dense(3, 5), softmax()],
    runs: [PLAIN],
  },
];

const ACTIVATIONS: readonly TrainingRecipe[] = Object.entries({
  relu: relu(),
  'leaky relu': leakyRelu(0.3),
  elu: elu(0.7),
  celu: celu(1.6),
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
  inputShape: [3],
  layers: (draw) => [draw.dense(4, 3), activation, draw.dense(2, 4)],
  runs: [PLAIN],
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
