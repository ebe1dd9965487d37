import type { TensorBuilder } from '../graph/tensorBuilder.ts';
import { valuesOf } from '../model/tensor.ts';

/** Operators whose output is a sum or a choice of values of their first input, times factors. */
const linear = new Set([
  'Identity',
  'Cast',
  'Dropout',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
  'Expand',
  'Slice',
  'Gather',
  'ReduceSum',
  'ReduceMean',
  'AveragePool',
  'GlobalAveragePool',
]);

/** The farthest that a sum of squares is looked for. */
const DEPTH = 16;

/**
 * Whether a tensor is a sum of squares, or of higher powers of absolute values, times constants: then its root is a norm.
 * Where that is 0, so are all the terms and all their derivatives, and the derivative of the norm is taken as 0, which is
 * what PyTorch does for `norm` and `std`.
 */
export function isSumOfSquares(builder: TensorBuilder, name: string, depth: number = DEPTH): boolean {
  const node = builder.producer(name);
  if (node?.domain !== '' || depth === 0) return false;
  const [a = '', b = ''] = node.inputs;
  const deeper = (input: string) => isSumOfSquares(builder, input, depth - 1);
  const isConstant = (input: string) => builder.constantValue(input) !== undefined;
  switch (node.opType) {
    case 'ReduceSumSquare':
      return true;
    case 'Mul':
      if (builder.resolve(a) === builder.resolve(b)) return true;
      return (isConstant(b) || deeper(b)) && (isConstant(a) || deeper(a));
    case 'Div':
      return isConstant(b) && deeper(a);
    case 'Add':
    case 'Sum':
      return node.inputs.every(deeper);
    case 'Sub': {
      // c v − v, as exporters write the factor of a variance without bias.
      const product = builder.producer(a);
      return product?.opType === 'Mul' && product.inputs.includes(builder.resolve(b)) && deeper(b);
    }
    case 'Pow': {
      const known = builder.constantValue(b);
      const exponents = known === undefined ? [] : valuesOf(known);
      const isEven = exponents.every((exponent) => exponent > 1 && exponent % 2 === 0);
      const isOfSize = builder.producer(a)?.opType === 'Abs' && exponents.every((exponent) => exponent > 1);
      return exponents.length > 0 && (isEven || isOfSize);
    }
    default:
      return linear.has(node.opType) && deeper(a);
  }
}
