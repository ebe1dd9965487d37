import type { BatchNormLayer, DenseLayer, Layer, ResidualLayer, Shape } from '@edjm/network';
import { inferShapes } from '@edjm/network';
import { activation } from './activations.ts';
import { averagePool2d, channelsFirst, conv2d, maxPool2d } from './images.ts';
import type { Parameters, TensorLayer } from './tensorLayer.ts';

/** Where a layer stands. */
export interface Place {
  /** In front of the names of its parameters: its number in the network, as PyTorch's `Sequential` counts. */
  readonly name: string;
  /** Shape of what goes in, as networks as data have it: images with channels first. */
  readonly inputShape: Shape;
}

/** A layer as a function of tensors. */
function tensorLayer(layer: Layer, { name, inputShape }: Place, parameters: Parameters): TensorLayer {
  const { tf } = parameters;
  switch (layer.type) {
    case 'dense':
      return dense(layer, name, parameters);
    case 'conv2d':
      return conv2d(layer, name, parameters);
    case 'maxPool2d':
      return maxPool2d(layer, tf);
    case 'averagePool2d':
      return averagePool2d(layer, tf);
    case 'globalAveragePool2d':
      return (x) => x.mean([1, 2], true);
    case 'globalMaxPool2d': {
      const [, height = 1, width = 1] = inputShape;
      return maxPool2d({ kernel: [height, width], stride: [1, 1], padding: [0, 0, 0, 0] }, tf);
    }
    case 'batchNorm':
      return batchNorm(layer, name, parameters);
    case 'flatten':
      return (x) => (x.rank === 4 ? channelsFirst(x) : x).reshape([x.shape[0], -1]);
    case 'softmax':
      return (x) => x.softmax();
    case 'logSoftmax':
      return (x) => x.logSoftmax();
    case 'residual':
      return residual(layer, { name, inputShape }, parameters);
    default: {
      const act = activation(tf, layer);
      return (x, training) => (training === undefined ? act(x) : training.dropHidden(act(x)));
    }
  }
}

/** Layers in order. */
export function sequence(
  layers: readonly Layer[],
  { name, inputShape }: Place,
  parameters: Parameters,
): TensorLayer {
  const shapes = inferShapes({ name, inputShape, layers });
  const functions = layers.map((layer, index) =>
    tensorLayer(
      layer,
      { name: `${name}${String(index)}.`, inputShape: shapes[index] ?? inputShape },
      parameters,
    ),
  );
  // What has no weights behind it is no hidden layer, but what makes the output.
  const hidden = name === '' ? layers.findLastIndex(hasWeights) : layers.length;
  return (x, training) =>
    functions.reduce((y, layer, index) => layer(y, index <= hidden ? training : undefined), x);
}

function hasWeights({ type }: Layer): boolean {
  return type === 'dense' || type === 'conv2d' || type === 'residual';
}

function dense({ weight, bias }: DenseLayer, name: string, { tf, add }: Parameters): TensorLayer {
  const kernel = add(`${name}weight`, weight);
  const offset = bias && add(`${name}bias`, { shape: [bias.length], data: bias });
  return (x) => {
    const product = tf.matMul(x, kernel, false, true);
    return offset === undefined ? product : product.add(offset);
  };
}

function batchNorm(
  { scale, bias, mean, variance, epsilon }: BatchNormLayer,
  name: string,
  { add }: Parameters,
): TensorLayer {
  const shape = [scale.length];
  const factor = add(`${name}weight`, { shape, data: scale });
  const offset = add(`${name}bias`, { shape, data: bias });
  const center = add(`${name}running_mean`, { shape, data: mean, fixed: true });
  const deviation = add(`${name}running_std`, {
    shape,
    data: Float64Array.from(variance, (value) => Math.sqrt(value + epsilon)),
    fixed: true,
  });
  return (x) => x.sub(center).mul(factor.div(deviation)).add(offset);
}

function residual(
  { body, shortcut }: ResidualLayer,
  { name, inputShape }: Place,
  parameters: Parameters,
): TensorLayer {
  const main = sequence(body, { name: `${name}body.`, inputShape }, parameters);
  const around = sequence(shortcut, { name: `${name}shortcut.`, inputShape }, parameters);
  return (x, training) => main(x, training).add(around(x, training));
}
