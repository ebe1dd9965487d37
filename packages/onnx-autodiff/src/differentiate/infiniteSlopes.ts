import type { GraphBuilder } from '../graph/graphBuilder.ts';
import type { TensorBuilder } from '../graph/tensorBuilder.ts';
import type { VjpContext } from '../graph/operator.ts';
import type { Node } from '../model/graph.ts';
import { valuesOf } from '../model/tensor.ts';

/** Operators whose slope is infinite at some finite point. */
const steep = new Set(['Sqrt', 'Log', 'Reciprocal', 'Asin', 'Acos', 'Acosh', 'Atanh', 'ReduceLogSum']);

/** Whether a constant has only numbers that pass a test; false for a tensor that is no constant. */
function every(builder: TensorBuilder, name: string, test: (value: number) => boolean): boolean {
  const known = builder.constantValue(name);
  return known !== undefined && valuesOf(known).every(test);
}

/** Whether a node may give infinite cotangents: the slopes of √x and log x at 0, of x / y at y = 0. */
export function hasInfiniteSlope(builder: GraphBuilder, { opType, domain, inputs }: Node): boolean {
  if (domain !== '') return false;
  const [, second = ''] = inputs;
  if (opType === 'Div') return !every(builder, second, (value) => value !== 0);
  if (opType === 'Pow') return !every(builder, second, (value) => value >= 1 || value === 0);
  return steep.has(opType);
}

/**
 * The cotangent where a condition holds, and 0 elsewhere, whatever the cotangent is there: 0 times infinity would be no
 * number. A product with ones and zeros is faster, and the same if no cotangent is infinite.
 */
export function selected(
  { builder, unbounded }: Pick<VjpContext, 'builder' | 'unbounded'>,
  cotangent: string,
  condition: string,
): string {
  if (unbounded) return builder.where(condition, cotangent, builder.scalar(0, cotangent));
  return builder.mul(cotangent, builder.cast(condition, builder.type(cotangent).elementType));
}
