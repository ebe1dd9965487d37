import type { TensorBuilder } from './tensorBuilder.ts';
import type { Node } from '../model/graph.ts';
import type { AffineInputs } from './affine.ts';
import type { Tensor, TensorType } from '../model/tensor.ts';

/** The node whose output types a rule infers: types of the inputs, and values of those that are constants. */
export interface InferContext {
  readonly node: Node;
  /** Types of the inputs; undefined for an optional input that is left out. */
  readonly inputs: readonly (TensorType | undefined)[];
  /** The type of input `index`; throws if it is left out. */
  readonly input: (index: number) => TensorType;
  /** The numbers of a constant input, undefined if it is left out; throws if it is not a constant. */
  readonly constant: (index: number) => readonly number[] | undefined;
}

/**
 * The node that a rule differentiates. Cotangents have a leading axis K, with one slice for each function that is
 * differentiated: the cotangent of a tensor of shape s has the shape [K, …s]. Tensors of the forward pass have no
 * such axis and broadcast over it.
 */
export interface VjpContext {
  readonly node: Node;
  readonly builder: TensorBuilder;
  /** Cotangents of the outputs; undefined if the result does not depend on the output. */
  readonly cotangents: readonly (string | undefined)[];
  /** The cotangent of the first output; throws if another output has one, or none has. */
  readonly cotangent: () => string;
  /** Name of input `index`; throws if it is left out. */
  readonly input: (index: number) => string;
  /** Whether the cotangent of input `index` is needed; a rule computes no other. */
  readonly needs: (index: number) => boolean;
  /**
   * Whether cotangents may be infinite, as the slope of √x is at 0. Then a rule takes zeros in place of the cotangents that
   * it drops: a product with 0 would be no number.
   */
  readonly unbounded: boolean;
}

/** The node that a composite writes in other operators. */
export interface RewriteContext {
  readonly node: Node;
  readonly builder: TensorBuilder;
  /** The operator set that the node was written for. */
  readonly opset: number;
  /** Name of input `index`; throws if it is left out. */
  readonly input: (index: number) => string;
  /** Name of input `index`, undefined if it is left out. */
  readonly optional: (index: number) => string | undefined;
  /** The numbers of a constant input, undefined if it is left out; throws if it is not a constant. */
  readonly constant: (index: number) => readonly number[] | undefined;
  /** Whether output `index` is there. */
  readonly wants: (index: number) => boolean;
}

/** An operator that is written in simpler ones. Its derivative is theirs. */
export interface Composite {
  /**
   * Adds the nodes that compute the outputs, for every operator set that has the operator.
   *
   * @returns the tensors that stand for the outputs, by position; undefined for an output that is not there.
   */
  readonly rewrite: (context: RewriteContext) => readonly (string | undefined)[];
}

/** An operator that stays in the graph: its types, its value on constants, its derivative, and its older forms. */
export interface Operator {
  /**
   * Brings a node of an earlier operator set into the form of set 18.
   *
   * @param opset - the operator set that the node was written for.
   */
  readonly upgrade?: (node: Node, opset: number, builder: TensorBuilder) => Node;
  /** The first operator set that has this form of the node, if it is later than 18. */
  readonly since?: (node: Node, opset: number) => number;
  /** Brings a node that a rule adds into a form that is less work and has the same outputs. */
  readonly simplify?: (node: Node, builder: TensorBuilder) => Node;
  /**
   * Writes a node of the finished graph in several nodes, if the engine's own would lose digits, as in long sums of float32.
   * Rules and derivatives see the node as it was.
   *
   * @returns the tensor that stands for the first output; undefined if the node stays.
   */
  readonly inSteps?: (node: Node, builder: TensorBuilder) => string | undefined;
  /** Types of the outputs. */
  readonly infer: (context: InferContext) => readonly TensorType[];
  /**
   * The outputs as constants; runs if every input is a constant. Exporters leave shape arithmetic of this kind
   * behind.
   */
  readonly fold?: (node: Node, inputs: readonly (Tensor | undefined)[]) => readonly Tensor[];
  /** The sets of inputs that a node is affine in. Absent if it is affine in none. */
  readonly affine?: AffineInputs;
  /**
   * Says that the operator rounds real numbers to integers that stand for them: its derivative is refused, not taken
   * for 0.
   */
  readonly quantizes?: true;
  /** Says that the output is constant between jumps: its derivative is 0 wherever there is one. */
  readonly isStep?: boolean;
  /**
   * Cotangents of the inputs, by position, from those of the outputs; undefined for a derivative of 0. Called if an
   * input needs its cotangent. An operator without a known derivative has no vjp.
   */
  readonly vjp?: (context: VjpContext) => readonly (string | undefined)[];
}
