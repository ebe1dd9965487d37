/**
 * The keys that a query sees, as numbers that are added to the scores: 0 for a key that it sees, the lowest number
 * for one that it does not see, for which the softmax gives exactly 0. The lowest number is finite: queries without
 * any key give numbers too, which are replaced afterward, with their derivatives.
 */
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { valuesOf } from '../../model/tensor.ts';

/** The lowest number of float32. */
const UNSEEN = -3.4028234663852886e38;

/** A window around the position of a query: see {@link seenInWindow}. */
export interface VisibleWindow {
  readonly queries: number;
  readonly keys: number;
  /** Number of keys before the first query: a number, or a tensor of integers that broadcasts to [B, 1, 1, 1]. */
  readonly offset: number | string;
  /** The number of keys that a query sees before its own position; undefined for all. */
  readonly left?: number | undefined;
  /** The number of keys that a query sees after its own position: 0 for causal attention, undefined for all. */
  readonly right?: number | undefined;
}

/** 0 … count − 1. */
export function positions(builder: TensorBuilder, count: number): string {
  const counter = builder.ints([0]);
  const number = (value: number) => builder.scalar(value, counter);
  return builder.range(number(0), number(count), number(1));
}

/** Truth values, [S, T] or [B, 1, S, T]: whether a key lies in a query's window. An open window gives none. */
export function seenInWindow(
  builder: TensorBuilder,
  { queries, keys, offset, left, right }: VisibleWindow,
): readonly string[] {
  if (left === undefined && right === undefined) return [];
  const columns = positions(builder, keys);
  const rows = builder.reshape(positions(builder, queries), [queries, 1]);
  const shift = typeof offset === 'number' ? builder.scalar(offset, rows) : offset;
  const own = builder.add(rows, shift);
  const moved = (by: number) => builder.add(own, by);
  return [
    ...(right === undefined ? [] : [builder.lessOrEqual(columns, moved(right))]),
    ...(left === undefined ? [] : [builder.greaterOrEqual(columns, moved(-left))]),
  ];
}

/** Truth values [B, 1, 1, T]: whether a key comes before the end of its sequence, of lengths [B]. */
export function seenBefore(builder: TensorBuilder, lengths: string, keys: number): string {
  const { elementType, shape } = builder.type(lengths);
  const columns = builder.cast(positions(builder, keys), elementType === 'int32' ? 'int32' : 'int64');
  return builder.less(columns, builder.reshape(lengths, [shape[0] ?? 1, 1, 1, 1]));
}

/** The numbers to add to scores: the sum of some tensors where every condition holds, the lowest number elsewhere. */
export function maskedBias(
  builder: TensorBuilder,
  { seen, added }: { readonly seen: readonly string[]; readonly added: readonly string[] },
  like: string,
): string | undefined {
  const [first, ...others] = seen;
  const sum = added.length === 0 ? undefined : added.reduce((a, b) => builder.add(a, b));
  if (first === undefined) return sum;
  const all = others.reduce((a, b) => builder.and(a, b), first);
  return builder.where(all, sum ?? builder.scalar(0, like), builder.scalar(UNSEEN, like));
}

/** A bias without −∞: the lowest number stands for it. */
export function finiteBias(builder: TensorBuilder, bias: string): string {
  return builder.max(bias, UNSEEN);
}

/** Scores with −∞ where the bias is the lowest number. */
export function infinitelyBiased(builder: TensorBuilder, scores: string, bias: string): string {
  const unseen = builder.lessOrEqual(bias, UNSEEN);
  return builder.where(unseen, builder.scalar(-Infinity, scores), scores);
}

/**
 * Truth where a bias leaves a query no key, with a last axis of size 1; undefined if the bias leaves every query some
 * key.
 */
export function blindQueries(builder: TensorBuilder, bias: string): string | undefined {
  const rank = builder.shape(bias).length;
  const highest = builder.reduceMax(bias, [rank - 1]);
  const blind = builder.lessOrEqual(highest, UNSEEN);
  const known = builder.constantValue(blind);
  return known !== undefined && valuesOf(known).every((value) => value === 0) ? undefined : blind;
}
