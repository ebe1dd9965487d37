import { inferShapes, type Layer, type Network, type Shape, type Tensor } from '@edjm/network';
import { channelsFirst, channelsLast, type KerasLayer, kerasLayers } from './kerasLayers.ts';

/** The files of a layers model, which belong into one folder. */
export interface LayersModelFiles {
  /** The content of `model.json`. */
  readonly modelJson: string;
  /** The content of the file beside it. */
  readonly weights: Uint8Array;
  /** The name of that file: `weights.bin`. */
  readonly weightsFile: string;
}

const WEIGHTS_FILE = 'weights.bin';

/**
 * A network as a layers model of TensorFlow.js, for `tf.loadLayersModel` and for `load` of {@link tfjsBackend}: no engine is needed to write
 * it. Images go in with channels first, as they do into the network, and are transposed inside. Weights become float32.
 *
 * Dilation and groups of convolutions become zeros in their kernels, unless these are depthwise. Factors of `scale` become a batch
 * normalization with the mean 0 and the variance 1: like every batch normalization, it computes the same in inference alone.
 *
 * @throws EdjmError `UNSUPPORTED`, naming the layer, for `elu` with another alpha than 1, `gelu` by tanh, and padding of pooling that is
 * not Keras's `'same'`, unless the mean counts it or max pooling stands behind `relu`, `sigmoid` or `softplus`; and as `inferShapes` of `@edjm/network`.
 *
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises';
 * import { writeLayersModel } from '@edjm/backend-tfjs';
 * import { multilayerPerceptron } from '@edjm/network';
 *
 * const network = multilayerPerceptron({ dIn: 4, hidden: [8], dOut: 2 });
 * const { modelJson, weights, weightsFile } = writeLayersModel(network);
 * await writeFile('model.json', modelJson);
 * await writeFile(weightsFile, weights);
 * ```
 */
export function writeLayersModel(network: Network): LayersModelFiles {
  const model = new ModelWriter(network);
  const { name, layers, inputShape } = network;
  const input = model.add({ className: 'InputLayer', config: { batch_input_shape: [null, ...inputShape] } });
  const inside = inputShape.length === 3 ? model.add(channelsLast, { inputs: [input] }) : input;
  const inner = model.addAll(layers, { input: inside, shape: inputShape, place: '', before: undefined });
  const output =
    inferShapes(network).at(-1)?.length === 3 ? model.add(channelsFirst, { inputs: [inner] }) : inner;
  const modelTopology = {
    class_name: 'Model',
    config: {
      name,
      layers: model.layers,
      input_layers: [[input, 0, 0]],
      output_layers: [[output, 0, 0]],
    },
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  };
  const weights = model.tensors.map(([weight, { shape }]) => ({ name: weight, shape, dtype: 'float32' }));
  const weightsManifest = [{ paths: [WEIGHTS_FILE], weights }];
  const json = {
    format: 'layers-model',
    generatedBy: 'edjm',
    convertedBy: null,
    modelTopology,
    weightsManifest,
  };
  return {
    modelJson: JSON.stringify(json),
    weights: joined(model.tensors.map(([, { data }]) => data)),
    weightsFile: WEIGHTS_FILE,
  };
}

/** The place of layers: the layer of Keras before them, and the residual layer around them. */
interface Start {
  /** The layer of Keras whose output goes in. */
  readonly input: string;
  readonly shape: Shape;
  /** In front of their numbers. */
  readonly place: string;
  /** The layer before the first one. */
  readonly before: Layer | undefined;
}

/** Collects layers, and their weights in order. */
class ModelWriter {
  readonly layers: object[] = [];
  readonly tensors: (readonly [name: string, tensor: Tensor])[] = [];
  readonly #network: string;
  readonly #names = new Set<string>();

  constructor({ name }: Network) {
    this.#network = name;
  }

  /** Layers one after the other. @returns the name of the layer of Keras that the last one ends with. */
  addAll(layers: readonly Layer[], { input, shape, place, before }: Start): string {
    const shapes = inferShapes({ name: this.#network, inputShape: shape, layers });
    let end = input;
    for (const [index, layer] of layers.entries()) {
      const start = {
        input: end,
        shape: shapes[index] ?? shape,
        place: `${place}${String(index)}`,
        before: index === 0 ? before : layers[index - 1],
      };
      end = this.#addLayer(layer, start);
    }
    return end;
  }

  /** @returns its name. */
  add(
    { className, config, weights = {} }: KerasLayer,
    { inputs = [], place = '' }: { readonly inputs?: readonly string[]; readonly place?: string } = {},
  ): string {
    const name = this.#freeName(place === '' ? className : `${className}_${place}`);
    const nodes = inputs.map((input) => [input, 0, 0, {}]);
    this.layers.push({
      name,
      class_name: className,
      config: { name, ...config },
      inbound_nodes: nodes.length === 0 ? [] : [nodes],
    });
    for (const [weight, tensor] of Object.entries(weights)) this.tensors.push([`${name}/${weight}`, tensor]);
    return name;
  }

  #addLayer(layer: Layer, start: Start): string {
    const { input, shape, place, before } = start;
    if (layer.type === 'residual') {
      const body = this.addAll(layer.body, { ...start, place: `${place}_body_` });
      const shortcut = this.addAll(layer.shortcut, { ...start, place: `${place}_shortcut_` });
      return this.add({ className: 'Add', config: {} }, { inputs: [body, shortcut], place });
    }
    const where = `${this.#network}, layer ${place} (${layer.type})`;
    return kerasLayers(layer, { where, shape, before }).reduce(
      (end, kerasLayer) => this.add(kerasLayer, { inputs: [end], place }),
      input,
    );
  }

  #freeName(wanted: string): string {
    let name = wanted;
    for (let count = 1; this.#names.has(name); count++) name = `${wanted}_${String(count)}`;
    this.#names.add(name);
    return name;
  }
}

/** Values one after the other, as bytes of float32. */
function joined(parts: readonly Tensor['data'][]): Uint8Array {
  const values = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    values.set(part, end);
    end += part.length;
  }
  return new Uint8Array(values.buffer);
}
