import { EdjmError } from '../contracts/errors.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import { type HeadFunction, sigmoidHead, softmaxHead } from './headFunction.ts';

/**
 * The probabilities, or their logarithms, as a function of a network's logits.
 *
 * @throws EdjmError `UNSUPPORTED` if it has none, or if the axis of the softmax is not clear.
 */
export function headFunctionOf(
  { name, dOut, head = { kind: 'none', groups: { size: dOut, stride: 1 } } }: DifferentiableNetwork,
  log: boolean,
): HeadFunction {
  const { kind, groups, at = 'the network', reason = 'they are no function of logits' } = head;
  switch (kind) {
    case 'sigmoid':
    case 'log-sigmoid':
      return sigmoidHead(log);
    case 'as-is':
      throw new EdjmError(
        'UNSUPPORTED',
        `${name}: expected outputs that are logits, or a softmax or sigmoid of them, to make probabilities of, got outputs that have no logits, as ${reason}. Analyze them as they are, with --output-kind logit (outputKind: 'logit'), or end the network in its softmax or sigmoid.`,
      );
    case 'none':
      if (dOut === 1) return sigmoidHead(log);
      if (groups !== undefined) return softmaxHead(groups, log);
      throw new EdjmError(
        'UNSUPPORTED',
        `${name}: expected a softmax or sigmoid at the end, or outputs on one axis, to make probabilities of, got outputs on several axes without a softmax. End the network in a softmax along the axis of its classes, or in a sigmoid, or analyze its logits (--output-kind logit).`,
      );
    case 'softmax':
    case 'log-softmax':
      if (groups !== undefined && groups.size > 1) return softmaxHead(groups, log);
      throw new EdjmError(
        'UNSUPPORTED',
        `${name}: expected a softmax over several values, got ${at} over one, which is 1 for every input. Analyze the logits (--output-kind logit), or end the network in a sigmoid.`,
      );
  }
}
