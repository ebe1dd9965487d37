import type { PlanRequest } from './plan.ts';
import type { Goal } from './planGoal.ts';
import { bestAccuracy, methodTraits, type SpectrumMethod } from '../methods/spectrumMethod.ts';

/** Why a plan is as it is, one sentence each, for people. */
export function reasonsFor(
  { network, n, dIn = network.dIn, method: wanted }: PlanRequest,
  choice: Goal & { readonly method: SpectrumMethod; readonly passedOver: readonly SpectrumMethod[] },
): string[] {
  const { method, accuracy, accurateFor, passedOver } = choice;
  const width = network.dIn;
  const reasons = [`${method}: ${methodTraits[method].what}`];
  if (width < dIn) {
    reasons.push(
      `the network depends on its ${dIn} inputs through ${width} values that are linear in them: rows have that width, and at most ${width} singular values are not zero`,
    );
  }
  const exact = bestAccuracy(method, { network, n });
  if (wanted !== undefined) reasons.push('the method was asked for');
  if (exact > accuracy && accurateFor !== undefined) {
    reasons.push(`${accurateFor} asks for an accuracy of ${accuracy}, which it does not have`);
  }
  if (wanted === undefined && method === 'dual')
    reasons.push(`there are no more samples (${n}) than columns (${width})`);
  if (wanted === undefined && method === 'tsqr') {
    const who = accurateFor === undefined ? '' : ` by ${accurateFor}`;
    reasons.push(`an accuracy of ${accuracy} is asked for${who}, which products of rows do not have`);
  }
  if (passedOver.length > 0)
    reasons.push(
      `what comes first does not fit the memory, or would compute more rows: ${passedOver.join(', ')}`,
    );
  if (network.precision === 'float32') {
    reasons.push(
      'the engine computes rows in float32, about 1e-7 of their size; error bounds are for these rows',
    );
  }
  return reasons;
}
