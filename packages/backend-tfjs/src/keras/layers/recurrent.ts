import type { Tensor } from '@tensorflow/tfjs';
import { activate } from './activations.ts';
import { first, type OwnKind } from './ownLayer.ts';

/** The newer gated recurrent unit, which resets the state after it is multiplied. */
export const gru: OwnKind = {
  shape: ([input = []], { options, returnSequences }) => {
    const units = Number(options['units']);
    return returnSequences === true ? [input[0] ?? null, input[1] ?? null, units] : [input[0] ?? null, units];
  },
  call: (tf, call) => {
    const { kernel, recurrent_kernel: recurrent, bias } = call.weights;
    const { options, goBackwards, returnSequences } = call.config;
    if (kernel === undefined || recurrent === undefined) throw new Error('expected weights, got none.');
    const units = Number(options['units']);
    const [ofInput, ofState] = bias === undefined ? [] : tf.unstack(bias);
    const steps = tf.unstack(first(call), 1);
    let state: Tensor = tf.zeros([steps[0]?.shape[0] ?? 0, units]);
    const states = (goBackwards === true ? steps.toReversed() : steps).map((x) => {
      const product = tf.matMul(x, kernel);
      const inner = tf.matMul(state, recurrent);
      const fromInput = tf.split(ofInput === undefined ? product : tf.add(product, ofInput), 3, 1);
      const fromState = tf.split(ofState === undefined ? inner : tf.add(inner, ofState), 3, 1);
      const [z, r] = [0, 1].map((gate) =>
        activate(tf, options['gate'], tf.add(fromInput[gate] ?? 0, fromState[gate] ?? 0)),
      );
      const reset = tf.mul(r ?? 1, fromState[2] ?? 0);
      const proposal = activate(tf, options['activation'], tf.add(fromInput[2] ?? 0, reset));
      state = tf.add(proposal, tf.mul(z ?? 0, tf.sub(state, proposal)));
      return state;
    });
    return returnSequences === true ? tf.stack(states, 1) : state;
  },
};
