import type { OperatorTable } from '../graphBuilder.ts';
import { arithmetic } from './arithmetic.ts';
import { normalizations } from './batchNormalization.ts';
import { casting } from './cast.ts';
import { convolutions } from './convolution.ts';
import { elementwiseFunctions } from './elementwise.ts';
import { indexings } from './indexing.ts';
import { matrixProducts } from './matrixProducts.ts';
import { poolings } from './pooling.ts';
import { rearrangings } from './rearranging.ts';
import { argMax, reductions } from './reductions.ts';
import { reshapings } from './reshaping.ts';
import { selections } from './selecting.ts';
import { shapeArithmetic } from './shapeArithmetic.ts';
import { softmaxes } from './softmax.ts';
import { transposedConvolutions } from './transposedConvolution.ts';

/** Every operator with a rule, by domain and name. */
export const coveredOperators: OperatorTable = new Map(
  Object.entries({
    ...arithmetic,
    ...argMax,
    ...casting,
    ...convolutions,
    ...elementwiseFunctions,
    ...indexings,
    ...matrixProducts,
    ...normalizations,
    ...poolings,
    ...rearrangings,
    ...reductions,
    ...reshapings,
    ...selections,
    ...shapeArithmetic,
    ...softmaxes,
    ...transposedConvolutions,
  }),
);
