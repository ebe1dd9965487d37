import type { Accuracy } from '../../support/vjpCheck.ts';
import type { RuleCase } from './ruleCase.ts';

const DOUBLE: Accuracy = { step: 1e-6, tolerance: 1e-6 };
/** Where ONNX Runtime has no float64: a long step is exact for functions made of linear pieces, others need a short one. */
const SINGLE: Accuracy = { step: 2 ** -4, tolerance: 1e-3 };
const SINGLE_BENT: Accuracy = { step: 2 ** -8, tolerance: 2e-3 };

/** How closely the derivatives of a case must agree with differences. */
export function accuracyOf({ elementType, isBent }: RuleCase): Accuracy {
  if (elementType !== 'float32') return DOUBLE;
  return isBent === true ? SINGLE_BENT : SINGLE;
}
