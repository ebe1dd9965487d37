import type { DenseLayer, Layer, ResidualLayer, Shape } from '@edjm/network';
import { inferShapes } from '@edjm/network';
import type { Tensor } from '@tensorflow/tfjs';
import type { Training } from '../sources/tensorFunction.ts';
import { activation } from './activations.ts';
import { averagePool2d, channelsFirst, conv2d } from './images.ts';
import { maxPool2d } from './maxPool.ts';
import { batchNorm } from './normalization.ts';
import { affine, type Holder, type TensorLayer, timesEach } from './tensorLayer.ts';

/** Where a layer stands. */
export interface Place {
  /** In front of the names of its parameters: its number in the network, as PyTorch's `Sequential` counts. */
  readonly name: string;
  /** Shape of what goes in, as networks as data have it: images with channels first. */
  readonly inputShape: Shape;
}

/** A layer as a function of tensors. */
function tensorLayer(layer: Layer, { name, inputShape }: Place, holder: Holder): TensorLayer {
  const { tf } = holder;
  switch (layer.type) {
    case 'dense':
      return dense(layer, name, holder);
    case 'conv2d':
      return conv2d(layer, name, holder);
    case 'maxPool2d':
      return maxPool2d(layer, tf);
    case 'averagePool2d':
      return averagePool2d(layer, tf);
    case 'globalAveragePool2d':
      return affine((x) => x.mean([1, 2], true));
    case 'globalMaxPool2d': {
      const [, height = 1, width = 1] = inputShape;
      return maxPool2d({ kernel: [height, width], stride: [1, 1], padding: [0, 0, 0, 0] }, tf);
    }
    case 'batchNorm':
      return batchNorm(layer, name, holder);
    case 'scale': {
      const factors = holder.add(`${name}scale`, { shape: [layer.scale.length], data: layer.scale });
      return affine((x) => x.mul(factors));
    }
    case 'flatten':
      return affine((x) => (x.rank === 4 ? channelsFirst(x) : x).reshape([x.shape[0], -1]));
    case 'softmax':
      return softmax;
    case 'logSoftmax':
      return logSoftmax;
    case 'residual':
      return residual(layer, { name, inputShape }, holder);
    default:
      return activation(tf, layer);
  }
}

/** Layers in order. */
export function sequence(layers: readonly Layer[], { name, inputShape }: Place, holder: Holder): TensorLayer {
  const shapes = inferShapes({ name, inputShape, layers });
  const functions = layers.map((layer, index) =>
    tensorLayer(layer, { name: `${name}${String(index)}.`, inputShape: shapes[index] ?? inputShape }, holder),
  );
  // Layers behind the last weights make the output: none of them is a hidden layer.
  const hidden = name === '' ? layers.findLastIndex(hasWeights) : layers.length;
  return {
    run: (x, training) =>
      functions.reduce((y, { run }, index) => run(y, index <= hidden ? training : atOutput(training)), x),
    jvp: (pair) => functions.reduce((moved, { jvp }) => jvp(moved), pair),
  };
}

function atOutput(training: Training | undefined): Training | undefined {
  return training && { ...training, dropHidden: (x) => x };
}

function hasWeights({ type }: Layer): boolean {
  return type === 'dense' || type === 'conv2d' || type === 'residual';
}

function dense({ weight, bias }: DenseLayer, name: string, { tf, add }: Holder): TensorLayer {
  const factor = add(`${name}weight`, weight);
  const offset = bias && add(`${name}bias`, { shape: [bias.length], data: bias });
  const linear = (x: Tensor) => tf.matMul(x, factor, false, true);
  return affine((x) => (offset === undefined ? linear(x) : linear(x).add(offset)), linear);
}

function residual(
  { body, shortcut }: ResidualLayer,
  { name, inputShape }: Place,
  holder: Holder,
): TensorLayer {
  const main = sequence(body, { name: `${name}body.`, inputShape }, holder);
  const around = sequence(shortcut, { name: `${name}shortcut.`, inputShape }, holder);
  return {
    run: (x, training) => main.run(x, training).add(around.run(x, training)),
    jvp: (pair) => {
      const [a, b] = [main.jvp(pair), around.jvp(pair)];
      return { primal: a.primal.add(b.primal), tangents: a.tangents.add(b.tangents) };
    },
  };
}

/** J(x) ẋ = y (ẋ − ⟨y, ẋ⟩). */
const softmax: TensorLayer = {
  run: (x) => x.softmax(),
  jvp: ({ primal: x, tangents }) => {
    const y = x.softmax();
    return { primal: y, tangents: timesEach(centered(tangents, y), y) };
  },
};

/** J(x) ẋ = ẋ − ⟨softmax(x), ẋ⟩. */
const logSoftmax: TensorLayer = {
  run: (x) => x.logSoftmax(),
  jvp: ({ primal: x, tangents }) => ({ primal: x.logSoftmax(), tangents: centered(tangents, x.softmax()) }),
};

/** Tangents less their mean by weights of each sample. */
function centered(tangents: Tensor, weights: Tensor): Tensor {
  return tangents.sub(timesEach(tangents, weights).sum(-1, true));
}
