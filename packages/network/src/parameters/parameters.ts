import { EdjmError, type FloatArray, type NetworkParameter } from '@edjm/core';
import type { Layer, Tensor } from '../layers/layer.ts';
import type { Network } from '../layers/network.ts';
import { formatShape } from '../layers/shape.ts';

/** A tensor of a layer: its field, its name behind the layer's number, and whether training changes it. */
interface LayerTensor {
  readonly field: string;
  readonly name: string;
  readonly value: Tensor;
  readonly trained: boolean;
  readonly role: NetworkParameter['role'];
}

/** The tensors of a layer, by PyTorch's names. */
function tensorsOf(layer: Layer): readonly LayerTensor[] {
  const vector = (field: string, name: string, data: FloatArray): LayerTensor => ({
    field,
    name,
    value: { shape: [data.length], data },
    trained: !name.startsWith('running_'),
    role: 'normalization',
  });
  switch (layer.type) {
    case 'dense':
    case 'conv2d':
      return [
        { field: 'weight', name: 'weight', value: layer.weight, trained: true, role: 'weight' },
        ...(layer.bias === undefined
          ? []
          : [{ ...vector('bias', 'bias', layer.bias), role: 'bias' as const }]),
      ];
    case 'scale':
      return [{ ...vector('scale', 'scale', layer.scale), role: 'weight' }];
    case 'batchNorm':
      return [
        vector('scale', 'weight', layer.scale),
        vector('bias', 'bias', layer.bias),
        vector('mean', 'running_mean', layer.mean),
        vector('variance', 'running_var', layer.variance),
      ];
    default:
      return [];
  }
}

/** Every tensor of a network by name. */
function* namedTensors(layers: readonly Layer[], prefix = ''): Generator<readonly [string, LayerTensor]> {
  for (const [index, layer] of layers.entries()) {
    const place = `${prefix}${String(index)}.`;
    if (layer.type === 'residual') {
      yield* namedTensors(layer.body, `${place}body.`);
      yield* namedTensors(layer.shortcut, `${place}shortcut.`);
    }
    for (const tensor of tensorsOf(layer)) yield [`${place}${tensor.name}`, tensor];
  }
}

/**
 * The parameters that training changes, by name and in the order of the layers: `0.weight`, `0.bias`, `2.scale`, as PyTorch's `Sequential` counts;
 * inside of residual layers `3.body.0.weight` and `3.shortcut.0.weight`.
 *
 * @example
 * ```ts
 * import { multilayerPerceptron, networkParameters } from '@edjm/network';
 *
 * const network = multilayerPerceptron({ dIn: 4, hidden: [8], dOut: 2 });
 * console.log([...networkParameters(network).keys()]); // 0.weight, 0.bias, 2.weight, 2.bias
 * ```
 */
export function networkParameters({ layers }: Pick<Network, 'layers'>): ReadonlyMap<string, Tensor> {
  return selected(layers, true);
}

/** The stored statistics of batch normalization, by name: `1.running_mean`, `1.running_var`. */
export function networkStatistics({ layers }: Pick<Network, 'layers'>): ReadonlyMap<string, Tensor> {
  return selected(layers, false);
}

/**
 * All parameters and statistics of a network with what each of them does, in the order of the layers.
 *
 * @example
 * ```ts
 * import { multilayerPerceptron, networkTensors } from '@edjm/network';
 *
 * const network = multilayerPerceptron({ dIn: 4, hidden: [8], dOut: 2 });
 * console.log(networkTensors(network).map(({ role }) => role)); // weight, bias, weight, bias
 * ```
 */
export function networkTensors({ layers }: Pick<Network, 'layers'>): readonly NetworkParameter[] {
  return [...namedTensors(layers)].map(([name, { value, role }]) => ({ name, role, ...value }));
}

function selected(layers: readonly Layer[], trained: boolean): ReadonlyMap<string, Tensor> {
  const tensors = [...namedTensors(layers)].filter(([, tensor]) => tensor.trained === trained);
  return new Map(tensors.map(([name, { value }]) => [name, value]));
}

/**
 * The network with other values for the parameters and statistics that are named, as {@link networkParameters} and
 * {@link networkStatistics} name them.
 *
 * @throws EdjmError `NOT_FOUND` for a name that the network does not have, `SHAPE_MISMATCH` for a value of another shape.
 *
 * @example
 * ```ts
 * import { multilayerPerceptron, networkParameters, withParameters } from '@edjm/network';
 *
 * const network = multilayerPerceptron({ dIn: 4, hidden: [8], dOut: 2 });
 * const same = withParameters(network, networkParameters(network));
 * console.log(same.layers.length); // 3
 * ```
 */
export function withParameters(network: Network, values: ReadonlyMap<string, Tensor>): Network {
  const known = new Map(namedTensors(network.layers));
  for (const [name, { shape }] of values) {
    const expected = known.get(name)?.value.shape;
    if (expected === undefined) {
      throw new EdjmError(
        'NOT_FOUND',
        `${network.name}: expected a parameter among ${[...known.keys()].join(', ')}, got ${name}.`,
      );
    }
    if (formatShape(expected) !== formatShape(shape)) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${network.name}: expected ${formatShape(expected)} for ${name}, got ${formatShape(shape)}.`,
      );
    }
  }
  return { ...network, layers: replaced(network.layers, values, '') };
}

function replaced(
  layers: readonly Layer[],
  values: ReadonlyMap<string, Tensor>,
  prefix: string,
): readonly Layer[] {
  return layers.map((layer, index) => {
    const place = `${prefix}${String(index)}.`;
    if (layer.type === 'residual') {
      return {
        ...layer,
        body: replaced(layer.body, values, `${place}body.`),
        shortcut: replaced(layer.shortcut, values, `${place}shortcut.`),
      };
    }
    const changes = tensorsOf(layer).flatMap(({ field, name }) => {
      const value = values.get(`${place}${name}`);
      if (value === undefined) return [];
      return [[field, field === 'weight' ? value : value.data] as const];
    });
    return { ...layer, ...Object.fromEntries(changes) };
  });
}
