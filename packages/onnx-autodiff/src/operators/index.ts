import type { OperatorTable } from '../graphBuilder.ts';
import { activations } from './activations.ts';
import { arithmetic } from './arithmetic.ts';
import { attentions } from './attention.ts';
import { batchNormalization } from './batchNormalization.ts';
import { bits } from './bits.ts';
import { blockMoves } from './blocks.ts';
import { casting } from './cast.ts';
import { controlFlow } from './controlFlow.ts';
import { convolutions } from './convolution.ts';
import { einsums } from './einsum.ts';
import { cumulatives } from './cumulative.ts';
import { elementIndexings } from './elementIndexing.ts';
import { elementwiseFunctions } from './elementwise.ts';
import { fusedActivations } from './fusedActivations.ts';
import { fusedAttentions } from './fusedAttention.ts';
import { fusedProducts } from './fusedProducts.ts';
import { groupNormalizations } from './groupNormalization.ts';
import { groupQueryAttentions } from './groupQueryAttention.ts';
import { gridSamplings } from './gridSampling.ts';
import { gru } from './gru.ts';
import { indexings } from './indexing.ts';
import { layerNormalizations } from './layerNormalization.ts';
import { lpPoolings } from './lpPooling.ts';
import { lstm } from './lstm.ts';
import { matrixProducts } from './matrixProducts.ts';
import { poolings } from './pooling.ts';
import { quantizations, straightThroughQuantizations } from './quantization.ts';
import { quantizedProducts, straightThroughProducts } from './quantizedProducts.ts';
import { rearrangings } from './rearranging.ts';
import { extremePlaces, reductions } from './reductions.ts';
import { reshapings } from './reshaping.ts';
import { rmsNormalizations } from './rmsNormalization.ts';
import { resizings } from './resizing.ts';
import { rnn } from './rnn.ts';
import { rotaryEmbeddings } from './rotaryEmbedding.ts';
import { scan } from './scan.ts';
import { selections } from './selecting.ts';
import { sequences } from './sequences.ts';
import { shapeArithmetic } from './shapeArithmetic.ts';
import { skipNormalizations } from './skipNormalization.ts';
import { softmaxes } from './softmax.ts';
import { tensorScatters } from './tensorScatter.ts';
import { transposedConvolutions } from './transposedConvolution.ts';
import { trigonometry } from './trigonometry.ts';
import { tupleIndexings } from './tupleIndexing.ts';
import { variadics } from './variadic.ts';
import { vectorNormalizations } from './vectorNormalization.ts';

/** Every operator with a rule, by domain and name. */
export const coveredOperators: OperatorTable = new Map(
  Object.entries({
    ...activations,
    ...arithmetic,
    ...attentions,
    ...batchNormalization,
    ...casting,
    ...controlFlow,
    ...convolutions,
    ...einsums,
    ...elementwiseFunctions,
    ...extremePlaces,
    ...fusedActivations,
    ...fusedAttentions,
    ...fusedProducts,
    ...groupNormalizations,
    ...groupQueryAttentions,
    ...gridSamplings,
    ...gru,
    ...indexings,
    ...lstm,
    ...matrixProducts,
    ...layerNormalizations,
    ...poolings,
    ...quantizations,
    ...quantizedProducts,
    ...rearrangings,
    ...reductions,
    ...reshapings,
    ...rmsNormalizations,
    ...rnn,
    ...rotaryEmbeddings,
    ...scan,
    ...selections,
    ...sequences,
    ...shapeArithmetic,
    ...skipNormalizations,
    ...softmaxes,
    ...tensorScatters,
    ...transposedConvolutions,
    ...bits,
    ...blockMoves,
    ...cumulatives,
    ...elementIndexings,
    ...lpPoolings,
    ...resizings,
    ...trigonometry,
    ...tupleIndexings,
    ...variadics,
    ...vectorNormalizations,
  }),
);

/**
 * The same operators, where those that round pass derivatives on as if they did not: QuantizeLinear and what belongs to it
 * within the range of its integers, and Round.
 */
export const straightThroughOperators: OperatorTable = new Map([
  ...coveredOperators,
  ...Object.entries({ ...straightThroughQuantizations, ...straightThroughProducts }),
]);
