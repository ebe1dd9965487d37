/** The geometry of convolutions and poolings: a window that moves over the spatial axes. */
import { EdjmError } from '@edjm/core';
import type { ConvAttributes, ConvTransposeAttributes } from '../../graph/writer/attributes.ts';
import {
  describeNode,
  intAttribute,
  intsAttribute,
  stringAttribute,
  withAttributes,
  type Node,
} from '../../model/graph.ts';

/** A window on d spatial axes: every list has d entries. */
export interface Window {
  /** Spatial sizes of the input. */
  readonly input: readonly number[];
  /** Sizes of the window: `kernel_shape` in ONNX. */
  readonly kernelShape: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before and after the input. */
  readonly begin: readonly number[];
  readonly end: readonly number[];
  /** Spatial sizes of the output. */
  readonly output: readonly number[];
}

function automaticPads(
  node: Node,
  input: readonly number[],
  kernelShape: readonly number[],
): readonly number[] {
  const ones = input.map(() => 1);
  const strides = intsAttribute(node, 'strides') ?? ones;
  const dilations = intsAttribute(node, 'dilations') ?? ones;
  const auto = stringAttribute(node, 'auto_pad', 'NOTSET');
  const totals = input.map((size, axis) => {
    const stride = strides[axis] ?? 1;
    const extent = ((kernelShape[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1;
    return auto === 'VALID' ? 0 : Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
  });
  // An odd total leaves one more for the end with SAME_UPPER, for the beginning with SAME_LOWER.
  const smaller = totals.map((total) => Math.floor(total / 2));
  const larger = totals.map((total) => Math.ceil(total / 2));
  return auto === 'SAME_LOWER' ? [...larger, ...smaller] : [...smaller, ...larger];
}

/** The same node with its padding as numbers in `pads`. */
export function withExplicitPads(node: Node, input: readonly number[], kernelShape: readonly number[]): Node {
  if (stringAttribute(node, 'auto_pad', 'NOTSET') === 'NOTSET') return withAttributes(node, ['auto_pad']);
  return withAttributes(node, ['auto_pad'], { pads: { ints: automaticPads(node, input, kernelShape) } });
}

function checkWindow(
  node: Node,
  input: readonly number[],
  {
    pads,
    ...positive
  }: Readonly<Record<'kernel_shape' | 'strides' | 'dilations' | 'pads', readonly number[]>>,
): void {
  if (input.length === 0) {
    throw new EdjmError(
      'INVALID_FILE',
      `${describeNode(node)}: expected an input [N, C, …space], got one without spatial axes.`,
    );
  }
  for (const [name, values] of Object.entries(positive)) {
    if (values.length === input.length && values.every((value) => value >= 1)) continue;
    throw new EdjmError(
      'INVALID_FILE',
      `${describeNode(node)}: expected ${name} of ${String(input.length)} numbers from 1 on, got [${values.join(', ')}].`,
    );
  }
  if (pads.length === 2 * input.length) return;
  throw new EdjmError(
    'INVALID_FILE',
    `${describeNode(node)}: expected pads of ${String(2 * input.length)} numbers, got [${pads.join(', ')}].`,
  );
}

/** Reads a node whose padding is explicit. */
export function windowOf(node: Node, input: readonly number[], kernelShape: readonly number[]): Window {
  const ones = input.map(() => 1);
  const strides = intsAttribute(node, 'strides') ?? ones;
  const dilations = intsAttribute(node, 'dilations') ?? ones;
  const pads = intsAttribute(node, 'pads') ?? [...input, ...input].fill(0);
  checkWindow(node, input, { kernel_shape: kernelShape, strides, dilations, pads });
  const begin = pads.slice(0, input.length);
  const end = pads.slice(input.length);
  const ceil = intAttribute(node, 'ceil_mode', 0) !== 0;
  const output = input.map((size, axis) => {
    const stride = strides[axis] ?? 1;
    const extent = ((kernelShape[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1;
    const room = size + (begin[axis] ?? 0) + (end[axis] ?? 0) - extent;
    const steps = ceil ? Math.ceil(room / stride) : Math.floor(room / stride);
    // With ceil_mode a window may run over the end, but it starts inside the input or the padding in front of it.
    const beyond = ceil && steps * stride >= size + (begin[axis] ?? 0);
    return steps + 1 - Number(beyond);
  });
  if (output.some((size) => size < 1)) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${describeNode(node)}: expected an input of at least the window's size [${kernelShape.join(', ')}], got [${input.join(', ')}].`,
    );
  }
  return { input, kernelShape, strides, dilations, begin, end, output };
}

/** The attributes of a Conv with the geometry that a node of another operator gives. */
export function convAttributes(node: Node): ConvAttributes {
  return {
    auto_pad: 'auto_pad' in node.attributes ? stringAttribute(node, 'auto_pad', 'NOTSET') : undefined,
    dilations: intsAttribute(node, 'dilations'),
    group: intAttribute(node, 'group', undefined),
    kernel_shape: intsAttribute(node, 'kernel_shape'),
    pads: intsAttribute(node, 'pads'),
    strides: intsAttribute(node, 'strides'),
  };
}

/**
 * Attributes of the ConvTranspose that carries values from a window's output back to its input: it crops the padding
 * and fills the places that no window reached.
 */
export function transposeAttributes(window: Window): ConvTransposeAttributes {
  const { input, kernelShape, strides, dilations, begin, output } = window;
  const reach = output.map(
    (size, axis) =>
      (size - 1) * (strides[axis] ?? 1) + ((kernelShape[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1,
  );
  const excess = reach.map((length, axis) => length - (begin[axis] ?? 0) - (input[axis] ?? 0));
  return {
    kernel_shape: kernelShape,
    strides,
    dilations,
    pads: [...begin, ...excess.map((value) => Math.max(0, value))],
    output_padding: excess.map((value) => Math.max(0, -value)),
  };
}

/** The position on one axis that a window reads; a position of padding is negative or beyond the input. */
export function readPosition(
  window: Window,
  axis: number,
  place: { readonly output: number; readonly offset: number },
): number {
  const { strides, dilations, begin } = window;
  return place.output * (strides[axis] ?? 1) - (begin[axis] ?? 0) + place.offset * (dilations[axis] ?? 1);
}
