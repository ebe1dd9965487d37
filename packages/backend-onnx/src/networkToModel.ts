import type { FloatArray } from '@edjm/core';
import { inferShapes, type Layer, type Network, type PoolingWindow } from '@edjm/network';
import { tensorOf, type Attribute, type Graph, type Node, type Tensor } from '@edjm/onnx-autodiff';

/** Operator set and IR version of the models written: read by every ONNX tool of the last years. */
const OPSET = 20;
const IR_VERSION = 9;

/** Operators for the layers that are one operator with attributes that a function of the layer gives. */
const activations: Partial<Record<Layer['type'], string>> = {
  relu: 'Relu',
  leakyRelu: 'LeakyRelu',
  elu: 'Elu',
  celu: 'Celu',
  selu: 'Selu',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  softplus: 'Softplus',
  softmax: 'Softmax',
  logSoftmax: 'LogSoftmax',
  globalAveragePool2d: 'GlobalAveragePool',
  globalMaxPool2d: 'GlobalMaxPool',
  flatten: 'Flatten',
};

/** Nodes and weights under construction. */
class ModelWriter {
  readonly nodes: Node[] = [];
  readonly initializers: Map<string, Tensor> = new Map();

  emit(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    const name = `${opType.toLowerCase()}_${String(this.nodes.length)}`;
    this.nodes.push({ opType, domain: '', name, inputs, outputs: [name], attributes });
    return name;
  }

  weights(role: string, data: FloatArray, shape: readonly number[] = [data.length]): string {
    const name = `${role}_${String(this.initializers.size)}`;
    this.initializers.set(name, tensorOf('float32', shape, Array.from(data)));
    return name;
  }
}

function pooling({ kernel, stride, padding }: PoolingWindow): Record<string, Attribute> {
  return { kernel_shape: { ints: kernel }, strides: { ints: stride }, pads: { ints: padding } };
}

function addLayer(writer: ModelWriter, layer: Layer, x: string): string {
  switch (layer.type) {
    case 'dense': {
      const { weight, bias } = layer;
      const inputs = [
        x,
        writer.weights('weight', weight.data, weight.shape),
        ...(bias ? [writer.weights('bias', bias)] : []),
      ];
      return writer.emit('Gemm', inputs, { transB: { int: 1 } });
    }
    case 'conv2d': {
      const { weight, bias, stride, padding, dilation, groups } = layer;
      const inputs = [
        x,
        writer.weights('weight', weight.data, weight.shape),
        ...(bias ? [writer.weights('bias', bias)] : []),
      ];
      return writer.emit('Conv', inputs, {
        strides: { ints: stride },
        pads: { ints: padding },
        dilations: { ints: dilation },
        group: { int: groups },
      });
    }
    case 'maxPool2d':
      return writer.emit('MaxPool', [x], pooling(layer));
    case 'averagePool2d':
      return writer.emit('AveragePool', [x], {
        ...pooling(layer),
        count_include_pad: { int: Number(layer.countIncludePad) },
      });
    case 'batchNorm': {
      const { scale, bias, mean, variance, epsilon } = layer;
      const statistics = Object.entries({ scale, bias, mean, variance }).map(([role, data]) =>
        writer.weights(role, data),
      );
      return writer.emit('BatchNormalization', [x, ...statistics], { epsilon: { float: epsilon } });
    }
    case 'gelu':
      return writer.emit('Gelu', [x], { approximate: { string: layer.approximate } });
    case 'leakyRelu':
    case 'elu':
    case 'celu':
      return writer.emit(activations[layer.type] ?? '', [x], { alpha: { float: layer.alpha } });
    case 'residual': {
      const body = addLayers(writer, layer.body, x);
      return writer.emit('Add', [body, addLayers(writer, layer.shortcut, x)]);
    }
    case 'relu':
    case 'selu':
    case 'sigmoid':
    case 'tanh':
    case 'softplus':
    case 'softmax':
    case 'logSoftmax':
    case 'globalAveragePool2d':
    case 'globalMaxPool2d':
    case 'flatten':
      return writer.emit(activations[layer.type] ?? '', [x]);
  }
}

function addLayers(writer: ModelWriter, layers: readonly Layer[], x: string): string {
  return layers.reduce((name, layer) => addLayer(writer, layer, name), x);
}

/**
 * Writes a network as data as an ONNX graph with a free batch size, weights in float32: input `input` [batch, …],
 * output `output` [batch, …]. `writeModel` of @edjm/onnx-autodiff turns it into a file.
 */
export function networkToModel(network: Network): Graph {
  const shapes = inferShapes(network);
  const writer = new ModelWriter();
  const last = addLayers(writer, network.layers, 'input');
  writer.nodes.push({
    opType: 'Identity',
    domain: '',
    name: 'output',
    inputs: [last],
    outputs: ['output'],
    attributes: {},
  });
  return {
    name: network.name,
    irVersion: IR_VERSION,
    opsets: new Map([['', OPSET]]),
    inputs: [{ name: 'input', elementType: 'float32', shape: ['batch', ...network.inputShape] }],
    outputs: [{ name: 'output', elementType: 'float32', shape: ['batch', ...(shapes.at(-1) ?? [])] }],
    initializers: writer.initializers,
    nodes: writer.nodes,
  };
}

/** Whether a source is a network as data. */
export function isNetwork(source: object | string): source is Network {
  return typeof source === 'object' && 'layers' in source && 'inputShape' in source;
}
