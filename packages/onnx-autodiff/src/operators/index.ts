import type { OperatorTable } from '../graphBuilder.ts';
import { activations } from './activations.ts';
import { arithmetic } from './arithmetic.ts';
import { batchNormalization } from './batchNormalization.ts';
import { casting } from './cast.ts';
import { convolutions } from './convolution.ts';
import { elementwiseFunctions } from './elementwise.ts';
import { indexings } from './indexing.ts';
import { layerNormalizations } from './layerNormalization.ts';
import { matrixProducts } from './matrixProducts.ts';
import { poolings } from './pooling.ts';
import { rearrangings } from './rearranging.ts';
import { argMax, reductions } from './reductions.ts';
import { reshapings } from './reshaping.ts';
import { selections } from './selecting.ts';
import { shapeArithmetic } from './shapeArithmetic.ts';
import { softmaxes } from './softmax.ts';
import { transposedConvolutions } from './transposedConvolution.ts';
import { upsamplings } from './upsampling.ts';
import { variadics } from './variadic.ts';

/** Every operator with a rule, by domain and name. */
export const coveredOperators: OperatorTable = new Map(
  Object.entries({
    ...activations,
    ...arithmetic,
    ...argMax,
    ...batchNormalization,
    ...casting,
    ...convolutions,
    ...elementwiseFunctions,
    ...indexings,
    ...matrixProducts,
    ...layerNormalizations,
    ...poolings,
    ...rearrangings,
    ...reductions,
    ...reshapings,
    ...selections,
    ...shapeArithmetic,
    ...softmaxes,
    ...transposedConvolutions,
    ...upsamplings,
    ...variadics,
  }),
);
