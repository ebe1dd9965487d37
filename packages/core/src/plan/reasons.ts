import type { Job, SpectrumMethod } from '../contracts/spectrumMethod.ts';
import { bestAccuracy } from './suitableMethods.ts';

/** Why a plan takes a method, one sentence each, for people. */
export function reasonsFor(
  method: SpectrumMethod,
  job: Job,
  passedOver: readonly SpectrumMethod[],
): string[] {
  const { network, dIn, narrowed, accuracy, accurateFor, asked } = job;
  const width = network.dIn;
  const own = asked ? 'the method was asked for' : method.reason?.(job);
  return [
    `${method.name}: ${method.description}`,
    ...(narrowed
      ? [
          `the network depends on its ${dIn} inputs through ${width} values that are linear in them: rows have that width, and at most ${width} singular values are not zero`,
        ]
      : []),
    ...(bestAccuracy(method, job) > accuracy && accurateFor !== undefined
      ? [`${accurateFor} asks for an accuracy of ${accuracy}, which it does not have`]
      : []),
    ...(own === undefined ? [] : [own]),
    ...(passedOver.length > 0
      ? [
          `preferred methods do not fit the memory, or would compute more rows: ${passedOver.map(({ name }) => name).join(', ')}`,
        ]
      : []),
    ...(network.precision === 'float32'
      ? ['the engine computes rows in float32, about 1e-7 of their size; error bounds are for these rows']
      : []),
  ];
}
