import type { Graph } from '../model/graph.ts';
import type { GraphBuilder } from '../graph/graphBuilder.ts';

/** The most blocks of a Gram matrix. With four of them, 5/8 of the products are computed instead of all. */
const GRAM_BLOCKS = 4;
/** The fewest rows of a block: with fewer, products are too thin to be fast. */
const LEAST_BLOCK_ROWS = 64;

/** The rows of each block of a Gram matrix of the given order. */
export function gramBlocks(order: number): readonly { readonly first: number; readonly end: number }[] {
  const count = Math.max(1, Math.min(GRAM_BLOCKS, Math.floor(order / LEAST_BLOCK_ROWS)));
  const size = Math.ceil(order / count);
  return Array.from({ length: count }, (_, index) => ({
    first: index * size,
    end: Math.min(order, (index + 1) * size),
  }));
}

/**
 * Adds the Gram matrices Σ_i r_i r_iᵀ of K sets of rows, [K, n, d], in float64, as block rows of their lower triangles.
 *
 * @param prefix - the outputs are named `prefix/0`, `prefix/1`, …
 * @returns one output a block, [K, rows of the block, columns up to the diagonal].
 */
export function addGramBlocks(builder: GraphBuilder, rows: string, prefix: string): readonly string[] {
  return builder.provenance.during({ pass: 'gram' }, () => blockProducts(builder, rows, prefix));
}

function blockProducts(builder: GraphBuilder, rows: string, prefix: string): readonly string[] {
  const [, , order = 1] = builder.shape(rows);
  const wide = builder.cast(rows, 'float64');
  const columns = builder.transpose(wide, [0, 2, 1]);
  return gramBlocks(order).map(({ first, end }, index) => {
    const upTo = (name: string, axis: number, range: { readonly first: number; readonly end: number }) =>
      range.first === 0 && range.end === order
        ? name
        : builder.slice(name, { starts: [range.first], ends: [range.end], axes: [axis] });
    const block = builder.matMul(upTo(columns, 1, { first, end }), upTo(wide, 2, { first: 0, end }));
    return builder.nameOutput(`${prefix}/${String(index)}`, block);
  });
}

/** A graph without nodes, to build on. */
export const emptyGraph: Graph = {
  name: '',
  irVersion: 8,
  opsets: new Map([['', 18]]),
  inputs: [],
  outputs: [],
  initializers: new Map(),
  nodes: [],
};
