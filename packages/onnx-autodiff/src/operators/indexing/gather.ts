/**
 * Gather, y = S x with a selection S of places on one axis: ∂x = Sᵀ g, which adds the slices of g up at their places. Its adjoint needs
 * OneHot.
 */
import { EdjmError } from '@edjm/core';
import { affineIn } from '../../graph/affine.ts';
import { offsets } from '../../graph/broadcasting.ts';
import type { Operator } from '../../graph/operator.ts';
import { describeNode, intAttribute } from '../../model/graph.ts';
import { elementsAt, sizeOf, valuesOf } from '../../model/tensor.ts';
import { normalizedAxis } from '../axes.ts';
import { scatterAlong, spread } from './placing.ts';

const gather: Operator = {
  affine: affineIn([0]),
  infer: ({ node, input }) => {
    const { elementType, shape } = input(0);
    const axis = normalizedAxis(node, intAttribute(node, 'axis', 0), shape.length);
    return [{ elementType, shape: shape.toSpliced(axis, 1, ...input(1).shape) }];
  },
  fold: (node, [x, places]) => {
    if (x === undefined || places === undefined) return [];
    const axis = normalizedAxis(node, intAttribute(node, 'axis', 0), x.shape.length);
    const size = x.shape[axis] ?? 1;
    const block = sizeOf(x.shape.slice(axis + 1));
    const chosen = valuesOf(places).map((place) => (place < 0 ? place + size : place));
    if (chosen.some((place) => place < 0 || place >= size)) {
      throw new EdjmError(
        'INVALID_FILE',
        `${describeNode(node)}: expected indices below ${String(size)}, got ${valuesOf(places).join(', ')}.`,
      );
    }
    const result = Array.from({ length: sizeOf(x.shape.slice(0, axis)) }, (_, outer) =>
      chosen.flatMap((place) => offsets([block], [1], (outer * size + place) * block)),
    ).flat();
    return [elementsAt(x, x.shape.toSpliced(axis, 1, ...places.shape), result)];
  },
  vjp: ({ builder, node, input, cotangent }) => {
    const shape = builder.shape(input(0));
    const axis = normalizedAxis(node, intAttribute(node, 'axis', 0), shape.length);
    const picked = sizeOf(builder.shape(input(1)));
    const [k = 1] = builder.shape(cotangent());
    const flat = builder.reshape(cotangent(), [k, ...shape.with(axis, picked)]);
    const size = shape[axis] ?? 1;
    const constant = builder.constantValue(input(1));
    if (picked === 1 && constant !== undefined) {
      const [place = 0] = valuesOf(constant);
      const range = { start: place < 0 ? place + size : place, step: 1, count: 1 };
      return [spread(builder, flat, { axis: axis + 1, size, range })];
    }
    const places = builder.reshape(input(1), [picked]);
    return [scatterAlong(builder, flat, { axis: axis + 1, size, places })];
  },
};

const oneHot: Operator = {
  infer: ({ node, input, constant }) => {
    const [depth = 1] = constant(1) ?? [];
    const { shape } = input(0);
    const axis = normalizedAxis(node, intAttribute(node, 'axis', -1), shape.length + 1);
    return [{ elementType: input(2).elementType, shape: shape.toSpliced(axis, 0, depth) }];
  },
};

/** Gather, OneHot. */
export const gathers: Readonly<Record<string, Operator>> = { Gather: gather, OneHot: oneHot };
