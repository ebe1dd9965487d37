/**
 * Normalization by a sample's own statistics, y = s n + β with n = (x − μ) / √(σ² + ε), over some axes:
 *
 *     ∂x = (h − mean h − n mean(h n)) / √(σ² + ε),  h = g s
 *     ∂s = Σ g n      ∂β = Σ g
 *
 * LayerNormalization takes the axes from one on, InstanceNormalization those of space.
 */
import { broadcastShapes, unbroadcast } from '../../graph/broadcasting.ts';
import { normalizedAxis } from '../axes.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { floatAttribute, intAttribute, withAttributes, type Node } from '../../model/graph.ts';
import type { Operator, VjpContext } from '../../graph/operator.ts';
import { sizeOf, valuesOf } from '../../model/tensor.ts';
import { isLongSum } from '../reductions/longSums.ts';

/** A normalization: the input, its axes, and a scale that broadcasts to it. */
interface Normalization {
  readonly axes: readonly number[];
  readonly scale: string;
}

function average(builder: TensorBuilder, name: string, axes: readonly number[]): string {
  return builder.reduceMean(name, axes);
}

/**
 * μ and x − μ. The mean in float32 is off by half a unit of its last place, which is all there is of rows that are nearly
 * constant: the mean of the differences to it takes that off.
 */
function centeredAt(
  builder: TensorBuilder,
  x: string,
  axes: readonly number[],
): Readonly<Record<'mean' | 'centered', string>> {
  const estimate = average(builder, x, axes);
  const differences = builder.sub(x, estimate);
  if (builder.type(x).elementType !== 'float32') return { mean: estimate, centered: differences };
  const rest = average(builder, differences, axes);
  return { mean: builder.add(estimate, rest), centered: builder.sub(differences, rest) };
}

/** μ, x − μ and √(σ² + ε). */
export function layerStatistics(
  builder: TensorBuilder,
  x: string,
  { axes, epsilon }: { readonly axes: readonly number[]; readonly epsilon: number },
): Readonly<Record<'mean' | 'centered' | 'deviation', string>> {
  const { mean, centered } = centeredAt(builder, x, axes);
  const variance = average(builder, builder.mul(centered, centered), axes);
  const shifted = builder.add(variance, epsilon);
  return { mean, centered, deviation: builder.sqrt(shifted) };
}

const epsilonOf = (node: Node) => floatAttribute(node, 'epsilon', 1e-5);

/** The cotangent times the scale; the cotangent alone if the scale is a constant of ones. */
function scaledCotangent({ builder, needs, cotangent }: VjpContext, scale: string): string {
  const known = needs(1) ? undefined : builder.constantValue(scale);
  if (known === undefined || !valuesOf(known).every((value) => value === 1))
    return builder.mul(cotangent(), scale);
  builder.absorb(scale);
  return cotangent();
}

function normalizationVjp(context: VjpContext, { axes, scale }: Normalization): (string | undefined)[] {
  const { builder, node, input, needs, cotangent } = context;
  const { centered, deviation } = layerStatistics(builder, input(0), { axes, epsilon: epsilonOf(node) });
  const normalized = builder.div(centered, deviation);
  const toInput = () => {
    const h = scaledCotangent(context, scale);
    const cotangentAxes = axes.map((axis) => axis + 1);
    const mean = (name: string) => average(builder, name, cotangentAxes);
    const along = builder.mul(normalized, mean(builder.mul(h, normalized)));
    const rest = builder.sub(builder.sub(h, mean(h)), along);
    return builder.div(rest, deviation);
  };
  const [k = 1] = builder.shape(cotangent());
  const total = (g: string, index: number) =>
    builder.reshape(unbroadcast(builder, g, builder.shape(scale)), [k, ...builder.shape(input(index))]);
  return [
    needs(0) ? toInput() : undefined,
    needs(1) ? total(builder.mul(cotangent(), normalized), 1) : undefined,
    needs(2) ? total(cotangent(), 2) : undefined,
  ];
}

/** The axes from the attribute `axis` on, which is the last one by default. */
export function layerAxes(node: Node, rank: number): readonly number[] {
  const first = normalizedAxis(node, intAttribute(node, 'axis', -1), rank);
  return Array.from({ length: rank - first }, (_, index) => first + index);
}

/** The node on x − μ: the engine's own loses the digits of rows whose mean is far from 0. */
function onCentered(builder: TensorBuilder, node: Node, axes: readonly number[]): string | undefined {
  const [x = '', ...rest] = node.inputs;
  if (builder.type(x).elementType !== 'float32') return undefined;
  const centered = builder.sub(x, average(builder, x, axes));
  return builder.copy(node, { inputs: [centered, ...rest] })[0];
}

const layerNormalization: Operator = {
  upgrade: (node, _, builder) => {
    const [x = ''] = node.inputs;
    const [y = '', meanOutput = '', inverseOutput = ''] = node.outputs;
    if (meanOutput !== '' || inverseOutput !== '') {
      const axes = layerAxes(node, builder.shape(x).length);
      const { mean, deviation } = layerStatistics(builder, x, { axes, epsilon: epsilonOf(node) });
      builder.alias(meanOutput, mean);
      builder.alias(inverseOutput, builder.reciprocal(deviation));
    }
    return { ...node, outputs: [y] };
  },
  infer: ({ node, input }) => {
    const { shape } = input(0);
    layerAxes(node, shape.length);
    broadcastShapes(node, shape, input(1).shape);
    return [input(0)];
  },
  inSteps: (node, builder) =>
    onCentered(builder, node, layerAxes(node, builder.shape(node.inputs[0] ?? '').length)),
  vjp: (context) => {
    const { builder, node, input } = context;
    const axes = layerAxes(node, builder.shape(input(0)).length);
    return normalizationVjp(context, { axes, scale: input(1) });
  },
};

const instanceNormalization: Operator = {
  upgrade: (node) => withAttributes(node, ['consumed_inputs']),
  infer: ({ node, input }) => {
    const [, channels = 1] = input(0).shape;
    for (const index of [1, 2]) broadcastShapes(node, [channels], input(index).shape);
    return [input(0)];
  },
  inSteps: (node, builder) => {
    const [x = '', scale = '', bias = ''] = node.inputs;
    const [, channels = 1, ...space] = builder.shape(x);
    const axes = space.map((_, axis) => axis + 2);
    if (!isLongSum(builder, x, sizeOf(space))) return onCentered(builder, node, axes);
    const { centered, deviation } = layerStatistics(builder, x, { axes, epsilon: epsilonOf(node) });
    const perChannel = (name: string) => builder.reshape(name, [channels, ...space.map(() => 1)]);
    return builder.add(builder.mul(centered, builder.div(perChannel(scale), deviation)), perChannel(bias));
  },
  vjp: (context) => {
    const { builder, input } = context;
    const [, channels = 1, ...space] = builder.shape(input(0));
    const scale = builder.reshape(input(1), [channels, ...space.map(() => 1)]);
    return normalizationVjp(context, { axes: space.map((_, axis) => axis + 2), scale });
  },
};

/** LayerNormalization, InstanceNormalization. */
export const layerNormalizations: Readonly<Record<string, Operator>> = {
  LayerNormalization: layerNormalization,
  InstanceNormalization: instanceNormalization,
};
