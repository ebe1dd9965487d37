/**
 * The common part of recurrent operators: a cell makes the state h_t (with c_t, for LSTM) from x_t and h_(t−1). It is
 * written step after step over a sequence of known length T, in one direction or in both.
 *
 * The products of the inputs, X Wᵀ + b, are one product for all steps. A batch entry whose sequence is shorter than T
 * keeps its state behind the end of the sequence, and its outputs there are 0.
 */
import { EdjmError } from '@edjm/core';
import { describeNode, floatAttribute, intAttribute, stringAttribute, type Node } from '../../model/graph.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import type { Composite, RewriteContext } from '../../graph/operator.ts';
import { valuesOf } from '../../model/tensor.ts';
import { countUnrolled } from '../controlFlow/unrolling.ts';
import { activationsOf, type Activation } from './recurrentActivations.ts';
import { pieces } from '../reshaping/stacking.ts';

/** h_t, and c_t if the cell has it: each [B, H]. */
export type State = readonly string[];

/** One direction of a recurrent node, with B batch entries, T steps, H hidden units and G gates. */
export interface Direction {
  readonly node: Node;
  readonly builder: TensorBuilder;
  /** H. */
  readonly hidden: number;
  /** R, [G H, H]. */
  readonly recurrence: string;
  /** Biases of W and of R, each [G H]; undefined if there are none. */
  readonly biases: readonly [string, string] | undefined;
  /** P, one vector of size H for each of its gates; undefined if there is none. */
  readonly peepholes: readonly string[] | undefined;
  /** The activation function at a position: f, g, h. */
  readonly activation: (place: number) => Activation;
  /** Clips the argument of an activation function, if the node says so. */
  readonly clipped: (x: string) => string;
  /** X Wᵀ + bias for all steps, [T B, G H]. */
  readonly inputProduct: (bias: string | undefined) => string;
  /** The steps of a tensor [T B, …]: T of them, [B, …]. */
  readonly steps: (name: string) => readonly string[];
}

/** One recurrent operator. */
export interface Cell {
  /** G. */
  readonly gates: number;
  /** The number of gates with a peephole; 0 if the operator has none. */
  readonly peepholes: number;
  /** Names of the default activation functions. */
  readonly activations: readonly string[];
  /** Positions of the inputs that hold the initial state. */
  readonly initial: readonly number[];
  /** Adds the nodes that all steps share, and returns the function that adds one step. */
  readonly start: (direction: Direction) => (t: number, state: State) => State;
}

/** x Wᵀ + b. */
export function affine(
  builder: TensorBuilder,
  x: string,
  { weights, bias }: { readonly weights: string; readonly bias: string | undefined },
): string {
  return builder.gemm([x, weights, bias], { transB: 1 });
}

/** The approximate number of nodes in a step. */
const NODES_A_STEP = 12;

/** The sizes of a recurrent node. */
interface Sizes {
  readonly steps: number;
  readonly batch: number;
  readonly hidden: number;
  readonly directions: number;
}

function directionsOf(node: Node): readonly ('forward' | 'reverse')[] {
  const direction = stringAttribute(node, 'direction', 'forward');
  if (direction === 'bidirectional') return ['forward', 'reverse'];
  if (direction === 'forward' || direction === 'reverse') return [direction];
  throw new EdjmError(
    'INVALID_FILE',
    `${describeNode(node)}: expected the direction forward, reverse or bidirectional, got "${direction}".`,
  );
}

/** The tensor itself, once its shape is checked. */
function ofShape(context: RewriteContext, name: string, shape: readonly number[]): string {
  const actual = context.builder.shape(name);
  if (actual.length === shape.length && actual.every((size, axis) => size === shape[axis])) return name;
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `${describeNode(context.node)}: expected the shape [${shape.join(', ')}] for its input "${name}", got [${actual.join(', ')}].`,
  );
}

/** A tensor [D, …] as one [the given shape] for each direction. */
function byDirection(builder: TensorBuilder, name: string, shape: readonly number[]): readonly string[] {
  const [directions = 1] = builder.shape(name);
  const sizes = new Array<number>(directions).fill(1);
  return pieces(builder, name, { axis: 0, sizes }).map((piece) => builder.reshape(piece, shape));
}

const isBatchFirst = (node: Node) => intAttribute(node, 'layout', 0) !== 0;

/** Exchanges steps and batch, or directions and batch, if the node has the batch first. */
function transposed({ node, builder }: RewriteContext, name: string, perm: readonly number[]): string {
  return isBatchFirst(node) ? builder.transpose(name, perm) : name;
}

/** The initial states of each direction, zeros if the node has none. */
function initialStates(context: RewriteContext, { initial }: Cell, sizes: Sizes): readonly State[] {
  const { builder, input, optional } = context;
  const { batch, hidden, directions } = sizes;
  const { elementType } = builder.type(input(0));
  const states = initial.map((index) => {
    const name = optional(index);
    if (name === undefined)
      return new Array<string>(directions).fill(builder.filled(elementType, [batch, hidden], 0));
    const given = ofShape(context, transposed(context, name, [1, 0, 2]), [directions, batch, hidden]);
    return byDirection(builder, given, [batch, hidden]);
  });
  return Array.from({ length: directions }, (_, index) => states.map((state) => state[index] ?? ''));
}

/** For each step, which sequences reach it, [B, 1]; undefined if all do. */
function masksOf(context: RewriteContext, { steps, batch }: Sizes): readonly (string | undefined)[] {
  const { builder, optional } = context;
  const lengths = optional(4);
  return Array.from({ length: steps }, (_, t) => {
    if (lengths === undefined) return undefined;
    const mask = builder.less(t, ofShape(context, lengths, [batch]));
    const known = builder.constantValue(mask);
    const isFull = known !== undefined && valuesOf(known).every((value) => value !== 0);
    return isFull ? undefined : builder.reshape(mask, [batch, 1]);
  });
}

