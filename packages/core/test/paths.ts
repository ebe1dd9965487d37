import type { FakeOptions } from './fakeNetworks.ts';

/** A way from a network of 13 inputs to singular values. */
export interface Path {
  readonly method: string;
  readonly n: number;
  readonly dOut: number;
  readonly paths: NonNullable<FakeOptions['paths']>;
  /** The one function of the network that is called. */
  readonly call: string;
}

export const everyPath: readonly Path[] = [
  { method: 'dual', n: 9, dOut: 3, paths: [], call: 'vjp' },
  { method: 'dual', n: 9, dOut: 3, paths: ['jacobian'], call: 'jacobian' },
  { method: 'gram-of-rows', n: 40, dOut: 3, paths: [], call: 'vjp' },
  { method: 'gram-of-rows', n: 40, dOut: 3, paths: ['jacobian'], call: 'jacobian' },
  { method: 'gram', n: 60, dOut: 3, paths: ['gram'], call: 'gram' },
  { method: 'gram', n: 60, dOut: 3, paths: ['jacobian', 'gram'], call: 'gram' },
];
