import { inferShapes, type Network, withoutSoftmax, valueCount, logitsOf } from '@edjm/network';
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import type { Parameter, Trainable, TensorFunction } from '../sources/tensorFunction.ts';
import { channelsFirst, channelsLast } from './images.ts';
import { sequence } from './layers.ts';
import type { Held, TensorLayer } from './tensorLayer.ts';

/** A network as data, held by an engine. */
interface HeldNetwork extends Pick<Trainable, 'parameters' | 'statistics'> {
  /** [n, …inputShape] in, [n, …] out, images with channels first. */
  readonly layer: TensorLayer;
  readonly dispose: () => void;
}

/** Puts a network's weights into the active engine. */
function holdNetwork(tf: Tf, { inputShape, layers }: Network): HeldNetwork {
  const parameters = new Map<string, Parameter>();
  const statistics = new Map<string, Parameter>();
  const held: Variable[] = [];
  const add = (name: string, { shape, data, order, statistic = false }: Held): Variable => {
    const variable = tf.tidy(() => {
      const outside = tf.tensor(new Float32Array(data), [...shape]);
      // Not trainable in the sense of TensorFlow.js, whose optimizers take all variables there are for theirs.
      return tf.variable(order === undefined ? outside : outside.transpose([...order]), false);
    });
    held.push(variable);
    const axes = order?.map((_, axis) => order.indexOf(axis));
    const assign = (value: Tensor): void => {
      variable.assign(value);
    };
    const parameter = { variable, assign, shape, ...(axes !== undefined && { axes }) };
    (statistic ? statistics : parameters).set(name, parameter);
    return variable;
  };
  const { run, jvp } = sequence(layers, { name: '', inputShape }, { tf, add });
  const inside = inputShape.length === 3 ? channelsLast : (x: Tensor) => x;
  const outside = (y: Tensor) => (y.rank === 4 ? channelsFirst(y) : y);
  return {
    layer: {
      run: (x, training) => outside(run(inside(x), training)),
      jvp: ({ primal: x, tangents }) => {
        const moved = jvp({ primal: inside(x), tangents: inside(tangents) });
        return { primal: outside(moved.primal), tangents: outside(moved.tangents) };
      },
    },
    parameters,
    statistics,
    dispose: () => {
      for (const variable of held) variable.dispose();
    },
  };
}

/** A network as data as a function of tensors, without its head. In training, whose losses contain a softmax alone, a sigmoid stays. */
export function networkFunction(tf: Tf, network: Network, { training = false } = {}): TensorFunction {
  const { network: ended, head } = training
    ? { network: withoutSoftmax(network), head: undefined }
    : logitsOf(network);
  const dOut = valueCount(inferShapes(ended).at(-1) ?? []);
  const { layer, parameters, statistics, dispose } = holdNetwork(tf, ended);
  const flat = (y: Tensor) => y.reshape([-1, dOut]);
  return {
    name: network.name,
    inputShape: network.inputShape,
    ...(head && { head }),
    run: (x) => flat(layer.run(x)),
    trainable: {
      parameters,
      statistics,
      dropsHidden: true,
      run: (x, training) => flat(layer.run(x, training)),
      jvp: (pair) => flat(layer.jvp(pair).tangents),
    },
    dispose,
  };
}
