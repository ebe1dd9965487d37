/**
 * Group normalization: channels in groups, each normalized together with space, then scaled and shifted,
 *
 *     y = γ (x − μ) / √(σ² + ε) + β
 *
 * by LayerNormalization of the groups. γ and β are one for each channel; before operator set 21 one for each group. The
 * numbers are those of the input's own type: `stash_type` does not lower it.
 */
import { EdjmError } from '@edjm/core';
import { describeNode, floatAttribute, intAttribute, type Node } from '../../model/graph.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import type { Composite, RewriteContext } from '../../graph/operator.ts';
import { sizeOf } from '../../model/tensor.ts';
import { channelsFirst, channelsLast } from '../windows/channelsLast.ts';

interface Groups {
  readonly node: Node;
  readonly groups: number;
  /** γ and β, each one for every channel or every group. */
  readonly scale: string;
  readonly bias: string;
}

/** Normalizes [N, C, …space]. */
function groupNormalized(builder: TensorBuilder, x: string, { node, groups, scale, bias }: Groups): string {
  const { elementType, shape } = builder.type(x);
  const [batch = 1, channels = 0, ...space] = shape;
  const [rows = 0] = builder.shape(scale);
  if (shape.length < 2 || groups < 1 || channels % groups !== 0 || (rows !== groups && rows !== channels)) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${describeNode(node)}: expected [batch, channels, …space] with channels in ${String(groups)} groups of one size, and a scale for each channel or group, got [${shape.join(', ')}] and ${String(rows)} scales.`,
    );
  }
  const size = (channels / groups) * sizeOf(space);
  const grouped = builder.reshape(x, [batch, groups, size]);
  const ones = builder.filled(elementType, [size], 1);
  const normalized = builder.layerNormalization([grouped, ones], floatAttribute(node, 'epsilon', 1e-5));
  const perRow = (name: string) => builder.reshape(name, [rows, 1]);
  const scaled = builder.mul(
    builder.reshape(normalized, [batch, rows, (groups * size) / rows]),
    perRow(scale),
  );
  return builder.reshape(builder.add(scaled, perRow(bias)), shape);
}

const groupNormalization: Composite = {
  rewrite: ({ builder, node, input }) => {
    const groups = intAttribute(node, 'num_groups', 0);
    return [groupNormalized(builder, input(0), { node, groups, scale: input(1), bias: input(2) })];
  },
};

/** The form of com.microsoft: channels last, if not said otherwise, and an activation. */
function fusedGroupNormalized({ builder, node, input }: RewriteContext, x: string): string {
  const groups = { node, groups: intAttribute(node, 'groups', 0), scale: input(1), bias: input(2) };
  const isLast = intAttribute(node, 'channels_last', 1) !== 0;
  const first = groupNormalized(builder, isLast ? channelsFirst(builder, x) : x, groups);
  const normalized = isLast ? channelsLast(builder, first) : first;
  const activation = intAttribute(node, 'activation', 0);
  if (activation === 0) return normalized;
  if (activation === 1) return builder.mul(normalized, builder.sigmoid(normalized));
  throw new EdjmError(
    'UNSUPPORTED',
    `${describeNode(node)}: expected the activation 0 for none or 1 for SiLU, got ${String(activation)}.`,
  );
}

const skipGroupNormalization: Composite = {
  rewrite: (context) => {
    const { builder, input, optional } = context;
    const x = input(0);
    const shape = builder.shape(x);
    const skip = builder.shape(input(3));
    const [batch = 1, channels = 1] = skip;
    const inSpace = [batch, ...shape.slice(2).map(() => 1), channels];
    const aligned = skip.length === 2 ? builder.reshape(input(3), inSpace) : input(3);
    const bias = optional(4);
    const sum = builder.add(x, aligned);
    const total = bias === undefined ? sum : builder.add(sum, bias);
    return [fusedGroupNormalized(context, total), total];
  },
};

/** GroupNormalization; GroupNorm, SkipGroupNorm of com.microsoft. */
export const groupNormalizations: Readonly<Record<string, Composite>> = {
  GroupNormalization: groupNormalization,
  'com.microsoft.GroupNorm': { rewrite: (context) => [fusedGroupNormalized(context, context.input(0))] },
  'com.microsoft.SkipGroupNorm': skipGroupNormalization,
};
