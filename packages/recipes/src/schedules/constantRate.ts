import type { Schedule } from './schedule.ts';

/** The same learning rate in every epoch. */
export function constantRate(): Schedule {
  return { name: 'constant', options: {}, learningRate: (first) => first };
}
