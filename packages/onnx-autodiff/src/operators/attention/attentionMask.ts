/**
 * Which keys a query sees, as numbers that are added to the scores: 0 where it sees the key, the lowest number where it
 * does not, for which the softmax gives exactly 0. It is finite, so that queries without any key give numbers too, which
 * are replaced afterwards, and their derivatives with them.
 */
import { reshaped } from '../../graph/broadcasting.ts';
import type { GraphBuilder } from '../../graph/graphBuilder.ts';
import { valuesOf } from '../../model/tensor.ts';

/** The lowest number of float32. */
const UNSEEN = -3.4028234663852886e38;

/** A window around the position of a query: see {@link seenInWindow}. */
export interface VisibleWindow {
  readonly queries: number;
  readonly keys: number;
  /** Number of keys before the first query: a number, or a tensor of integers that broadcasts to [B, 1, 1, 1]. */
  readonly offset: number | string;
  /** How many keys a query sees before its own position; undefined for all. */
  readonly left?: number | undefined;
  /** How many keys a query sees after its own position: 0 where it is causal; undefined for all. */
  readonly right?: number | undefined;
}

/** 0 … count − 1. */
export function positions(builder: GraphBuilder, count: number): string {
  const counter = builder.ints([0]);
  const [start, limit, step] = [0, count, 1].map((value) => builder.scalar(value, counter));
  return builder.emit('Range', [start ?? '', limit ?? '', step ?? '']);
}

/** Truth values, [S, T] or [B, 1, S, T]: whether a key lies in a query's window; none where the window is open. */
export function seenInWindow(
  builder: GraphBuilder,
  { queries, keys, offset, left, right }: VisibleWindow,
): readonly string[] {
  if (left === undefined && right === undefined) return [];
  const columns = positions(builder, keys);
  const rows = reshaped(builder, positions(builder, queries), [queries, 1]);
  const shift = typeof offset === 'number' ? builder.scalar(offset, rows) : offset;
  const own = builder.emit('Add', [rows, shift]);
  const moved = (by: number) => builder.emit('Add', [own, builder.scalar(by, own)]);
  return [
    ...(right === undefined ? [] : [builder.emit('LessOrEqual', [columns, moved(right)])]),
    ...(left === undefined ? [] : [builder.emit('GreaterOrEqual', [columns, moved(-left)])]),
  ];
}

/** Truth values [B, 1, 1, T]: whether a key comes before the end of its sequence, of lengths [B]. */
export function seenBefore(builder: GraphBuilder, lengths: string, keys: number): string {
  const { elementType, shape } = builder.type(lengths);
  const columns = builder.emit('Cast', [positions(builder, keys)], {
    to: { int: elementType === 'int32' ? 6 : 7 },
  });
  return builder.emit('Less', [columns, reshaped(builder, lengths, [shape[0] ?? 1, 1, 1, 1])]);
}

/** What is added to scores: the sum of some tensors where every condition holds, the lowest number elsewhere. */
export function maskedBias(
  builder: GraphBuilder,
  { seen, added }: { readonly seen: readonly string[]; readonly added: readonly string[] },
  like: string,
): string | undefined {
  const [first, ...others] = seen;
  const sum = added.length === 0 ? undefined : added.reduce((a, b) => builder.emit('Add', [a, b]));
  if (first === undefined) return sum;
  const all = others.reduce((a, b) => builder.emit('And', [a, b]), first);
  return builder.emit('Where', [all, sum ?? builder.scalar(0, like), builder.scalar(UNSEEN, like)]);
}

/** A bias without −∞: the lowest number stands for it. */
export function finiteBias(builder: GraphBuilder, bias: string): string {
  return builder.emit('Max', [bias, builder.scalar(UNSEEN, bias)]);
}

/** Scores with −∞ where the bias is the lowest number. */
export function infinitelyBiased(builder: GraphBuilder, scores: string, bias: string): string {
  const unseen = builder.emit('LessOrEqual', [bias, builder.scalar(UNSEEN, bias)]);
  return builder.emit('Where', [unseen, builder.scalar(-Infinity, scores), scores]);
}

/** Truth where a bias leaves a query no key, with a last axis of size 1; undefined where it is known to leave some. */
export function blindQueries(builder: GraphBuilder, bias: string): string | undefined {
  const rank = builder.shape(bias).length;
  const highest = builder.emit('ReduceMax', [bias, builder.ints([rank - 1])], { keepdims: { int: 1 } });
  const blind = builder.emit('LessOrEqual', [highest, builder.scalar(UNSEEN, bias)]);
  const known = builder.constantValue(blind);
  return known !== undefined && valuesOf(known).every((value) => value === 0) ? undefined : blind;
}
