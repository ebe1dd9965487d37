import type { DenseMatrix } from '@edjm/linalg';
import type { DifferentiableNetwork } from './network.ts';

/** The network whose rows an analysis computes, and how the EDJM follows from these rows. */
export interface Target extends AsyncDisposable {
  /** The network that was given, or the part of it behind an affine map. */
  readonly network: DifferentiableNetwork;
  /** d_in: columns of the EDJM. */
  readonly dIn: number;
  /** Factors of the columns of `network`'s rows, which are then those of the EDJM; undefined if all are 1. */
  readonly scale: ArrayLike<number> | undefined;
  /** The map in front of `network`, if there is one; the factors are then part of it. */
  readonly narrowing: Narrowing | undefined;
}

/** An affine map x ↦ W x + b in front of a network: with the rows A of the network, the EDJM is A W. */
export interface Narrowing {
  /** W diag(s), h × d_in. */
  readonly matrix: DenseMatrix;
  /** Lᵀ, h × h, of (W diag(s))ᵀ = Q L with QᵀQ = I: the singular values of A W diag(s) are those of A Lᵀ, and zeros. */
  readonly factor: DenseMatrix;
}
