import { EdjmError, type Head } from '@edjm/core';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import type { TensorFunction } from '../sources/tensorFunction.ts';
import type { Tape } from '../tape/tape.ts';
import { headOnTape } from './headOnTape.ts';

/**
 * The outputs of a model in front of its head, to be recorded. The recording shows a final softmax or sigmoid in every kind of
 * model.
 */
export function outputsOf(
  tf: Tf,
  model: TensorFunction,
  { x, onHead }: { readonly x: Tensor; readonly onHead?: (head: Head) => void },
): (tape: Tape) => Tensor {
  return (tape) => {
    const y = model.run(x);
    if (!(y instanceof tf.Tensor)) {
      throw new EdjmError('UNSUPPORTED', 'expected a function that returns one tensor, got something else.');
    }
    const known = model.head;
    tape.from(x);
    const { head, logits } =
      known === undefined
        ? headOnTape(tf, tape, { y, name: model.outputName, isHidden: model.isHidden })
        : { head: known, logits: y };
    onHead?.(head);
    return logits;
  };
}
