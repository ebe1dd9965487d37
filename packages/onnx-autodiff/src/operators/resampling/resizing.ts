/**
 * Resize and Upsample: resampling along axes, each linear and independent of the others, y = R_h x R_wᵀ.
 *
 *     ∂x = R_hᵀ g R_w
 *
 * The engine's own node computes y. If an axis repeats each of its values equally often, its part of ∂x is a sum over
 * blocks, otherwise a product with the constant R.
 */
import { affineIn } from '../../graph/affine.ts';
import { EdjmError } from '@edjm/core';
import { normalizedAxes } from '../axes.ts';
import { knownInputs } from '../constantsOf.ts';
import {
  describeNode,
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
  withAttributes,
  type Attribute,
  type Node,
} from '../../model/graph.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import type { InferContext, Operator } from '../../graph/operator.ts';
import { sizeOf, tensorOf, valuesOf } from '../../model/tensor.ts';
import {
  interpolationRow,
  isCoordinateMode,
  isNearestMode,
  nearestInput,
  type Interpolation,
  type ResampledAxis,
} from './interpolation.ts';
import { checkTable, placeTable } from '../indexing/placeTable.ts';

type Shape = readonly number[];
type Constants = Pick<InferContext, 'node' | 'constant'>;

/** Attributes that say "every value from the last whole coordinate on", the only mode of early operator sets. */
const asymmetric = {
  coordinate_transformation_mode: { string: 'asymmetric' },
  nearest_mode: { string: 'floor' },
} as const satisfies Record<string, Attribute>;

