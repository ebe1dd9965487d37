import type { Head } from './head.ts';

/** A tensor of a model. */
export interface ModelTensor {
  readonly name: string;
  /** Such as `'float32'`; absent if the model leaves it open. */
  readonly elementType?: string | undefined;
  /** A number, a name, or null for each axis, the axis of samples among them; absent if the model leaves the shape open. */
  readonly shape?: readonly (number | string | null)[] | undefined;
}

/** A tensor inside a model that can be chosen. */
export interface NamedTensor extends ModelTensor {
  /** Whether the output depends on it, so that it may be differentiated with respect to it. */
  readonly asInput: boolean;
  /** Whether it depends on the input, so that it may be differentiated. */
  readonly asOutput: boolean;
}

/**
 * The derivative of an operator: `'yes'`; `'zero'` for steps; `'straight-through'` for one that rounds, which is differentiated on request; `'none'` for one
 * without a derivative, which may only stand beside the way from the input to the output; `'unsupported'` for one without a rule.
 */
export type OperatorDerivative = 'yes' | 'zero' | 'straight-through' | 'none' | 'unsupported';

/** An operator of a model, or a kind of layer. */
export interface ModelOperator {
  readonly name: string;
  /** How many nodes or layers have it. */
  readonly count: number;
  /** Absent if only the engine can tell. */
  readonly derivative?: OperatorDerivative | undefined;
}

/** What a model consists of, as far as its file says it. */
export interface ModelInspection {
  readonly name: string;
  readonly inputs: readonly ModelTensor[];
  readonly outputs: readonly ModelTensor[];
  /** The tensors or layers inside that can be chosen by name, in order. */
  readonly tensors: readonly NamedTensor[];
  readonly operators: readonly ModelOperator[];
  /** How many tensors of weights there are, how many numbers they hold, and their bytes. */
  readonly parameters: { readonly tensors: number; readonly count: number; readonly bytes: number };
  /** What the output ends in; absent if only the engine can tell, or if there is a problem. */
  readonly head?: Head | undefined;
  /** Why the model cannot be analyzed without further options, or at all. */
  readonly problem?: string | undefined;
}
