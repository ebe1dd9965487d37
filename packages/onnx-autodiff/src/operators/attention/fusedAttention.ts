/**
 * Attention and MultiHeadAttention of com.microsoft, written in matrix products.
 *
 * A padding mask adds `mask_filter_value`, −10000 unless said otherwise, to the scores of the keys that it excludes.
 */
import { EdjmError } from '@edjm/core';
import { describeNode, floatAttribute, intAttribute, intsAttribute, type Node } from '../../model/graph.ts';
import type { Composite, RewriteContext } from '../../graph/operator.ts';
import { maskedBias, seenBefore, seenInWindow } from './attentionMask.ts';
import { afterPast, mergeHeads, scaledDotProduct, splitHeads, type Attended } from './scaledDotProduct.ts';

function refuseInput({ node, optional }: RewriteContext, index: number, name: string): void {
  if (optional(index) === undefined) return;
  throw new EdjmError(
    'UNSUPPORTED',
    `${describeNode(node)}: expected no ${name}, got one. Export the network without a shared buffer for past and present.`,
  );
}

function headsOf(node: Node): number {
  return intAttribute(node, 'num_heads', 0);
}

interface KeyMask {
  readonly mask: string;
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
}

/**
 * The truth values of a mask, which broadcast to [B, 1, S, T]. The mask holds lengths, or positive numbers for keys
 * that count.
 */
function seenKeys({ builder, node }: RewriteContext, { mask, batch, queries, keys }: KeyMask): string[] {
  const shape = builder.shape(mask);
  const isForm = (...form: readonly number[]) => shape.join() === form.join();
  const positive = (form: readonly number[]) => [builder.greater(builder.reshape(mask, form), 0)];
  if (isForm(batch)) return [seenBefore(builder, mask, keys)];
  if (isForm(2 * batch)) {
    const [end = '', start = ''] = builder.split(mask, [batch, batch], 0);
    const beforeStart = seenBefore(builder, start, keys);
    return [seenBefore(builder, end, keys), builder.not(beforeStart)];
  }
  if (isForm(batch, keys)) return positive([batch, 1, 1, keys]);
  // A mask of one column for all keys says nothing: exporters leave it for its type.
  if (isForm(batch, 1) || isForm(1, 1)) return [];
  if (isForm(batch, queries, keys)) return positive([batch, 1, queries, keys]);
  throw new EdjmError(
    'UNSUPPORTED',
    `${describeNode(node)}: expected a mask of lengths [${String(batch)}], ends and starts [${String(2 * batch)}], or [${String(batch)}, ${String(keys)}] or [${String(batch)}, ${String(queries)}, ${String(keys)}] numbers, got [${shape.join(', ')}].`,
  );
}

interface Heads {
  readonly query: string;
  /** Keys and values: first the past ones, then the new ones. */
  readonly key: string;
  readonly value: string;
  /** The number of past keys. */
  readonly past: number;
  readonly mask: string | undefined;
  /** Added to the scores. */
  readonly bias: string | undefined;
}

function attended(context: RewriteContext, { query, key, value, past, mask, bias }: Heads): Attended {
  const { builder, node } = context;
  const [batch = 1, , queries = 1] = builder.shape(query);
  const keys = builder.shape(key)[2] ?? 1;
  const filter = floatAttribute(node, 'mask_filter_value', -10000);
  const seen = mask === undefined ? [] : seenKeys(context, { mask, batch, queries, keys });
  const [first, ...others] = seen;
  const padding = () => {
    const all = others.reduce((a, b) => builder.and(a, b), first ?? '');
    return builder.where(all, builder.scalar(0, query), builder.scalar(filter, query));
  };
  const isCausal = intAttribute(node, 'unidirectional', 0) !== 0;
  const right = isCausal ? 0 : undefined;
  const terms = {
    seen: seenInWindow(builder, { queries, keys, offset: past, right }),
    added: [...(first === undefined ? [] : [padding()]), ...(bias === undefined ? [] : [bias])],
  };
  const scale = floatAttribute(node, 'scale', 0);
  return scaledDotProduct(builder, {
    node,
    query,
    key,
    value,
    scale: scale === 0 ? undefined : scale,
    bias: maskedBias(builder, terms, query),
  });
}

/** Queries, keys and values from one tensor [B, S, …], by their sizes on the last axis. */
function threeParts({ builder, node }: RewriteContext, packed: string): readonly string[] {
  const total = builder.shape(packed).at(-1) ?? 0;
  const sizes = intsAttribute(node, 'qkv_hidden_sizes') ?? [total / 3, total / 3, total / 3];
  return builder.split(packed, sizes, -1);
}

