import type { FloatArray } from '@edjm/core';
import {
  type BatchNormLayer,
  type Conv2dLayer,
  type DenseLayer,
  inferShapes,
  type Layer,
  type Network,
  type PoolingWindow,
} from '@edjm/network';
import {
  NodeWriter,
  tensorOf,
  type Graph,
  type NewNode,
  type Node,
  type PoolAttributes,
  type Tensor,
} from '@edjm/onnx-autodiff';

/** Operator set and IR version of the models: every ONNX tool of the last years reads them. */
const OPSET = 20;
const IR_VERSION = 9;

/** How a model behaves in training: see {@link networkToTrainingModel}. */
export interface TrainingMode {
  /** Whether dropout drops values of the input. */
  readonly dropsInput: boolean;
  /** Whether dropout drops values behind hidden activations. */
  readonly dropsHidden: boolean;
  /** Whether batch normalization uses the statistics of the batch. */
  readonly batchStatistics: boolean;
}

/** A mask of dropout: an input of the model with the shape of the tensor that it multiplies. */
export interface Mask {
  readonly name: string;
  /** Shape for one sample. */
  readonly shape: readonly number[];
  /** Its number: 1 for the input, then counted up. */
  readonly place: number;
}

/** The tensors with the statistics of a batch, for a layer of batch normalization. */
export interface BatchStatistics {
  readonly mean: string;
  readonly variance: string;
  /** The prefix of the layer's parameters: `0.` for `0.running_mean`. */
  readonly layer: string;
  /** Values in each tensor. */
  readonly channels: number;
  /** Values of a sample that share a mean. */
  readonly positions: number;
}

/** A layer's place: its input, and the prefix of its parameters' names. */
interface Place {
  readonly x: string;
  readonly prefix: string;
  readonly inputShape: readonly number[];
}

/** Nodes and weights under construction. */
class ModelWriter extends NodeWriter {
  readonly nodes: Node[] = [];
  readonly initializers: Map<string, Tensor> = new Map();
  readonly masks: Mask[] = [];
  readonly statistics: BatchStatistics[] = [];
  readonly mode: TrainingMode | undefined;
  readonly #ints = new Map<string, string>();
  #place = 1;

  constructor(mode?: TrainingMode) {
    super();
    this.mode = mode;
  }

  protected override write({ opType, domain = '', inputs, attributes = {} }: NewNode): readonly string[] {
    const name = `${opType.toLowerCase()}_${String(this.nodes.length)}`;
    this.nodes.push({ opType, domain, name, inputs, outputs: [name], attributes });
    return [name];
  }

  weights(name: string, data: FloatArray, shape: readonly number[] = [data.length]): string {
    this.initializers.set(name, tensorOf('float32', shape, Array.from(data)));
    return name;
  }

  override scalar(value: number): string {
    return this.weights(`scalar_${String(this.initializers.size)}`, Float32Array.of(value), []);
  }

  override ints(values: readonly number[]): string {
    const known = this.#ints.get(values.join());
    if (known !== undefined) return known;
    const name = `axes_${String(this.initializers.size)}`;
    this.#ints.set(values.join(), name);
    this.initializers.set(name, tensorOf('int64', [values.length], values));
    return name;
  }

  /** x with dropout applied, if the mode drops values here. Places are counted in either case. */
  dropped(x: string, shape: readonly number[], drops: boolean | undefined): string {
    const place = this.#place++;
    if (drops !== true) return x;
    const name = `mask_${String(place)}`;
    this.masks.push({ name, shape, place });
    return this.mul(x, name);
  }
}

function pooling({ kernel, stride, padding }: PoolingWindow): Omit<PoolAttributes, 'count_include_pad'> {
  return { kernel_shape: kernel, strides: stride, pads: padding };
}

/** A dense or convolutional layer. */
function addProduct(writer: ModelWriter, layer: DenseLayer | Conv2dLayer, { x, prefix }: Place): string {
  const { weight, bias } = layer;
  const weights = writer.weights(`${prefix}weight`, weight.data, weight.shape);
  const inputs = [x, weights, bias && writer.weights(`${prefix}bias`, bias)] as const;
  if (layer.type === 'dense') return writer.gemm(inputs, { transB: 1 });
  const { stride, padding, dilation, groups } = layer;
  return writer.conv(inputs, { strides: stride, pads: padding, dilations: dilation, group: groups });
}

/** The shape in which one value for each channel broadcasts over [n, C, H, W] or [n, d]. */
function channelShape({ length }: FloatArray, inputShape: readonly number[]): readonly number[] {
  return [length, ...inputShape.slice(1).map(() => 1)];
}

function addBatchNorm(writer: ModelWriter, layer: BatchNormLayer, place: Place): string {
  const { scale, bias, mean, variance, epsilon } = layer;
  const { x, prefix, inputShape } = place;
  const factor = writer.weights(`${prefix}weight`, scale);
  const offset = writer.weights(`${prefix}bias`, bias);
  if (writer.mode?.batchStatistics !== true) {
    const storedMean = writer.weights(`${prefix}running_mean`, mean);
    const storedVariance = writer.weights(`${prefix}running_var`, variance);
    return writer.batchNormalization([x, factor, offset, storedMean, storedVariance], epsilon);
  }
  const axes = [0, ...inputShape.slice(1).map((_, axis) => axis + 2)];
  const center = writer.reduceMean(x, axes);
  const centered = writer.sub(x, center);
  const spread = writer.reduceMean(writer.mul(centered, centered), axes);
  const small = writer.weights(`${prefix}epsilon`, Float32Array.of(epsilon));
  const deviation = writer.sqrt(writer.add(spread, small));
  const positions = inputShape.slice(1).reduce((product, size) => product * size, 1);
  const channels = scale.length;
  writer.statistics.push({ mean: center, variance: spread, layer: prefix, channels, positions });
  const broadcast = channelShape(scale, inputShape);
  const perChannel = (name: string) => writer.reshape(name, broadcast);
  const scaled = writer.mul(writer.div(centered, deviation), perChannel(factor));
  return writer.add(scaled, perChannel(offset));
}

