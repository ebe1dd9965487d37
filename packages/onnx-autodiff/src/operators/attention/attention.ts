/**
 * Attention of operator set 23 and later, written in matrix products.
 *
 * A mask of truth values and a window of positions exclude keys; a mask of real numbers is added to the scores. The
 * softmax runs in the type of the scores or a wider one: `softmax_precision` does not lower it.
 */
import { EdjmError } from '@edjm/core';
import { describeNode, floatAttribute, intAttribute, type Node } from '../../model/graph.ts';
import type { Composite, RewriteContext } from '../../graph/operator.ts';
import { elementTypeCodes } from '../../model/tensor.ts';
import {
  blindQueries,
  finiteBias,
  infinitelyBiased,
  maskedBias,
  seenBefore,
  seenInWindow,
} from './attentionMask.ts';
import { afterPast, mergeHeads, scaledDotProduct, splitHeads } from './scaledDotProduct.ts';

/** The mask with one entry for each key on its last axis. Keys beyond the end of a shorter mask are not seen. */
function maskOfKeys({ builder, optional }: RewriteContext, keys: number): string | undefined {
  const mask = optional(3);
  if (mask === undefined) return undefined;
  const shape = builder.shape(mask);
  const missing = keys - (shape.at(-1) ?? keys);
  if (missing <= 0 || shape.at(-1) === 1) return mask;
  const lowest = builder.type(mask).elementType === 'bool' ? 0 : -Infinity;
  const pads = shape.map(() => 0);
  return builder.pad(mask, [...pads, ...pads.with(-1, missing)], builder.scalar(lowest, mask));
}

interface Sizes {
  readonly queries: number;
  readonly keys: number;
  /** The number of keys in `past_key`. */
  readonly past: number;
}

function biasOf(
  context: RewriteContext,
  { queries, keys, past }: Sizes,
): { readonly bias?: string | undefined; readonly blind?: string | undefined } {
  const { builder, node, input, optional } = context;
  const mask = maskOfKeys(context, keys);
  const isTruth = mask !== undefined && builder.type(mask).elementType === 'bool';
  const lengths = optional(6);
  const bound = (name: string) => {
    const size = intAttribute(node, name, -1);
    return size < 0 ? undefined : size;
  };
  const right = intAttribute(node, 'is_causal', 0) === 0 ? bound('right_window_size') : 0;
  const left = bound('left_window_size');
  const offset =
    lengths === undefined
      ? past
      : builder.reshape(builder.sub(lengths, queries), [builder.shape(lengths)[0] ?? 1, 1, 1, 1]);
  const seen = [
    ...seenInWindow(builder, { queries, keys, offset, left, right }),
    ...(lengths === undefined ? [] : [seenBefore(builder, lengths, keys)]),
    ...(isTruth ? [mask] : []),
  ];
  const added = mask === undefined || isTruth ? [] : [finiteBias(builder, mask)];
  const bias = maskedBias(builder, { seen, added }, input(0));
  const seesItself = mask === undefined && lengths === undefined && past + queries <= keys;
  return { bias, blind: bias === undefined || seesItself ? undefined : blindQueries(builder, bias) };
}

function checkPast({ node, optional }: RewriteContext): void {
  const [key, value, lengths] = [4, 5, 6].map(optional);
  if ((key === undefined) === (value === undefined) && (key === undefined || lengths === undefined)) return;
  throw new EdjmError(
    'INVALID_FILE',
    `${describeNode(node)}: expected past_key and past_value together, without nonpad_kv_seqlen, got ${key === undefined || value === undefined ? 'one of them' : 'all three'}.`,
  );
}

function outputMode(node: Node): number {
  const mode = intAttribute(node, 'qk_matmul_output_mode', 0);
  if (mode >= 0 && mode <= 3) return mode;
  throw new EdjmError(
    'INVALID_FILE',
    `${describeNode(node)}: expected a qk_matmul_output_mode from 0 to 3, got ${String(mode)}.`,
  );
}

const attention: Composite = {
  rewrite: (context) => {
    const { builder, node, input, optional, wants } = context;
    checkPast(context);
    const isFlat = builder.shape(input(0)).length === 3;
    const inHeads = (index: number, attribute: string) =>
      isFlat
        ? splitHeads(builder, input(index), { node, heads: intAttribute(node, attribute, 0) })
        : input(index);
    const query = inHeads(0, 'q_num_heads');
    const key = afterPast(builder, optional(4), inHeads(1, 'kv_num_heads'));
    const value = afterPast(builder, optional(5), inHeads(2, 'kv_num_heads'));
    const past = optional(4);
    const sizes = {
      queries: builder.shape(query)[2] ?? 1,
      keys: builder.shape(key)[2] ?? 1,
      past: past === undefined ? 0 : (builder.shape(past)[2] ?? 0),
    };
    const inDouble = intAttribute(node, 'softmax_precision', 0) === elementTypeCodes.float64;
    const terms = biasOf(context, sizes);
    const attended = scaledDotProduct(builder, {
      node,
      query,
      key,
      value,
      scale: floatAttribute(node, 'scale', undefined),
      softcap: floatAttribute(node, 'softcap', 0),
      precision: inDouble ? 'float64' : undefined,
      ...terms,
    });
    const { scores, capped, biased, probabilities, output } = attended;
    const open = () => (terms.bias === undefined ? biased : infinitelyBiased(builder, biased, terms.bias));
    const steps = [() => scores, () => capped, open, probabilities];
    return [
      isFlat ? mergeHeads(builder, output) : output,
      key,
      value,
      wants(3) ? steps[outputMode(node)]?.() : undefined,
    ];
  },
};

/** Attention. */
export const attentions: Readonly<Record<string, Composite>> = { Attention: attention };
