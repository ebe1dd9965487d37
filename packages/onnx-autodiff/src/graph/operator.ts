import type { TensorBuilder } from './tensorBuilder.ts';
import type { Node } from '../model/graph.ts';
import type { Tensor, TensorType } from '../model/tensor.ts';

/** What a rule sees of the node that it infers: the types of its inputs, and their values where they are constants. */
export interface InferContext {
  readonly node: Node;
  /** Types of the inputs; undefined where an optional input is left out. */
  readonly inputs: readonly (TensorType | undefined)[];
  /** The type of input `index`; throws where it is left out. */
  readonly input: (index: number) => TensorType;
  /** The numbers of a constant input, undefined where it is left out; throws where it is not a constant. */
  readonly constant: (index: number) => readonly number[] | undefined;
}

/**
 * What a rule sees of the node that it differentiates. Cotangents carry one leading axis K, one slice for each
 * function that is differentiated at once: the cotangent of a tensor of shape s has the shape [K, …s]. Residuals of the
 * forward pass have no such axis and broadcast over it.
 */
export interface VjpContext {
  readonly node: Node;
  readonly builder: TensorBuilder;
  /** Cotangents of the outputs; undefined where the result does not depend on an output. */
  readonly cotangents: readonly (string | undefined)[];
  /** The cotangent of the first output; throws where there is none. */
  readonly cotangent: () => string;
  /** Name of input `index`; throws where it is left out. */
  readonly input: (index: number) => string;
  /** Whether the cotangent of input `index` is asked for; a rule computes no other. */
  readonly needs: (index: number) => boolean;
}

/** What a composite sees of the node that it writes in other operators. */
export interface RewriteContext {
  readonly node: Node;
  readonly builder: TensorBuilder;
  /** The operator set that the node was written for. */
  readonly opset: number;
  /** Name of input `index`; throws where it is left out. */
  readonly input: (index: number) => string;
  /** Name of input `index`, undefined where it is left out. */
  readonly optional: (index: number) => string | undefined;
  /** The numbers of a constant input, undefined where it is left out; throws where it is not a constant. */
  readonly constant: (index: number) => readonly number[] | undefined;
  /** Whether output `index` is there. */
  readonly wants: (index: number) => boolean;
}

/** An operator that is written in simpler ones, and differentiated through them. */
export interface Composite {
  /**
   * Adds the nodes that compute the outputs, for every operator set that has the operator.
   *
   * @returns the tensors that stand for the outputs, by position; undefined for an output that is not there.
   */
  readonly rewrite: (context: RewriteContext) => readonly (string | undefined)[];
}

/** An operator: how old forms of it are brought up to date, its types, its value on constants, and its derivative. */
export interface Operator {
  /**
   * The node in its form of operator set 18, with what earlier sets said in attributes moved to where set 18 has it.
   *
   * @param opset - the operator set that the node was written for.
   */
  readonly upgrade?: (node: Node, opset: number, builder: TensorBuilder) => Node;
  /** The first operator set that has the node as it stands, where that is later than 18. */
  readonly since?: (node: Node, opset: number) => number;
  /** A node of this operator that a rule adds, in a form that is less work, with the same outputs. */
  readonly simplify?: (node: Node, builder: TensorBuilder) => Node;
  /** Types of the outputs. */
  readonly infer: (context: InferContext) => readonly TensorType[];
  /** Outputs as constants, for the shape arithmetic that exporters leave behind; runs where every input is a constant. */
  readonly fold?: (node: Node, inputs: readonly (Tensor | undefined)[]) => readonly Tensor[];
  /** Says that it rounds real numbers to integers that stand for them: its derivative is refused, not taken for 0. */
  readonly quantizes?: true;
  /**
   * Cotangents of the inputs, by position, from those of the outputs; undefined where the derivative is 0. Called where
   * an input needs its cotangent; absent where the derivative is not known.
   */
  readonly vjp?: (context: VjpContext) => readonly (string | undefined)[];
}
