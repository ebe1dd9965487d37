import type { OperatorTable } from '../graph/graphBuilder.ts';
import { activations } from './elementwise/activations.ts';
import { arithmetic } from './elementwise/arithmetic.ts';
import { attentions } from './attention/attention.ts';
import { batchNormalization } from './normalization/batchNormalization.ts';
import { bits } from './elementwise/bits.ts';
import { blockMoves } from './reshaping/blocks.ts';
import { casting } from './elementwise/cast.ts';
import { controlFlow } from './controlFlow/controlFlow.ts';
import { convolutions } from './windows/convolution.ts';
import { einsums } from './products/einsum.ts';
import { cumulatives } from './reductions/cumulative.ts';
import { elementIndexings } from './indexing/elementIndexing.ts';
import { elementwiseFunctions } from './elementwise/elementwise.ts';
import { fusedActivations } from './elementwise/fusedActivations.ts';
import { fusedAttentions } from './attention/fusedAttention.ts';
import { fusedProducts } from './products/fusedProducts.ts';
import { groupNormalizations } from './normalization/groupNormalization.ts';
import { groupQueryAttentions } from './attention/groupQueryAttention.ts';
import { gridSamplings } from './resampling/gridSampling.ts';
import { gru } from './recurrent/gru.ts';
import { gathers } from './indexing/gather.ts';
import { pads } from './indexing/pad.ts';
import { slices } from './indexing/slice.ts';
import { layerNormalizations } from './normalization/layerNormalization.ts';
import { lpPoolings } from './windows/lpPooling.ts';
import { lstm } from './recurrent/lstm.ts';
import { matrixProducts } from './products/matrixProducts.ts';
import { poolings } from './windows/pooling.ts';
import { quantizations, straightThroughQuantizations } from './quantization/quantization.ts';
import { quantizedProducts, straightThroughProducts } from './quantization/quantizedProducts.ts';
import { rearrangings } from './reshaping/rearranging.ts';
import { extremePlaces, reductions } from './reductions/reductions.ts';
import { reshapings } from './reshaping/reshaping.ts';
import { rmsNormalizations } from './normalization/rmsNormalization.ts';
import { resizings } from './resampling/resizing.ts';
import { rnn } from './recurrent/rnn.ts';
import { rotaryEmbeddings } from './attention/rotaryEmbedding.ts';
import { scan } from './controlFlow/scan.ts';
import { selections } from './elementwise/selecting.ts';
import { sequences } from './controlFlow/sequences.ts';
import { shapeArithmetic } from './reshaping/shapeArithmetic.ts';
import { skipNormalizations } from './normalization/skipNormalization.ts';
import { softmaxes } from './reductions/softmax.ts';
import { tensorScatters } from './indexing/tensorScatter.ts';
import { transposedConvolutions } from './windows/transposedConvolution.ts';
import { trigonometry } from './elementwise/trigonometry.ts';
import { tupleIndexings } from './indexing/tupleIndexing.ts';
import { variadics } from './elementwise/variadic.ts';
import { vectorNormalizations } from './normalization/vectorNormalization.ts';

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
    ...gathers,
    ...pads,
    ...slices,
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
 * The same operators, but those that round pass derivatives on as if they did not: QuantizeLinear and its relatives
 * within the range of their integers, Round, Floor and Ceil.
 */
export const straightThroughOperators: OperatorTable = new Map([
  ...coveredOperators,
  ...Object.entries({ ...straightThroughQuantizations, ...straightThroughProducts }),
]);
