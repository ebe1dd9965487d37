import { EdjmError, type OutputKind } from '@edjm/core';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import type { TensorFunction } from '../sources/tensorFunction.ts';
import type { Tape } from '../tape/tape.ts';

/**
 * The outputs of a model, of the wanted kind, to be recorded. The recording shows a final softmax or log-softmax in every
 * kind of model.
 */
export function outputsOf(
  tf: Tf,
  model: TensorFunction,
  { x, outputKind }: { readonly x: Tensor; readonly outputKind: OutputKind },
): (tape: Tape) => Tensor {
  return (tape) => {
    const y = model.run(x);
    if (!(y instanceof tf.Tensor)) {
      throw new EdjmError('UNSUPPORTED', 'expected a function that returns one tensor, got something else.');
    }
    if (model.outputKind === outputKind) return y;
    const softmax = tape.softmaxBehind(y);
    const flat = () => y.reshape([y.shape[0], -1]);
    switch (outputKind) {
      case 'logit':
        return softmax === undefined ? y : softmax.logits.reshape(y.shape);
      case 'probability':
        if (softmax === undefined) return tf.softmax(flat());
        return softmax.log ? tf.softmax(softmax.logits).reshape(y.shape) : y;
      case 'log-probability':
        if (softmax === undefined) return tf.logSoftmax(flat());
        return softmax.log ? y : tf.logSoftmax(softmax.logits).reshape(y.shape);
    }
  };
}
