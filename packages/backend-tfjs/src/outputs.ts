import type { OutputKind } from '@edjm/core';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from './engines/engine.ts';
import type { TensorFunction } from './sources/tensorFunction.ts';
import type { Tape } from './tape.ts';

/**
 * The outputs of a model, of the kind that is wanted, to be recorded: a final softmax or log-softmax of the model's is seen in what it
 * records, whatever the model was made of.
 */
export function outputsOf(
  tf: Tf,
  model: TensorFunction,
  { x, outputKind }: { readonly x: Tensor; readonly outputKind: OutputKind },
): (tape: Tape) => Tensor {
  return (tape) => {
    const y = model.run(x);
    if (model.outputKind === outputKind) return y;
    const softmax = tape.softmaxBehind(y);
    const logits = softmax?.logits ?? y;
    const flat = () => logits.reshape([logits.shape[0], -1]);
    switch (outputKind) {
      case 'logit':
        return softmax === undefined ? y : logits.clone();
      case 'probability':
        return softmax?.log === false ? y : tf.softmax(flat());
      case 'log-probability':
        return softmax?.log === true ? y : tf.logSoftmax(flat());
    }
  };
}
