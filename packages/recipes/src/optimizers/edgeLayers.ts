import { EdjmError } from '@edjm/core';
import {
  type Conv2dLayer,
  type DenseLayer,
  inferShapes,
  type Layer,
  type Network,
  type PoolingWindow,
  type ScaleLayer,
  valueCount,
} from '@edjm/network';

/** A layer as edges from its inputs to its outputs, each with a weight; edges may share one. */
export interface EdgeLayer {
  readonly outputs: number;
  /** The name of the parameter of the weights, or their squares themselves. */
  readonly weights: string | Float64Array;
  /** An offset of each output: each value is that of so many outputs, one behind the other. */
  readonly bias?: { readonly name: string; readonly outputsPerValue: number };
  /** Calls with all edges, in runs. */
  readonly edges: (visit: (run: EdgeRun) => void) => void;
}

/** Edges to one output, from inputs and with weights that lie one behind the other. */
export interface EdgeRun {
  readonly output: number;
  /** The first input. */
  readonly input: number;
  /** The first weight. */
  readonly weight: number;
  readonly count: number;
}

/** A layer with its place. */
interface Placed<L> {
  readonly layer: L;
  /** Its number, as in names of parameters. */
  readonly name: string;
  readonly input: readonly number[];
  readonly output: readonly number[];
}

/**
 * The layers of a network as edges, except those that pass on every value by itself.
 *
 * @throws EdjmError `UNSUPPORTED` for a layer that is neither linear between its values nor a ReLU.
 */
export function edgeLayers(network: Network): readonly EdgeLayer[] {
  const shapes = inferShapes(network);
  return network.layers.flatMap((layer, index) => {
    const [input = [], output = []] = shapes.slice(index);
    const isLast = index === network.layers.length - 1;
    return edgesOf({ layer, name: String(index), input, output }, `${network.name}, layer ${index}`, isLast);
  });
}

function edgesOf({ layer, ...place }: Placed<Layer>, where: string, isLast: boolean): readonly EdgeLayer[] {
  switch (layer.type) {
    case 'dense':
      return [denseEdges({ layer, ...place })];
    case 'conv2d':
      return [convolutionEdges({ layer, ...place })];
    case 'scale':
      return [scaleEdges({ layer, ...place })];
    case 'maxPool2d':
      return [poolingEdges({ layer, ...place }, () => 1)];
    case 'averagePool2d': {
      const area = layer.kernel[0] * layer.kernel[1];
      return [poolingEdges({ layer, ...place }, (count) => 1 / (layer.countIncludePad ? area : count))];
    }
    case 'globalMaxPool2d':
      return [poolingEdges({ layer: wholeImage(place.input), ...place }, () => 1)];
    case 'globalAveragePool2d':
      return [poolingEdges({ layer: wholeImage(place.input), ...place }, (count) => 1 / count)];
    case 'relu':
    case 'flatten':
      return [];
    default:
      if (isLast && (layer.type === 'softmax' || layer.type === 'logSoftmax')) return [];
      throw new EdjmError(
        'UNSUPPORTED',
        `path-sgd: ${where}: expected dense, conv2d, scale, relu, pooling or flatten, got ${layer.type}. Take another optimizer.`,
      );
  }
}

function denseEdges({ layer, name }: Placed<DenseLayer>): EdgeLayer {
  const [units = 0, inputs = 0] = layer.weight.shape;
  return {
    outputs: units,
    weights: `${name}.weight`,
    ...(layer.bias && { bias: { name: `${name}.bias`, outputsPerValue: 1 } }),
    edges(visit) {
      for (let output = 0; output < units; output++) {
        visit({ output, input: 0, weight: output * inputs, count: inputs });
      }
    },
  };
}

function scaleEdges({ name, input }: Placed<ScaleLayer>): EdgeLayer {
  const outputs = valueCount(input);
  const perFactor = outputs / (input[0] ?? 1);
  return {
    outputs,
    weights: `${name}.scale`,
    edges(visit) {
      for (let i = 0; i < outputs; i++) {
        visit({ output: i, input: i, weight: Math.floor(i / perFactor), count: 1 });
      }
    },
  };
}

function convolutionEdges({ layer, name, input, output }: Placed<Conv2dLayer>): EdgeLayer {
  const { stride, padding, dilation, groups } = layer;
  const [, height = 0, width = 0] = input;
  const [channels = 0, rows = 0, columns = 0] = output;
  const [, perGroup = 0, kernelRows = 0, kernelColumns = 0] = layer.weight.shape;
  return {
    outputs: valueCount(output),
    weights: `${name}.weight`,
    ...(layer.bias && { bias: { name: `${name}.bias`, outputsPerValue: rows * columns } }),
    edges(visit) {
      for (const [o, c, m, n] of indices([channels, perGroup, kernelRows, kernelColumns])) {
        const weight = ((o * perGroup + c) * kernelRows + m) * kernelColumns + n;
        const from = Math.floor(o / (channels / groups)) * perGroup + c;
        for (const [y, x] of indices([rows, columns])) {
          const [v, h] = [
            y * stride[0] + m * dilation[0] - padding[0],
            x * stride[1] + n * dilation[1] - padding[1],
          ];
          if (v < 0 || h < 0 || v >= height || h >= width) continue;
          visit({
            output: (o * rows + y) * columns + x,
            input: (from * height + v) * width + h,
            weight,
            count: 1,
          });
        }
      }
    },
  };
}

function wholeImage([, height = 1, width = 1]: readonly number[]): PoolingWindow {
  return { kernel: [height, width], stride: [height, width], padding: [0, 0, 0, 0] };
}

/** @param weightOf - that of each value in a window that has so many of the image. */
function poolingEdges(
  { layer, input, output }: Placed<PoolingWindow>,
  weightOf: (count: number) => number,
): EdgeLayer {
  const { kernel, stride, padding } = layer;
  const [, height = 0, width = 0] = input;
  const [channels = 0, rows = 0, columns = 0] = output;
  const edges: EdgeLayer['edges'] = (visit) => {
    for (const [c, y, x, m, n] of indices([channels, rows, columns, ...kernel])) {
      const [v, h] = [y * stride[0] + m - padding[0], x * stride[1] + n - padding[1]];
      if (v < 0 || h < 0 || v >= height || h >= width) continue;
      const output = (c * rows + y) * columns + x;
      visit({ output, input: (c * height + v) * width + h, weight: output, count: 1 });
    }
  };
  const counts = new Float64Array(valueCount(output));
  edges(({ output: at }) => {
    counts[at] = (counts[at] as number) + 1;
  });
  return { outputs: counts.length, weights: counts.map((count) => weightOf(count) ** 2), edges };
}

/** All indices of an array of this shape, the last one fastest. */
function* indices<T extends readonly number[]>(
  shape: readonly [...T],
): Generator<{ [K in keyof T]: number }> {
  const [size, ...rest] = shape;
  for (let i = 0; i < size; i++) {
    if (rest.length === 0) yield [i] as { [K in keyof T]: number };
    else for (const inner of indices(rest)) yield [i, ...inner] as { [K in keyof T]: number };
  }
}
