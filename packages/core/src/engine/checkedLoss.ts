import type { DenseMatrix } from '@edjm/linalg';
import type { Loss } from '../contracts/trainable.ts';
import { checkFiniteValues } from '../training/namedValues.ts';
import { checkMatrix } from './checkMatrix.ts';

/**
 * A loss as an engine gets it. A loss function gets copies of the outputs and the caller's own targets, and its gradient is
 * checked.
 *
 * @param name - the network's, for messages.
 * @throws EdjmError, when it is called, `SHAPE_MISMATCH` or `INVALID_DATA` for a gradient that does not fit or is not finite.
 */
export function checkedLoss(name: string, loss: Loss, targets: DenseMatrix): Loss {
  if (typeof loss !== 'function') return loss;
  return ({ rows, columns, data }) => {
    const { value, gradient } = loss({ rows, columns, data: data.slice() }, targets);
    checkMatrix(name, gradient, { rows, columns, of: 'gradients of the loss' });
    checkFiniteValues(name, gradient.data, 'a gradient of the loss');
    return { value, gradient };
  };
}
