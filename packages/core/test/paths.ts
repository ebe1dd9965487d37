import type { SpectrumMethod } from '../src/index.ts';
import type { FakeOptions } from './fakeNetworks.ts';

/** So many outputs that an engine forms the products, however small the network is. */
export const MANY = 1e6;

/** A way from a network of 13 inputs to singular values. */
export interface Path {
  readonly method: SpectrumMethod;
  readonly n: number;
  readonly outputSize: number;
  readonly paths: NonNullable<FakeOptions['paths']>;
  /** The one function of the network that is called. */
  readonly call: string;
}

export const everyPath: readonly Path[] = [
  { method: 'dual', n: 9, outputSize: 3, paths: [], call: 'vjp' },
  { method: 'dual', n: 9, outputSize: 3, paths: ['jacobian'], call: 'jacobian' },
  { method: 'gram-float64', n: 40, outputSize: 3, paths: [], call: 'vjp' },
  { method: 'gram-float64', n: 40, outputSize: 3, paths: ['jacobian'], call: 'jacobian' },
  { method: 'gram-float64', n: 40, outputSize: 3, paths: ['jacobian', 'gram'], call: 'jacobian' },
  { method: 'gram', n: 60, outputSize: MANY, paths: ['gram'], call: 'gram' },
  { method: 'gram', n: 60, outputSize: MANY, paths: ['jacobian', 'gram'], call: 'gram' },
];
