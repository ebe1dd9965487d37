import { operatorKey, stringAttribute, type Node } from '../model/graph.ts';

/** Sets of inputs, by position: with all others constant, the outputs are an affine function of those of a set together. */
type AffineInputs = (node: Node) => readonly (readonly number[])[];

const of =
  (...sets: readonly (readonly number[])[]): AffineInputs =>
  () =>
    sets;
const data = of([0]);
const all: AffineInputs = ({ inputs }) => [inputs.map((_, index) => index)];
/** Data and updates, unless those are multiplied or compared. */
const scattered: AffineInputs = (node) =>
  ['none', 'add'].includes(stringAttribute(node, 'reduction', 'none')) ? [[0, 2]] : [];

/** Operators that are affine in some of their inputs, and which those are; real numbers stay real. */
export const affineOperators: ReadonlyMap<string, AffineInputs> = new Map(
  Object.entries({
    Add: all,
    AveragePool: data,
    BatchNormalization: data,
    Cast: data,
    Concat: all,
    Conv: of([0, 2], [1, 2]),
    ConvTranspose: of([0, 2], [1, 2]),
    CumSum: data,
    Div: data,
    Expand: data,
    Flatten: data,
    Gather: data,
    GatherElements: data,
    Gemm: of([0, 2], [1, 2]),
    GlobalAveragePool: data,
    MatMul: of([0], [1]),
    Mean: all,
    Mul: of([0], [1]),
    Neg: data,
    Pad: of([0, 2]),
    ReduceMean: data,
    ReduceSum: data,
    Reshape: data,
    Resize: data,
    ReverseSequence: data,
    ScatterElements: scattered,
    ScatterND: scattered,
    Slice: data,
    Split: data,
    Squeeze: data,
    Sub: all,
    Sum: all,
    Tile: data,
    Transpose: data,
    Trilu: data,
    Unsqueeze: data,
    Where: of([1, 2]),
  }),
);

/** The sets of inputs that a node is affine in; none where it is in no input. */
export function affineInputs(node: Node): readonly (readonly number[])[] {
  return affineOperators.get(operatorKey(node))?.(node) ?? [];
}
