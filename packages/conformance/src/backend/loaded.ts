import type { DifferentiableNetwork } from '@edjm/core';
import type { ReferenceCase } from '../reference/referenceCases.ts';

/** A loaded network, the case it was loaded from, and how exact it must be. */
export interface Loaded {
  readonly network: DifferentiableNetwork;
  readonly reference: ReferenceCase;
  readonly tolerance: number;
}