function addLayer(writer: ModelWriter, layer: Layer, place: Place): string {
  const { x, prefix, inputShape } = place;
  switch (layer.type) {
    case 'dense':
    case 'conv2d':
      return addProduct(writer, layer, place);
    case 'maxPool2d':
      return writer.maxPool(x, pooling(layer));
    case 'averagePool2d':
      return writer.averagePool(x, { ...pooling(layer), count_include_pad: Number(layer.countIncludePad) });
    case 'batchNorm':
      return addBatchNorm(writer, layer, place);
    case 'scale': {
      const factors = writer.weights(`${prefix}scale`, layer.scale);
      if (inputShape.length === 1) return writer.mul(x, factors);
      return writer.mul(x, writer.reshape(factors, channelShape(layer.scale, inputShape)));
    }
    case 'gelu':
      return writer.gelu(x, layer.approximate);
    case 'leakyRelu':
    case 'elu':
    case 'celu':
      return writer[layer.type](x, layer.alpha);
    case 'residual': {
      const body = addLayers(writer, layer.body, { x, prefix: `${prefix}body.`, inputShape });
      const around = { x, prefix: `${prefix}shortcut.`, inputShape };
      return writer.add(body, addLayers(writer, layer.shortcut, around));
    }
    case 'relu':
    case 'selu':
    case 'sigmoid':
    case 'tanh':
    case 'softplus':
    case 'flatten':
      return writer[layer.type](x);
    case 'softmax':
    case 'logSoftmax':
      return writer[layer.type](x, -1);
    case 'globalAveragePool2d':
      return writer.globalAveragePool(x);
    case 'globalMaxPool2d':
      return writer.globalMaxPool(x);
  }
}

/** Layers behind which dropout drops values. */
const activations: ReadonlySet<Layer['type']> = new Set([
  'relu',
  'leakyRelu',
  'elu',
  'celu',
  'selu',
  'sigmoid',
  'tanh',
  'gelu',
  'softplus',
]);

const weighted: ReadonlySet<Layer['type']> = new Set(['dense', 'conv2d', 'residual']);

function addLayers(writer: ModelWriter, layers: readonly Layer[], { x, prefix, inputShape }: Place): string {
  const shapes = inferShapes({ name: prefix, inputShape, layers });
  // Layers behind the last weights are not hidden: they make the output.
  const hidden = prefix === '' ? layers.findLastIndex(({ type }) => weighted.has(type)) : layers.length;
  return layers.reduce((name, layer, index) => {
    const place = { x: name, prefix: `${prefix}${String(index)}.`, inputShape: shapes[index] ?? inputShape };
    const y = addLayer(writer, layer, place);
    if (!activations.has(layer.type) || index > hidden) return y;
    return writer.dropped(y, shapes[index + 1] ?? [], writer.mode?.dropsHidden);
  }, x);
}

function writeLayers(writer: ModelWriter, { name, inputShape, layers }: Network): Graph {
  const shapes = inferShapes({ name, inputShape, layers });
  const x = writer.dropped('input', inputShape, writer.mode?.dropsInput);
  const last = addLayers(writer, layers, { x, prefix: '', inputShape });
  writer.nodes.push({
    opType: 'Identity',
    domain: '',
    name: 'output',
    inputs: [last],
    outputs: ['output'],
    attributes: {},
  });
  const float = (tensor: string, shape: readonly number[] = []) =>
    ({ name: tensor, elementType: 'float32', shape: ['batch', ...shape] }) as const;
  return {
    name,
    irVersion: IR_VERSION,
    opsets: new Map([['', OPSET]]),
    inputs: [float('input', inputShape), ...writer.masks.map((mask) => float(mask.name, mask.shape))],
    outputs: [float('output', shapes.at(-1))],
    initializers: writer.initializers,
    nodes: writer.nodes,
  };
}

/**
 * Writes a network as an ONNX graph with a free batch size: input `input` [batch, …], output `output` [batch, …]. Weights are float32 and have
 * the names that `networkParameters` of @edjm/network gives them. `writeModel` of @edjm/onnx-autodiff turns the graph into a file.
 */
export function networkToModel(network: Network): Graph {
  return writeLayers(new ModelWriter(), network);
}

/** The same network in training: masks of dropout are inputs, and batch normalization uses the statistics of the batch. */
export function networkToTrainingModel(
  network: Network,
  mode: TrainingMode,
): {
  readonly graph: Graph;
  readonly masks: readonly Mask[];
  readonly statistics: readonly BatchStatistics[];
} {
  const writer = new ModelWriter(mode);
  const graph = writeLayers(writer, network);
  return { graph, masks: writer.masks, statistics: writer.statistics };
}

/** Whether a source is a network, rather than a model file. */
export function isNetwork(source: object | string): source is Network {
  return typeof source === 'object' && 'layers' in source && 'inputShape' in source;
}
