import { inferShapes, type Network, valueCount, withEnding } from '@edjm/network';
import type { OutputKind } from '@edjm/core';
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { Tf } from '../engines/engine.ts';
import type { Parameter, TensorFunction } from '../sources/tensorFunction.ts';
import { channelsFirst, channelsLast } from './images.ts';
import { sequence } from './layers.ts';
import type { Held, TensorLayer } from './tensorLayer.ts';

/** A network as data, held by an engine. */
export interface HeldNetwork {
  /** [n, …inputShape] in, [n, …] out, images with channels first. */
  readonly run: TensorLayer;
  /** What training changes, in the order of the layers. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly dispose: () => void;
}

/** Puts a network's weights into the active engine. */
function holdNetwork(tf: Tf, { inputShape, layers }: Network): HeldNetwork {
  const parameters = new Map<string, Parameter>();
  const held: Variable[] = [];
  const add = (parameter: string, { shape, data, order, fixed = false }: Held): Variable => {
    const variable = tf.tidy(() => {
      const outside = tf.tensor(new Float32Array(data), [...shape]);
      // Not trainable in the sense of TensorFlow.js, whose optimisers take all variables there are for theirs.
      return tf.variable(order === undefined ? outside : outside.transpose([...order]), false);
    });
    held.push(variable);
    const axes = order?.map((_, axis) => order.indexOf(axis));
    const assign = (value: Tensor): void => {
      variable.assign(value);
    };
    if (!fixed) parameters.set(parameter, { variable, assign, shape, ...(axes !== undefined && { axes }) });
    return variable;
  };
  const isImage = inputShape.length === 3;
  const all = sequence(layers, { name: '', inputShape }, { tf, add });
  return {
    run: (x, training) => {
      const y = all(isImage ? channelsLast(x) : x, training);
      return y.rank === 4 ? channelsFirst(y) : y;
    },
    parameters,
    dispose: () => {
      for (const variable of held) variable.dispose();
    },
  };
}

/** A network as data as a function of tensors, with the ending that gives a kind of output. */
export function networkFunction(tf: Tf, network: Network, outputKind: OutputKind): TensorFunction {
  const ended = withEnding(network, outputKind);
  const outputSize = valueCount(inferShapes(ended).at(-1) ?? []);
  const { run, parameters, dispose } = holdNetwork(tf, ended);
  return {
    name: network.name,
    inputShape: network.inputShape,
    outputKind,
    run: (x) => run(x).reshape([-1, outputSize]),
    trainable: {
      parameters,
      statistics: [],
      dropsHidden: true,
      run: (x, training) => run(x, training).reshape([-1, outputSize]),
    },
    dispose,
  };
}
