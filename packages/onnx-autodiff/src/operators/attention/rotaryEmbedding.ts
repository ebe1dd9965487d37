/**
 * Rotary embeddings of positions: pairs of elements of every head are rotated by an angle that grows with the
 * position p,
 *
 *     a′ = a cos p θ − b sin p θ      b′ = a sin p θ + b cos p θ
 *
 * The pairs are neighbors (`interleaved`) or lie half of the rotated elements apart. Elements behind them stay the
 * same.
 */
import { EdjmError } from '@edjm/core';
import { describeNode, floatAttribute, intAttribute, type Node } from '../../model/graph.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import type { Composite, RewriteContext } from '../../graph/operator.ts';
import { positions } from './attentionMask.ts';

/** The angles of a rotation: see {@link rotated}. */
export interface Rotation {
  /** Cosines of the angles: one for each pair on the last axis; broadcasts over the others. */
  readonly cos: string;
  readonly sin: string;
  readonly interleaved: boolean;
  /** For messages. */
  readonly node: Node;
}

/** A tensor with the pairs on its last axis rotated. */
export function rotated(
  builder: TensorBuilder,
  x: string,
  { cos, sin, interleaved, node }: Rotation,
): string {
  const shape = builder.shape(x);
  const size = shape.at(-1) ?? 0;
  const pairs = builder.shape(cos).at(-1) ?? 0;
  if (2 * pairs > size || builder.shape(sin).join() !== builder.shape(cos).join()) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${describeNode(node)}: expected as many cosines and sines as there are pairs, at most ${String(size / 2)}, got [${builder.shape(cos).join(', ')}] and [${builder.shape(sin).join(', ')}].`,
    );
  }
  const [paired = x, kept] = 2 * pairs === size ? [] : builder.split(x, [2 * pairs, size - 2 * pairs], -1);
  // One axis more, of the two elements of a pair.
  const axis = shape.length - Number(!interleaved);
  const opened = builder.reshape(paired, shape.with(-1, pairs).toSpliced(axis, 0, 2));
  const [a = '', b = ''] = builder.split(opened, [1, 1], axis);
  const open = (angles: string) => {
    const from = builder.shape(angles);
    return builder.reshape(angles, from.toSpliced(from.length - Number(!interleaved), 0, 1));
  };
  const [c, s] = [open(cos), open(sin)];
  const product = (factor: string, name: string) => builder.mul(name, factor);
  const joined = builder.concat(
    [builder.sub(product(c, a), product(s, b)), builder.add(product(s, a), product(c, b))],
    axis,
  );
  const closed = builder.reshape(joined, shape.with(-1, 2 * pairs));
  return kept === undefined ? closed : builder.concat([closed, kept], -1);
}

/** Rows of a table of angles [P, pairs] for every position [S] or [B, S]. */
export function anglesAt(builder: TensorBuilder, table: string, places: string): string {
  return builder.gather(table, places, 0);
}

interface Tables {
  readonly cos: string;
  readonly sin: string;
  /** Size of a head, if only the tables say it. */
  readonly headSize: number | undefined;
}

/** Rotates [B, S, H · D] or [B, H, S, D]; the tables are [B, S, pairs] or [S, pairs]. */
function embedding({ builder, node, input }: RewriteContext, { cos, sin, headSize }: Tables): string {
  const x = input(0);
  const shape = builder.shape(x);
  const rotation = { interleaved: intAttribute(node, 'interleaved', 0) !== 0, node };
  const open = (angles: string, axis: number) => {
    const from = builder.shape(angles);
    return builder.reshape(angles, from.toSpliced(axis + from.length - 3, 0, 1));
  };
  if (shape.length === 4) return rotated(builder, x, { cos: open(cos, 1), sin: open(sin, 1), ...rotation });
  const [batch = 1, length = 1, hidden = 0] = shape;
  const heads = headSize === undefined ? intAttribute(node, 'num_heads', 0) : hidden / headSize;
  if (shape.length !== 3 || !Number.isInteger(heads) || heads < 1 || hidden % heads !== 0) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${describeNode(node)}: expected [batch, heads, length, size], or [batch, length, size] with num_heads that divide the size, got [${shape.join(', ')}] and ${String(heads)} heads.`,
    );
  }
  const inHeads = builder.reshape(x, [batch, length, heads, hidden / heads]);
  return builder.reshape(
    rotated(builder, inHeads, { cos: open(cos, 2), sin: open(sin, 2), ...rotation }),
    shape,
  );
}

const rotaryEmbedding: Composite = {
  rewrite: (context) => {
    const { builder, input, optional } = context;
    const places = optional(3);
    const table = (index: number) =>
      places === undefined ? input(index) : anglesAt(builder, input(index), places);
    return [embedding(context, { cos: table(1), sin: table(2), headSize: undefined })];
  },
};

const fusedRotaryEmbedding: Composite = {
  rewrite: (context) => {
    const { builder, node, input } = context;
    const scale = floatAttribute(node, 'scale', 1);
    if (scale !== 1 || intAttribute(node, 'is_packed_batching', 0) !== 0) {
      throw new EdjmError(
        'UNSUPPORTED',
        `${describeNode(node)}: expected no scale and no packed batch, got a scale of ${String(scale)} or a packed batch.`,
      );
    }
    const given = input(1);
    const length = builder.shape(input(0)).at(-2) ?? 1;
    // A single number is the position of the first element.
    const counted = () => builder.add(given, positions(builder, length));
    const places = builder.shape(given).length === 1 ? counted() : given;
    const [, pairs = 0] = builder.shape(input(2));
    const isPartial = intAttribute(node, 'rotary_embedding_dim', 0) > 0;
    return [
      embedding(context, {
        cos: anglesAt(builder, input(2), places),
        sin: anglesAt(builder, input(3), places),
        headSize: isPartial ? undefined : 2 * pairs,
      }),
    ];
  },
};

/** RotaryEmbedding, of the standard operator set and of com.microsoft. */
export const rotaryEmbeddings: Readonly<Record<string, Composite>> = {
  RotaryEmbedding: rotaryEmbedding,
  'com.microsoft.RotaryEmbedding': fusedRotaryEmbedding,
};
