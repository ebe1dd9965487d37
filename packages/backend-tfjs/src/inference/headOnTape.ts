import { type Head, type HeadKind, softmaxGroups, type Transposition } from '@edjm/core';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import type { TapeNode } from '../tape/recording.ts';
import type { Tape } from '../tape/tape.ts';

/** What a model ends in, and its outputs with the logits in place of what the head makes of them. */
export interface FoundHead {
  readonly head: Head;
  readonly logits: Tensor;
}

/** Operations that make probabilities, or their logarithms, by TensorFlow's names. */
const kinds: Readonly<Record<string, HeadKind>> = {
  Softmax: 'softmax',
  LogSoftmax: 'log-softmax',
  logSoftmax__op: 'log-softmax',
  Sigmoid: 'sigmoid',
  logSigmoid__op: 'log-sigmoid',
};

/** Operations that keep the order of the values. */
const reshaping = new Set(['Identity', 'Cast', 'Reshape', 'ExpandDims']);

/** Operations that make new values of many, or of which a network may consist: probabilities in front of them are hidden ones. */
const layers = new Set([
  ...['MatMul', 'BatchMatMul', '_FusedMatMul', 'Einsum', 'FusedConv2D', 'FusedDepthwiseConv2D'],
  ...['Conv2D', 'DepthwiseConv2dNative', 'Conv3D', 'Conv2DBackpropInput', 'Conv3DBackpropInputV2'],
  ...['Tanh', 'Elu', 'Selu', 'LeakyRelu', 'Prelu', 'Softplus', 'Erf', 'FusedBatchNorm'],
]);

/** Operations each of whose outputs is one of the inputs' values. */
const choosing = new Set(['Concat', 'Select', 'Pack']);

const logarithms: Partial<Record<HeadKind, HeadKind>> = { softmax: 'log-softmax', sigmoid: 'log-sigmoid' };
const powers: Partial<Record<HeadKind, HeadKind>> = { 'log-softmax': 'softmax', 'log-sigmoid': 'sigmoid' };

/** What is asked. */
export interface HeadQuestion {
  /** The outputs, [n, …]. */
  readonly y: Tensor;
  /** Name of the layer or node that they are the outputs of, if it is known. */
  readonly name?: string | undefined;
  /** Whether they are a hidden layer: its sigmoid is an activation, no head. Defaults to false. */
  readonly isHidden?: boolean | undefined;
}

/** Finds what recorded outputs end in: a softmax or a sigmoid, or its logarithm, through whatever only reshapes, transposes or casts. */
export function headOnTape(tf: Tf, tape: Tape, { y, name, isHidden = false }: HeadQuestion): FoundHead {
  const asIs = (node: TapeNode, reason: string): FoundHead => ({
    head: { kind: 'as-is', at: operation(node), reason },
    logits: y,
  });
  const found = headOfPath(tape, y, isHidden);
  if (found === undefined) {
    const node = isHidden ? undefined : headInFront(tape, y);
    const last = tape.producer(y.id);
    const written = isHidden ? undefined : writtenSigmoid(tape, y);
    if (written !== undefined)
      return asIs(written, 'a sigmoid that is written out has no operation to look through');
    if (node !== undefined) {
      return asIs(node, `${last ? operation(last) : 'the output'} changes the values of ${operation(node)}`);
    }
    const shape = y.shape.slice(1);
    const size = shape.reduce((product, value) => product * value, 1);
    const isFlat = size === Math.max(...shape, 1);
    return { head: { kind: 'none', ...(isFlat && { groups: { size, stride: 1 } }) }, logits: y };
  }
  const { kind, node, input, behind } = found;
  const at = name === undefined ? operation(node) : `${operation(node)} (${name})`;
  const transpositions = new Map(
    behind
      .filter(({ kernelName }) => kernelName === 'Transpose')
      .map((each) => [each, transpositionOf(tf, each)]),
  );
  const replaced = behind.reduce((tensor, each) => {
    const perm = transpositions.get(each)?.perm;
    if (perm !== undefined) return tensor.transpose([...perm]);
    return each.kernelName === 'Cast' ? tensor : tensor.reshape([...shapeOf(each.outputs[0])]);
  }, input);
  if (kind === 'sigmoid' || kind === 'log-sigmoid') return { head: { kind, at }, logits: replaced };
  const groups = softmaxGroups({
    shape: input.shape,
    axis: input.rank - 1,
    transpositions: [...transpositions.values()],
    n: y.shape[0],
  });
  if (groups === undefined) return asIs(node, `the values of ${at} are reordered behind it`);
  return { head: { kind, at, groups }, logits: replaced };
}

/** A head on the only way back from the outputs. */
interface HeadOfPath {
  readonly kind: HeadKind;
  readonly node: TapeNode;
  readonly input: Tensor;
  /** What stands behind it, the first operation first. */
  readonly behind: readonly TapeNode[];
}