const attention: Composite = {
  rewrite: (context) => {
    const { builder, node, input, optional, wants } = context;
    refuseInput(context, 6, 'past_sequence_length');
    if (intAttribute(node, 'do_rotary', 0) !== 0) {
      throw new EdjmError(
        'UNSUPPORTED',
        `${describeNode(node)}: expected attention without rotary embeddings of its own, got do_rotary.`,
      );
    }
    const bias = optional(2);
    const product = builder.matMul(input(0), input(1));
    const packed = bias === undefined ? product : builder.add(product, bias);
    const [query = '', newKey = '', newValue = ''] = threeParts(context, packed).map((name) =>
      splitHeads(builder, name, { node, heads: headsOf(node) }),
    );
    const both = optional(4);
    const [pastKey, pastValue] = both === undefined ? [] : alongFirst(context, both);
    const key = afterPast(builder, pastKey, newKey);
    const value = afterPast(builder, pastValue, newValue);
    const past = pastKey === undefined ? 0 : (builder.shape(pastKey)[2] ?? 0);
    const { output } = attended(context, {
      query,
      key,
      value,
      past,
      mask: optional(3),
      bias: optional(5),
    });
    const stacked = () => {
      const open = (name: string) => builder.reshape(name, [1, ...builder.shape(name)]);
      return builder.concat([open(key), open(value)], 0);
    };
    return [mergeHeads(builder, output), wants(1) ? stacked() : undefined];
  },
};

/** The two slices of a tensor along its first axis, without it. */
function alongFirst({ builder }: RewriteContext, name: string): readonly string[] {
  const [, ...rest] = builder.shape(name);
  return builder.split(name, [1, 1], 0).map((part) => builder.reshape(part, rest));
}

/** The parts of [B, S, H, parts, D], each [B, H, S, D]. */
function unpacked({ builder }: RewriteContext, name: string): readonly string[] {
  const [batch = 1, length = 1, heads = 1, parts = 1, size = 1] = builder.shape(name);
  return builder
    .split(
      name,
      Array.from({ length: parts }, () => 1),
      3,
    )
    .map((part) => builder.transpose(builder.reshape(part, [batch, length, heads, size]), [0, 2, 1, 3]));
}

/** Queries, keys and values in heads, [B, H, S, D], from any of the forms that MultiHeadAttention takes. */
function headsOfInputs(context: RewriteContext): readonly string[] {
  const { builder, node, input, optional } = context;
  const heads = headsOf(node);
  const bias = optional(3);
  const packed = builder.shape(input(0));
  if (packed.length === 5 && packed[3] === 3) return unpacked(context, input(0));
  const split = (name: string) => splitHeads(builder, name, { node, heads });
  const pair = builder.shape(input(1));
  const isPair = pair.length === 5 && pair[3] === 2;
  const inputs = isPair ? [input(0)] : [0, 1, 2].map(input);
  const sizes = inputs.map((name) => builder.shape(name).at(-1) ?? 0);
  const biases = bias === undefined || isPair ? [] : builder.split(bias, sizes, 0);
  const [query = '', key, value] = inputs.map((name, index) => {
    if (builder.shape(name).length === 4) return name;
    const shift = biases[index];
    return split(shift === undefined ? name : builder.add(name, shift));
  });
  return [query, ...(key === undefined || value === undefined ? unpacked(context, input(1)) : [key, value])];
}

const multiHeadAttention: Composite = {
  rewrite: (context) => {
    const { builder, optional } = context;
    refuseInput(context, 8, 'past_sequence_length');
    refuseInput(context, 9, 'cache_indirection');
    const [query = '', newKey = '', newValue = ''] = headsOfInputs(context);
    const [pastKey, pastValue] = [optional(6), optional(7)];
    const key = afterPast(builder, pastKey, newKey);
    const value = afterPast(builder, pastValue, newValue);
    const past = pastKey === undefined ? 0 : (builder.shape(pastKey)[2] ?? 0);
    const { output, biased } = attended(context, {
      query,
      key,
      value,
      past,
      mask: optional(4),
      bias: optional(5),
    });
    return [mergeHeads(builder, output), key, value, biased];
  },
};

/** Attention, MultiHeadAttention of com.microsoft. */
export const fusedAttentions: Readonly<Record<string, Composite>> = {
  'com.microsoft.Attention': attention,
  'com.microsoft.MultiHeadAttention': multiHeadAttention,
};
