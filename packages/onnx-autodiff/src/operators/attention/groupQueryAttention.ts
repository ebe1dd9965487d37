/**
 * GroupQueryAttention of com.microsoft, written in matrix products: causal attention of heads that share keys and
 * values, with rotary embeddings of its own. New keys and values follow the past ones.
 */
import { EdjmError } from '@edjm/core';
import { describeNode, floatAttribute, intAttribute, stringAttribute } from '../../model/graph.ts';
import type { Composite, RewriteContext } from '../../graph/operator.ts';
import { maskedBias, positions, seenInWindow } from './attentionMask.ts';
import { anglesAt, rotated } from './rotaryEmbedding.ts';
import { afterPast, mergeHeads, scaledDotProduct, splitHeads } from './scaledDotProduct.ts';

function refuseOtherForms({ node, optional }: RewriteContext): void {
  const quantized = ['k_quant_type', 'v_quant_type'].some(
    (name) => stringAttribute(node, name, 'NONE') !== 'NONE',
  );
  const normalized = [14, 15].some((index) => optional(index) !== undefined);
  if (!quantized && !normalized && intAttribute(node, 'sliding_window_cache', 0) === 0) return;
  throw new EdjmError(
    'UNSUPPORTED',
    `${describeNode(node)}: expected attention over keys and values as they are, got ${quantized ? 'quantized ones' : normalized ? 'ones that it normalizes' : 'a cache of the size of the window'}.`,
  );
}

/** Throws if a sequence is shorter than the past and the new elements together: past and present share a buffer. */
function checkLengths({ node, constant }: RewriteContext, total: number): void {
  const lengths = [constant(6)?.[0], ...(constant(5) ?? []).map((last) => last + 1)];
  if (lengths.every((length) => length === total)) return;
  throw new EdjmError(
    'UNSUPPORTED',
    `${describeNode(node)}: expected sequences of ${String(total)} elements, those that came before and the new ones, got lengths of ${lengths.join(', ')}. Export the network without a shared buffer for past and present.`,
  );
}

function headsOf(context: RewriteContext): readonly [string, string, string] {
  const { builder, node, input, optional } = context;
  const heads = intAttribute(node, 'num_heads', 0);
  const groups = intAttribute(node, 'kv_num_heads', 0);
  const split = (name: string, count: number) => splitHeads(builder, name, { node, heads: count });
  if (optional(1) !== undefined)
    return [split(input(0), heads), split(input(1), groups), split(input(2), groups)];
  const all = split(input(0), heads + 2 * groups);
  const [query = '', key = '', value = ''] = builder.split(all, [heads, groups, groups], 1);
  return [query, key, value];
}

/** Rotates [B, H, S, D] by the positions of its elements. */
function rotatedByPlace(context: RewriteContext, name: string, past: number): string {
  const { builder, node, input, optional } = context;
  if (intAttribute(node, 'do_rotary', 0) === 0) return name;
  const given = optional(9);
  const counted = () => {
    const count = positions(builder, builder.shape(name)[2] ?? 1);
    return builder.add(count, past);
  };
  const places = given ?? counted();
  const table = (index: number) => {
    const angles = anglesAt(builder, input(index), places);
    return given === undefined ? angles : builder.unsqueeze(angles, [1]);
  };
  const interleaved = intAttribute(node, 'rotary_interleaved', 0) !== 0;
  return rotated(builder, name, { cos: table(7), sin: table(8), interleaved, node });
}

/** The score whose exponential each head adds to the denominator of its softmax. */
function sinkOf({ builder, node, input, optional }: RewriteContext): string | undefined {
  const given = optional(11);
  if (given !== undefined || intAttribute(node, 'smooth_softmax', 0) !== 1) return given;
  return builder.filled(builder.type(input(0)).elementType, [intAttribute(node, 'num_heads', 0)], 0);
}

/** The number of keys that a query sees before its own position; `local_window_size` counts its own too. */
function keysBefore({ node }: RewriteContext): number | undefined {
  const size = intAttribute(node, 'local_window_size', -1);
  if (size !== 0) return size < 0 ? undefined : size - 1;
  throw new EdjmError(
    'INVALID_FILE',
    `${describeNode(node)}: expected a local_window_size from 1 on, or -1 for none, got 0.`,
  );
}

const groupQueryAttention: Composite = {
  rewrite: (context) => {
    const { builder, node, optional } = context;
    refuseOtherForms(context);
    const [query, newKey, newValue] = headsOf(context);
    const [pastKey, pastValue] = [optional(3), optional(4)];
    const past = pastKey === undefined ? 0 : (builder.shape(pastKey)[2] ?? 0);
    const queries = builder.shape(query)[2] ?? 1;
    const key = afterPast(builder, pastKey, rotatedByPlace(context, newKey, past));
    const value = afterPast(builder, pastValue, newValue);
    const keys = builder.shape(key)[2] ?? 1;
    checkLengths(context, keys);
    const isCausal = intAttribute(node, 'causal', 1) !== 0;
    const seen = seenInWindow(builder, {
      queries,
      keys,
      offset: past,
      left: keysBefore(context),
      right: isCausal ? 0 : undefined,
    });
    const bias = optional(10);
    const scale = floatAttribute(node, 'scale', 0);
    const { output } = scaledDotProduct(builder, {
      node,
      query: rotatedByPlace(context, query, past),
      key,
      value,
      scale: scale === 0 ? undefined : scale,
      softcap: floatAttribute(node, 'softcap', 0),
      bias: maskedBias(builder, { seen, added: bias === undefined ? [] : [bias] }, query),
      sink: sinkOf(context),
    });
    return [mergeHeads(builder, output), key, value];
  },
};

/** GroupQueryAttention of com.microsoft. */
export const groupQueryAttentions: Readonly<Record<string, Composite>> = {
  'com.microsoft.GroupQueryAttention': groupQueryAttention,
};
