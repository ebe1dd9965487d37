/**
 * Normalizations that ONNX Runtime fuses with the sum before them: of a residual connection (Skip…), or of the
 * embeddings of words, positions and segments (EmbedLayerNormalization).
 */
import { floatAttribute } from '../../model/graph.ts';
import type { Composite, RewriteContext } from '../../graph/operator.ts';
import { rootMeanSquareNormalized } from './rmsNormalization.ts';

const EPSILON = 1e-12;

/** Mean and inverse deviation: outputs for training, which no CPU engine writes. */
const noStatistics = [undefined, undefined] as const;

function sumOf({ builder }: RewriteContext, terms: readonly (string | undefined)[]): string {
  return terms.filter((term) => term !== undefined).reduce((a, b) => builder.add(a, b));
}

const skipLayerNormalization: Composite = {
  rewrite: (context) => {
    const { builder, node, input, optional } = context;
    const sum = sumOf(context, [input(0), input(1), optional(4)]);
    const normalized = builder.layerNormalization(
      [sum, input(2), optional(3) ?? ''],
      floatAttribute(node, 'epsilon', EPSILON),
    );
    return [normalized, ...noStatistics, sum];
  },
};

const skipSimplifiedLayerNormalization: Composite = {
  rewrite: (context) => {
    const { builder, node, input, optional } = context;
    const sum = sumOf(context, [input(0), input(1), optional(3)]);
    const { normalized } = rootMeanSquareNormalized(builder, {
      node,
      x: sum,
      scale: input(2),
      epsilon: floatAttribute(node, 'epsilon', EPSILON),
    });
    return [normalized, ...noStatistics, sum];
  },
};

/** The number of words that count, for each sample. */
function wordCounts({ builder, input, optional }: RewriteContext): string {
  const mask = optional(7);
  const [batch = 1] = builder.shape(input(0));
  if (mask === undefined) return builder.filled('int32', [batch], 0);
  return builder.reduceSum(mask, [1], { keepDims: false });
}

/** The first rows of the table of positions, or those that the node names. */
function positionsOf({ builder, input, optional }: RewriteContext): string {
  const places = optional(8);
  if (places !== undefined) return builder.gather(input(3), places, 0);
  const [, length = 1] = builder.shape(input(0));
  const [rows = 0, size = 1] = builder.shape(input(3));
  if (rows === length) return builder.reshape(input(3), [1, length, size]);
  return builder.slice(input(3), { starts: [0], ends: [length], axes: [0] });
}

const embedLayerNormalization: Composite = {
  rewrite: (context) => {
    const { builder, node, input, optional, wants } = context;
    const rows = (table: number, index: number) => builder.gather(input(table), input(index), 0);
    const segments = optional(1) === undefined ? undefined : rows(4, 1);
    const sum = sumOf(context, [rows(2, 0), positionsOf(context), segments]);
    const normalized = builder.layerNormalization(
      [sum, input(5), input(6)],
      floatAttribute(node, 'epsilon', EPSILON),
    );
    return [normalized, wants(1) ? wordCounts(context) : undefined, sum];
  },
};

/** SkipLayerNormalization, SkipSimplifiedLayerNormalization, EmbedLayerNormalization of com.microsoft. */
export const skipNormalizations: Readonly<Record<string, Composite>> = {
  'com.microsoft.SkipLayerNormalization': skipLayerNormalization,
  'com.microsoft.SkipSimplifiedLayerNormalization': skipSimplifiedLayerNormalization,
  'com.microsoft.EmbedLayerNormalization': embedLayerNormalization,
};