/** The states after each step, in the order of time for both directions. */
function unrolledStates(
  context: RewriteContext,
  step: (t: number, state: State) => State,
  way: {
    readonly order: readonly number[];
    readonly initial: State;
    readonly masks: readonly (string | undefined)[];
  },
): { readonly outputs: readonly string[]; readonly last: State } {
  const { builder } = context;
  const outputs: string[] = [];
  let state = way.initial;
  for (const t of way.order) {
    const before = state;
    const mask = way.masks[t];
    const where = (after: string, otherwise: string) =>
      mask === undefined ? after : builder.where(mask, after, otherwise);
    const after = step(t, before);
    outputs[t] = where(after[0] ?? '', builder.scalar(0, after[0] ?? ''));
    state = after.map((name, index) => where(name, before[index] ?? ''));
  }
  return { outputs, last: state };
}

function readSizes({ node, builder, input }: RewriteContext): Sizes {
  const x = builder.shape(input(0));
  const r = builder.shape(input(2));
  if (x.length !== 3 || r.length !== 3) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${describeNode(node)}: expected a sequence and weights of three axes, got the shapes [${x.join(', ')}] and [${r.join(', ')}].`,
    );
  }
  const [steps = 0, batch = 0] = isBatchFirst(node) ? [x[1], x[0]] : x;
  return { steps, batch, hidden: r[2] ?? 0, directions: directionsOf(node).length };
}

/** The directions of a node, each with its share of the weights. */
function readDirections(context: RewriteContext, cell: Cell, sizes: Sizes): readonly Direction[] {
  const { node, builder, input, optional } = context;
  const { steps, batch, hidden, directions } = sizes;
  const { gates } = cell;
  const x = transposed(context, input(0), [1, 0, 2]);
  const features = builder.shape(x)[2] ?? 0;
  const rows = builder.reshape(x, [steps * batch, features]);
  const weightsOf = (index: number, columns: number) => {
    const name = ofShape(context, input(index), [directions, gates * hidden, columns]);
    return byDirection(builder, name, [gates * hidden, columns]);
  };
  const vectorsOf = (index: number, count: number) => {
    const name = optional(index);
    if (name === undefined) return undefined;
    const width = count * hidden;
    return byDirection(builder, ofShape(context, name, [directions, width]), [width]);
  };
  const weights = weightsOf(1, features);
  const recurrences = weightsOf(2, hidden);
  const biases = vectorsOf(3, 2 * gates);
  const peepholes = cell.peepholes === 0 ? undefined : vectorsOf(7, cell.peepholes);
  const defaults = Array.from({ length: directions }, () => cell.activations).flat();
  const activations = activationsOf(node, builder, defaults);
  const clip = floatAttribute(node, 'clip', undefined);
  const parts = (name: string | undefined, count: number, size: number) =>
    name === undefined
      ? undefined
      : pieces(builder, name, { axis: 0, sizes: new Array<number>(count).fill(size) });
  return Array.from({ length: directions }, (_, index) => {
    const [w, r] = parts(biases?.[index], 2, gates * hidden) ?? [];
    return {
      node,
      builder,
      hidden,
      recurrence: recurrences[index] ?? '',
      biases: w === undefined || r === undefined ? undefined : [w, r],
      peepholes: parts(peepholes?.[index], cell.peepholes, hidden),
      activation: (place) => activations[index * cell.activations.length + place] ?? ((name) => name),
      clipped: (name) => (clip === undefined ? name : builder.clip(name, -clip, clip)),
      inputProduct: (bias) => affine(builder, rows, { weights: weights[index] ?? '', bias }),
      steps: (name) => pieces(builder, name, { axis: 0, sizes: new Array<number>(steps).fill(batch) }),
    };
  });
}

/** The operator that runs a cell over sequences: outputs Y of all steps, then the last state. */
export function recurrent(cell: Cell): Composite {
  return {
    rewrite: (context) => {
      const { node, builder, wants } = context;
      const sizes = readSizes(context);
      const { steps, batch, hidden, directions } = sizes;
      countUnrolled(builder, node, steps * directions * NODES_A_STEP);
      const masks = masksOf(context, sizes);
      const initial = initialStates(context, cell, sizes);
      const ways = directionsOf(node);
      const forward = Array.from({ length: steps }, (_, t) => t);
      const runs = readDirections(context, cell, sizes).map((direction, index) =>
        unrolledStates(context, cell.start(direction), {
          order: ways[index] === 'reverse' ? forward.toReversed() : forward,
          initial: initial[index] ?? [],
          masks,
        }),
      );
      const joined = (names: readonly string[], shape: readonly number[], perm: readonly number[]) => {
        const [only = ''] = names;
        const rows = names.length === 1 ? only : builder.concat(names, 0);
        return transposed(context, builder.reshape(rows, shape), perm);
      };
      const all = () => {
        const names = forward.flatMap((t) => runs.map(({ outputs }) => outputs[t] ?? ''));
        return joined(names, [steps, directions, batch, hidden], [2, 0, 1, 3]);
      };
      const last = (place: number) => {
        const names = runs.map(({ last: state }) => state[place] ?? '');
        return joined(names, [directions, batch, hidden], [1, 0, 2]);
      };
      const states = cell.initial.map((_, place) => (wants(place + 1) ? last(place) : undefined));
      return [wants(0) ? all() : undefined, ...states];
    },
  };
}
