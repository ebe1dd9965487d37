/**
 * Attention as matrix products:
 *
 *     S = scale Q Kᵀ      S′ = cap tanh(S / cap)      P = softmax(S′ + bias)      Y = P V
 *
 * Queries are [B, H, S, D], keys [B, H′, T, D], values [B, H′, T, Dᵥ]. H is a multiple of H′: groups of heads share
 * keys and values. The queries of a group are the rows of one product, so nothing is repeated. A sink adds e^sink to
 * the denominator of the softmax.
 */
import { EdjmError } from '@edjm/core';
import { describeNode, type Node } from '../../model/graph.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import type { ElementType } from '../../model/tensor.ts';

/** The terms of attention: see {@link scaledDotProduct}. */
export interface AttentionTerms {
  /** For messages. */
  readonly node: Node;
  /** [B, H, S, D] */
  readonly query: string;
  /** [B, H′, T, D] */
  readonly key: string;
  /** [B, H′, T, Dᵥ] */
  readonly value: string;
  /** Defaults to 1 / √D. */
  readonly scale?: number | undefined;
  /** Defaults to none. */
  readonly softcap?: number | undefined;
  /** Added to the scores; broadcasts to [B, H, S, T]. */
  readonly bias?: string | undefined;
  /** Truth where a query has no key, so that its output is 0; broadcasts to [B, H, S, 1]. */
  readonly blind?: string | undefined;
  /** A score without a value for every head, [H]. */
  readonly sink?: string | undefined;
  /** The element type of the softmax. Defaults to that of the scores. */
  readonly precision?: ElementType | undefined;
}

/** The steps of attention, the output last. All but the output are [B, H, S, T]. */
export interface Attended {
  readonly scores: string;
  readonly capped: string;
  readonly biased: string;
  /** Written when it is called. */
  readonly probabilities: () => string;
  /** [B, H, S, Dᵥ] */
  readonly output: string;
}

/** Attention. */
export function scaledDotProduct(builder: TensorBuilder, terms: AttentionTerms): Attended {
  const { query, key, value, blind } = terms;
  const [batch = 1, heads = 1, queries = 1, size = 1] = builder.shape(query);
  const { groups, keys, valueSize } = checkedSizes(builder, terms);
  const rows = (heads / groups) * queries;
  const grouped = (name: string, last: number) => builder.reshape(name, [batch, groups, rows, last]);
  const ungrouped = (name: string, last: number) => builder.reshape(name, [batch, heads, queries, last]);
  const scale = builder.scalar(terms.scale ?? 1 / Math.sqrt(size), query);
  const transposed = builder.transpose(key, [0, 1, 3, 2]);
  const products = builder.matMul(grouped(builder.mul(query, scale), size), transposed);
  const scores = ungrouped(products, keys);
  const capped = softcapped(builder, scores, terms.softcap ?? 0);
  const biased = terms.bias === undefined ? capped : builder.add(capped, terms.bias);
  const probabilities = softmax(builder, biased, terms);
  const visible = (name: string) =>
    blind === undefined ? name : builder.where(blind, builder.scalar(0, name), name);
  const output = builder.matMul(grouped(probabilities, keys), value);
  return {
    scores,
    capped,
    biased,
    probabilities: () => visible(probabilities),
    output: visible(ungrouped(output, valueSize)),
  };
}

function checkedSizes(
  builder: TensorBuilder,
  { node, query, key, value }: AttentionTerms,
): Readonly<Record<'groups' | 'keys' | 'valueSize', number>> {
  const [q, k, v] = [query, key, value].map((name) => builder.shape(name)) as [number[], number[], number[]];
  const [batch, heads = 0, , size] = q;
  const [, groups = 0, keys = 0] = k;
  const fits =
    [q, k, v].every(({ length }) => length === 4) &&
    k[0] === batch &&
    k[3] === size &&
    groups > 0 &&
    heads % groups === 0 &&
    v.slice(0, 3).join() === k.slice(0, 3).join();
  if (fits) return { groups, keys, valueSize: v[3] ?? 0 };
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `${describeNode(node)}: expected queries [B, H, S, D], keys [B, G, T, D] and values [B, G, T, V] with H a multiple of G, got [${q.join(', ')}], [${k.join(', ')}] and [${v.join(', ')}].`,
  );
}

function softcapped(builder: TensorBuilder, scores: string, cap: number): string {
  if (cap === 0) return scores;
  const ratio = builder.mul(scores, 1 / cap);
  return builder.mul(builder.tanh(ratio), cap);
}

function softmax(builder: TensorBuilder, scores: string, { sink, precision }: AttentionTerms): string {
  const { elementType, shape } = builder.type(scores);
  const [batch = 1, heads = 1, queries = 1, keys = 1] = shape;
  const normalized = (name: string) => {
    const result = builder.softmax(builder.cast(name, precision ?? elementType), -1);
    return builder.cast(result, elementType);
  };
  if (sink === undefined) return normalized(scores);
  const column = builder.expand(builder.reshape(sink, [1, heads, 1, 1]), [batch, heads, queries, 1]);
  const withSink = normalized(builder.concat([scores, column], -1));
  return builder.slice(withSink, { starts: [0], ends: [keys], axes: [3] });
}

/** [B, S, H · D] as [B, H, S, D]; throws if the heads do not divide the last axis. */
export function splitHeads(
  builder: TensorBuilder,
  name: string,
  { node, heads }: { readonly node: Node; readonly heads: number },
): string {
  const shape = builder.shape(name);
  const [batch = 1, length = 1, hidden = 0] = shape;
  if (shape.length !== 3 || heads < 1 || hidden % heads !== 0) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${describeNode(node)}: expected a tensor [batch, length, size] whose size is a multiple of ${String(heads)} heads, got [${shape.join(', ')}].`,
    );
  }
  const open = builder.reshape(name, [batch, length, heads, hidden / heads]);
  return builder.transpose(open, [0, 2, 1, 3]);
}

/** [B, H, S, D] as [B, S, H · D]. */
export function mergeHeads(builder: TensorBuilder, name: string): string {
  const [batch = 1, heads = 1, length = 1, size = 1] = builder.shape(name);
  const exchanged = builder.transpose(name, [0, 2, 1, 3]);
  return builder.reshape(exchanged, [batch, length, heads * size]);
}

/** Past keys or values, followed by the new ones: [B, H, P, D] and [B, H, S, D] → [B, H, P + S, D]. */
export function afterPast(builder: TensorBuilder, past: string | undefined, name: string): string {
  if (past === undefined || builder.shape(past)[2] === 0) return name;
  return builder.concat([past, name], 2);
}