function headOfPath(tape: Tape, y: Tensor, isHidden: boolean): HeadOfPath | undefined {
  const behind: TapeNode[] = [];
  let turned: Partial<Record<HeadKind, HeadKind>> | undefined;
  let node = tape.producer(y.id);
  while (node !== undefined) {
    const [x] = Object.values(node.inputs);
    if (x === undefined) return undefined;
    const own = kinds[node.kernelName];
    if (own !== undefined) {
      const kind = turned === undefined ? own : turned[own];
      const input = tape.kept(x);
      if (kind === undefined || input === undefined) return undefined;
      return isHidden && kind.endsWith('sigmoid') ? undefined : { kind, node, input, behind };
    }
    if (turned === undefined && (node.kernelName === 'Log' || node.kernelName === 'Exp')) {
      turned = node.kernelName === 'Log' ? logarithms : powers;
    } else if (node.kernelName === 'Transpose' || (reshaping.has(node.kernelName) && isReal(node, x))) {
      if (node.kernelName !== 'Identity') behind.unshift(node);
    } else return undefined;
    node = tape.producer(x.id);
  }
  return undefined;
}

/** A division by 1 + exp(…), through what only reshapes: a sigmoid written out. */
function writtenSigmoid(tape: Tape, y: Tensor): TapeNode | undefined {
  let node = tape.producer(y.id);
  while (node !== undefined && (node.kernelName === 'Transpose' || reshaping.has(node.kernelName))) {
    const [x] = Object.values(node.inputs);
    node = x && tape.producer(x.id);
  }
  if (node?.kernelName !== 'RealDiv' && node?.kernelName !== 'Reciprocal') return undefined;
  const below = Object.values<Tensor | undefined>(node.inputs).at(-1);
  const sum = below && tape.producer(below.id);
  if (sum?.kernelName !== 'Add') return undefined;
  const parts = Object.values<Tensor | undefined>(sum.inputs).filter((part) => part !== undefined);
  const makers = parts.map((part) => tape.producer(part.id));
  const isOnePlusPower = makers.some((maker) => maker?.kernelName === 'Exp') && makers.includes(undefined);
  return isOnePlusPower ? node : undefined;
}

function isReal(node: TapeNode, x: Tensor): boolean {
  return x.dtype === 'float32' && node.outputs[0]?.dtype === 'float32';
}

/** The head that outputs are made of by arithmetic alone, such as clipping or dividing by their sum. */
function headInFront(tape: Tape, y: Tensor): TapeNode | undefined {
  const known = new Map<number, TapeNode | 'other' | 'constant'>();
  const origin = (id: number): TapeNode | 'other' | 'constant' => {
    const found = known.get(id) ?? originOf(id);
    known.set(id, found);
    return found;
  };
  const originOf = (id: number): TapeNode | 'other' | 'constant' => {
    const node = tape.producer(id);
    if (node === undefined) return tape.isSource(id) ? 'other' : 'constant';
    if (kinds[node.kernelName] !== undefined) return node;
    if (layers.has(node.kernelName)) return 'other';
    const inputs = Object.values<Tensor | undefined>(node.inputs).filter((input) => input !== undefined);
    const origins = inputs.map((input) => origin(input.id)).filter((each) => each !== 'constant');
    const head = origins.find((each) => each !== 'other');
    if (head === undefined) return origins.length === 0 ? 'constant' : 'other';
    return choosing.has(node.kernelName) || origins.every((each) => each !== 'other') ? head : 'other';
  };
  const found = origin(y.id);
  return typeof found === 'string' ? undefined : found;
}

/** The axes of a recorded transposition: its derivative moves them back, whatever their sizes, which are chosen to be different here. */
function transpositionOf(tf: Tf, node: TapeNode): Transposition {
  const shape = shapeOf(Object.values(node.inputs)[0]);
  const sizes = shape.map((_, axis) => axis + 1);
  const back = tf.tidy(() => {
    const { state } = tf.engine();
    const { gradientDepth } = state;
    state.gradientDepth = 0;
    try {
      const moved = Object.values(node.gradient?.([tf.zeros(sizes)]) ?? {})[0]?.();
      return moved?.shape ?? sizes;
    } finally {
      state.gradientDepth = gradientDepth;
    }
  });
  // Axis i of the input is axis back[i] − 1 of the result.
  return { shape, perm: shape.map((_, axis) => back.indexOf(axis + 1)) };
}

function shapeOf(tensor: Tensor | undefined): readonly number[] {
  return tensor?.shape ?? [];
}

function operation({ kernelName }: TapeNode): string {
  const name = kernelName.replace(/__op$/, '');
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
