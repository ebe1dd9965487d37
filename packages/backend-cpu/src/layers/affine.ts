import type { FloatArray } from '@edjm/core';
import type { DifferentiableLayer } from '../differentiableLayer.ts';
import type { LayerFunction } from '../layerFunction.ts';
import type { ParameterGradients } from '../parameterGradients.ts';

/** An affine map y = A x + b, given by the terms of A. */
export interface AffineMap {
  readonly rows: number;
  readonly columns: number;
  /** The values of the entries of A: a parameter, or constants. */
  readonly weight: FloatArray;
  /** Visits every entry of A that may differ from 0, in any order, with its place in the weight; entries of one place add up. */
  readonly terms: (visit: (row: number, column: number, place: number) => void) => void;
  /** b; absent stands for zeros. */
  readonly offset?: Offset | undefined;
}

/** A parameter with one value for each channel. */
interface Offset {
  readonly values: FloatArray;
  /** How many rows, one after the other, are one channel. */
  readonly channelSize: number;
}

/** A layer whose Jacobian is the same everywhere: value and all derivatives come from one list of terms. */
export function affine(map: AffineMap): DifferentiableLayer {
  return { value: affineFunction(map), withTangent: affineFunction(twice(map)) };
}

/** x ↦ A x + b as a function. */
function affineFunction(map: AffineMap): LayerFunction {
  const { rows, columns, weight, terms } = map;
  const multiply = (x: Float64Array, y: Float64Array): Float64Array => {
    terms((row, column, place) => {
      y[row] = (y[row] as number) + (weight[place] as number) * (x[column] as number);
    });
    return y;
  };
  return (x) => ({
    y: multiply(x, offsets(map)),
    jvp: (tangent) => multiply(tangent, new Float64Array(rows)),
    vjp: (cotangent, gradients) => {
      const result = new Float64Array(columns);
      terms((row, column, place) => {
        result[column] = (result[column] as number) + (weight[place] as number) * (cotangent[row] as number);
      });
      if (gradients) addGradients(map, { x, cotangent }, gradients);
      return result;
    },
  });
}

/** (x, ẋ) ↦ (A x + b, A ẋ), which is affine again, with the same parameters. */
function twice({ rows, columns, terms, ...parameters }: AffineMap): AffineMap {
  return {
    rows: 2 * rows,
    columns: 2 * columns,
    terms: (visit) => {
      terms((row, column, place) => {
        visit(row, column, place);
        visit(rows + row, columns + column, place);
      });
    },
    ...parameters,
  };
}

/** b, with zeros in rows beyond the channels. */
function offsets({ rows, offset }: AffineMap): Float64Array {
  const y = new Float64Array(rows);
  if (!offset) return y;
  const { values, channelSize } = offset;
  values.forEach((value, channel) => y.fill(value, channel * channelSize, (channel + 1) * channelSize));
  return y;
}

/** Of cᵀ (A x + b): c_row x_column for each entry of A, and c_row for each of b. */
function addGradients(
  { terms, weight, offset }: AffineMap,
  { x, cotangent }: { readonly x: Float64Array; readonly cotangent: Float64Array },
  gradients: ParameterGradients,
): void {
  const ofWeight = gradients.of(weight);
  terms((row, column, place) => {
    ofWeight[place] = (ofWeight[place] as number) + (cotangent[row] as number) * (x[column] as number);
  });
  if (!offset) return;
  const ofOffset = gradients.of(offset.values);
  for (let row = 0; row < ofOffset.length * offset.channelSize; row++) {
    const channel = Math.floor(row / offset.channelSize);
    ofOffset[channel] = (ofOffset[channel] as number) + (cotangent[row] as number);
  }
}
