import { type FloatArray, type Regularizer } from '@edjm/core';
import {
  averagePool2d,
  conv2d,
  dense,
  flatten,
  type Layer,
  type Network,
  networkParameters,
  relu,
  residual,
  seededRandom,
  tanh,
  type Tensor,
  withParameters,
} from '@edjm/network';
import {
  edjmLogDet,
  jacobianFrobenius,
  jacobianNuclearNorm,
  layerLogSpectrum,
  orthogonality,
  spectralNormPenalty,
  svdLayers,
  svdTraining,
  weightLogDet,
} from '../src/index.ts';

/** Weights and offsets of N(0, ½) in float64, so that no derivative vanishes. */
function drawer(seed: number): {
  tensor: (...shape: number[]) => Tensor;
  offsets: (n: number) => FloatArray;
} {
  const { normal } = seededRandom(seed);
  const numbers = (length: number): Float64Array => Float64Array.from({ length }, () => normal() / 2);
  return {
    tensor: (...shape) => ({ shape, data: numbers(shape.reduce((product, size) => product * size, 1)) }),
    offsets: numbers,
  };
}

/** 5 → 6 → 4 → 3, with smooth and with piecewise linear activations. */
export function denseNetwork(seed = 1): Network {
  const { tensor, offsets } = drawer(seed);
  return {
    name: 'dense',
    inputShape: [5],
    layers: [
      dense({ weight: tensor(6, 5), bias: offsets(6) }),
      tanh(),
      dense({ weight: tensor(4, 6), bias: offsets(4) }),
      relu(),
      dense({ weight: tensor(3, 4), bias: offsets(3) }),
    ],
  };
}

/** Images 2 × 5 × 4 through convolutions with a stride, padding and dilation, a residual one among them. */
export function convolutionalNetwork(seed = 2): Network {
  const { tensor, offsets } = drawer(seed);
  const inner: Layer[] = [
    conv2d({ weight: tensor(3, 3, 3, 3), bias: offsets(3), padding: 2, dilation: 2 }),
    tanh(),
  ];
  return {
    name: 'convolutional',
    inputShape: [2, 5, 4],
    layers: [
      conv2d({ weight: tensor(3, 2, 3, 2), bias: offsets(3), stride: [2, 1], padding: [1, 0, 1, 1] }),
      tanh(),
      residual(inner),
      averagePool2d({ kernel: 2, stride: 1 }),
      flatten(),
      dense({ weight: tensor(3, 18), bias: offsets(3) }),
    ],
  };
}

/** The network with other numbers added to its parameters: factors that are no longer orthonormal, say. */
export function moved(network: Network, size = 0.3, seed = 3): Network {
  const { normal } = seededRandom(seed);
  const parameters = [...networkParameters(network)].map(
    ([name, { shape, data }]) =>
      [name, { shape, data: data.map((value) => value + size * normal()) }] as const,
  );
  return withParameters(network, new Map(parameters));
}

/** Every regularizer with a penalty, for a network and what it is made of. */
export function regularizersFor(network: Network): readonly (readonly [label: string, Regularizer])[] {
  const layers = svdLayers(network);
  return [
    ['edjmLogDet', edjmLogDet({ strength: 0.3, samples: 4 })],
    [
      'edjmLogDet, to the letter',
      edjmLogDet({ strength: 0.3, scaleFree: false, relativeDelta: 0, samples: 3 }),
    ],
    ['edjmLogDet, a fixed delta', edjmLogDet({ strength: 0.3, delta: 0.1, direction: 'lower', every: 3 })],
    [
      'edjmLogDet, a large relative delta',
      edjmLogDet({ strength: 0.3, relativeDelta: 0.2, scaleFree: false }),
    ],
    ['edjmLogDet, drawn outputs', edjmLogDet({ strength: 0.3, relativeDelta: 0.2, outputs: 2 })],
    ['jacobianFrobenius', jacobianFrobenius({ strength: 0.3 })],
    ['jacobianFrobenius, some directions', jacobianFrobenius({ strength: 0.3, projections: 3, samples: 4 })],
    ['jacobianNuclearNorm', jacobianNuclearNorm({ strength: 0.3 })],
    ['jacobianNuclearNorm, smooth', jacobianNuclearNorm({ strength: 0.3, epsilon: 0.5, samples: 4 })],
    ['weightLogDet', weightLogDet({ strength: 0.3 })],
    ['weightLogDet, scale-free', weightLogDet({ strength: 0.3, scaleFree: true, relativeDelta: 0.1 })],
    ['spectralNorm', spectralNormPenalty({ strength: 0.3 })],
    ['orthogonality', orthogonality({ strength: 0.3, every: 2 })],
    ...(layers.length === 0
      ? []
      : ([
          ['layerLogSpectrum', layerLogSpectrum({ strength: 0.3, layers })],
          ['layerLogSpectrum, guarded', layerLogSpectrum({ strength: 0.3, layers, guard: 0.8 })],
          ['svdTraining', svdTraining({ layers, orthogonality: 0.3, sparsity: 0.1 })],
          ['svdTraining, l1', svdTraining({ layers, orthogonality: 0.3, sparsity: 0.1, measure: 'l1' })],
        ] as const)),
  ];
}