/** Repeats every value of a tensor [M, 1, …space] as often as the factors of its spatial axes say. */
export function repeated(builder: TensorBuilder, name: string, space: Shape): string {
  const scales = builder.constant(tensorOf('float32', [space.length + 2], [1, 1, ...space]));
  return builder.resize(name, scales, {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
}

function refused(node: Node, expected: string, got: string): EdjmError {
  return new EdjmError('INVALID_FILE', `${describeNode(node)}: expected ${expected}, got ${got}.`);
}

function interpolationOf(node: Node): Interpolation {
  const mode = stringAttribute(node, 'mode', 'nearest');
  const coordinates = stringAttribute(node, 'coordinate_transformation_mode', 'half_pixel');
  const rounding = stringAttribute(node, 'nearest_mode', 'round_prefer_floor');
  if (mode !== 'nearest' && mode !== 'linear' && mode !== 'cubic')
    throw refused(node, 'the mode nearest, linear or cubic', `"${mode}"`);
  if (!isCoordinateMode(coordinates))
    throw refused(node, 'a known coordinate_transformation_mode', `"${coordinates}"`);
  if (!isNearestMode(rounding)) throw refused(node, 'a known nearest_mode', `"${rounding}"`);
  return {
    mode,
    coordinates,
    rounding,
    cubicCoefficient: floatAttribute(node, 'cubic_coeff_a', -0.75),
    excludeOutside: intAttribute(node, 'exclude_outside', 0) !== 0,
    antialias: intAttribute(node, 'antialias', 0) !== 0,
  };
}

/** The resampling of the axes that scales or sizes name. */
function resizedAxes(
  { node, constant }: Constants,
  given: readonly ResampledAxis[],
): readonly ResampledAxis[] {
  const sizes = constant(3) ?? [];
  const scales = sizes.length > 0 ? [] : (constant(2) ?? []);
  const numbers = sizes.length > 0 ? sizes : scales;
  const isNumber = (value: number) =>
    sizes.length > 0 ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (numbers.length !== given.length || !numbers.every((value) => isNumber(value) && value > 0))
    throw refused(node, `${String(given.length)} scales or sizes above 0`, `[${numbers.join(', ')}]`);
  if (sizes.length === 0) {
    return given.map((axis, index) => {
      const scale = Math.fround(scales[index] ?? 1);
      return { ...axis, scale, count: Math.floor(Math.fround(scale * axis.size)) };
    });
  }
  const stretched = given.map((axis, index) => {
    const count = sizes[index] ?? axis.size;
    return { ...axis, count, scale: axis.size === 0 ? 1 : Math.fround(count / axis.size) };
  });
  const policy = stringAttribute(node, 'keep_aspect_ratio_policy', 'stretch');
  if (policy === 'stretch') return stretched;
  if (policy !== 'not_larger' && policy !== 'not_smaller')
    throw refused(node, 'a known keep_aspect_ratio_policy', `"${policy}"`);
  const all = stretched.map(({ scale }) => scale);
  const scale = policy === 'not_larger' ? Math.min(...all) : Math.max(...all);
  return given.map((axis) => ({ ...axis, scale, count: Math.round(Math.fround(scale * axis.size)) }));
}

/** The resampling of every axis of a tensor. */
function resampledAxes(context: Constants, shape: Shape): readonly ResampledAxis[] {
  const { node, constant } = context;
  const axes = normalizedAxes(
    node,
    intsAttribute(node, 'axes') ?? shape.map((_, axis) => axis),
    shape.length,
  );
  const needsRegion = stringAttribute(node, 'coordinate_transformation_mode', '') === 'tf_crop_and_resize';
  const region = needsRegion ? (constant(1) ?? []) : [];
  if (needsRegion && region.length !== 2 * axes.length)
    throw refused(
      node,
      `a region of interest of ${String(2 * axes.length)} numbers`,
      `[${region.join(', ')}]`,
    );
  const given = axes.map((axis, index): ResampledAxis => {
    const size = shape[axis] ?? 1;
    const part = [region[index] ?? 0, region[index + axes.length] ?? 1] as const;
    return { size, count: size, scale: 1, region: part };
  });
  const resized = resizedAxes(context, given);
  return shape.map((size, axis) => {
    const whole: ResampledAxis = { size, count: size, scale: 1, region: [0, 1] };
    return resized[axes.indexOf(axis)] ?? whole;
  });
}

/** How often an axis repeats each of its values; undefined if it does not repeat them equally often and in order. */
function repeats(node: Node, axis: ResampledAxis, how: Interpolation): number | undefined {
  const { size, count, scale } = axis;
  if (scale === 1 && size === count) return 1;
  if (how.mode !== 'nearest' || count % size !== 0) return undefined;
  const factor = count / size;
  const inputs = placeTable(node, count, (place) => nearestInput(place, axis, how));
  return inputs.every((input, place) => input === Math.floor(place / factor)) ? factor : undefined;
}

/** Rᵀ along one axis: […, outputs, …] → […, inputs, …]. */
function carriedBack(
  builder: TensorBuilder,
  name: string,
  along: { readonly axis: number; readonly matrix: readonly number[]; readonly size: number },
): string {
  const { axis, matrix, size } = along;
  const { elementType, shape } = builder.type(name);
  const [outer, count, inner] = [shape.slice(0, axis), shape[axis] ?? 1, shape.slice(axis + 1)];
  const r = builder.constant(tensorOf(elementType, [count, size], matrix));
  const product =
    sizeOf(inner) === 1
      ? builder.matMul(builder.reshape(name, [sizeOf(outer), count]), r)
      : builder.matMul(
          builder.transpose(r, [1, 0]),
          builder.reshape(name, [sizeOf(outer), count, sizeOf(inner)]),
        );
  return builder.reshape(product, [...outer, size, ...inner]);
}

/** Sums over blocks along all axes that repeat their values: [K, …outputs] → [K, …inputs] of those. */
function blockSums(
  builder: TensorBuilder,
  name: string,
  parts: readonly { readonly size: number; readonly factor: number }[],
): string {
  const [k = 1] = builder.shape(name);
  if (parts.every(({ factor }) => factor === 1)) return name;
  const blocks = builder.reshape(name, [k, ...parts.flatMap(({ size, factor }) => [size, factor])]);
  const axes = parts.map((_, axis) => 2 * axis + 2);
  return builder.reduceSum(blocks, axes, { keepDims: false });
}

/** A node with scales alone, in the form of operator set 11. */
function fromScales(node: Node, scales: string): Node {
  const removed = ['scales', 'height_scale', 'width_scale'];
  // Operator sets up to 6 named the mode by its form on images.
  const mode = stringAttribute(node, 'mode', 'nearest');
  const added = { ...asymmetric, mode: { string: mode === 'bilinear' ? 'linear' : mode } };
  return {
    ...withAttributes(node, removed, added),
    opType: 'Resize',
    inputs: [node.inputs[0] ?? '', '', scales],
  };
}

/**
 * Before operator set 11 an axis that shrank took the next value and an axis that grew the last one: two nodes do
 * both.
 */
function ofSet10(node: Node, builder: TensorBuilder): Node {
  const [x = '', scales = ''] = node.inputs;
  const form = fromScales(node, scales);
  const tensor = builder.constantValue(scales);
  const values = tensor === undefined ? [] : valuesOf(tensor);
  const isShrunk =
    stringAttribute(node, 'mode', 'nearest') === 'nearest' && values.some((scale) => scale < 1);
  if (!isShrunk) return form;
  const vector = (of: Shape) => builder.constant(tensorOf('float32', [of.length], of));
  const grown = values.some((scale) => scale > 1)
    ? (builder.copy(form, { inputs: [x, '', vector(values.map((scale) => Math.max(1, scale)))] })[0] ?? '')
    : x;
  const inputs = [grown, '', vector(values.map((scale) => Math.min(1, scale)))];
  return { ...withAttributes(form, [], { nearest_mode: { string: 'ceil' } }), inputs };
}

const resize: Operator = {
  affine: affineIn([0]),
  upgrade: (node, opset, builder) => {
    if (opset < 11) return ofSet10(node, builder);
    const axes = intsAttribute(node, 'axes');
    if (axes === undefined) return node;
    const rank = builder.shape(node.inputs[0] ?? '').length;
    // ONNX Runtime takes no axis that is counted from the end.
    return withAttributes(node, [], { axes: { ints: normalizedAxes(node, axes, rank) } });
  },
  since: (node) =>
    stringAttribute(node, 'coordinate_transformation_mode', '') === 'half_pixel_symmetric' ? 19 : 0,
  infer: (context) => {
    const { elementType, shape } = context.input(0);
    interpolationOf(context.node);
    return [{ elementType, shape: resampledAxes(context, shape).map(({ count }) => count) }];
  },
  vjp: ({ builder, node, input, cotangent }) => {
    const how = interpolationOf(node);
    const axes = resampledAxes(knownInputs(builder, node), builder.shape(input(0)));
    const factors = axes.map((axis) => repeats(node, axis, how));
    const summed = blockSums(
      builder,
      cotangent(),
      axes.map(({ size, count }, axis) => {
        const factor = factors[axis];
        return factor === undefined ? { size: count, factor: 1 } : { size, factor };
      }),
    );
    return [
      axes.reduce((g, axis, index) => {
        if (factors[index] !== undefined) return g;
        const { size, count } = axis;
        checkTable(node, size * count);
        const rows = Array.from({ length: count }, (_, place) => interpolationRow(place, axis, how));
        return carriedBack(builder, g, { axis: index + 1, matrix: rows.flat(), size });
      }, summed),
    ];
  },
};

const upsample: Operator = {
  upgrade: (node, opset, builder) => {
    const [, given = ''] = node.inputs;
    if (opset >= 9) return fromScales(node, given);
    const image = [floatAttribute(node, 'height_scale', 1), floatAttribute(node, 'width_scale', 1)];
    const attribute = node.attributes['scales'];
    const scales = attribute !== undefined && 'floats' in attribute ? attribute.floats : [1, 1, ...image];
    return fromScales(node, builder.constant(tensorOf('float32', [scales.length], scales)));
  },
  infer: ({ input }) => [input(0)],
};

/** Resize, and Upsample, which becomes one. */
export const resizings: Readonly<Record<string, Operator>> = { Resize: resize, Upsample: upsample };
