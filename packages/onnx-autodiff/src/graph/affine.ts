import { stringAttribute, type Node } from '../model/graph.ts';

/**
 * The sets of inputs, by position, that a node is affine in: with all other inputs constant, the outputs are an affine function
 * of the inputs of a set together.
 */
export type AffineInputs = (node: Node) => readonly (readonly number[])[];

/** Always the given sets. */
export function affineIn(...sets: readonly (readonly number[])[]): AffineInputs {
  return () => sets;
}

/** All inputs together. */
export const affineInAll: AffineInputs = ({ inputs }) => [inputs.map((_, index) => index)];

/** Data and updates of a scattering, unless it multiplies or compares them. */
export const affineUpdates: AffineInputs = (node) =>
  ['none', 'add'].includes(stringAttribute(node, 'reduction', 'none')) ? [[0, 2]] : [];
