import { activationsCases } from './activations.ts';
import { arithmeticCases } from './arithmetic.ts';
import { attentionCases } from './attention.ts';
import { blocksCases } from './blocks.ts';
import { controlFlowCases } from './controlFlow.ts';
import { convolutionsCases } from './convolutions.ts';
import { einsumCases } from './einsum.ts';
import { fusedCases } from './fused.ts';
import { fusedAttentionCases } from './fusedAttention.ts';
import { graphsCases } from './graphs.ts';
import { gridsCases } from './grids.ts';
import { indexingCases } from './indexing.ts';
import { matrixProductsCases } from './matrixProducts.ts';
import { normalizationsCases } from './normalizations.ts';
import { placesCases } from './places.ts';
import { quantizedCases } from './quantized.ts';
import { recurrentCases } from './recurrent.ts';
import { reductionsCases } from './reductions.ts';
import { resamplingCases } from './resampling.ts';
import { sequencesCases } from './sequences.ts';
import { shapesCases } from './shapes.ts';
import { windowsCases } from './windows.ts';
import type { RuleCase } from './ruleCase.ts';

/** Rules at attributes and shapes that one would not try first; every operator with an input of real numbers is here. */
export const rules: Readonly<Record<string, RuleCase>> = {
  ...activationsCases,
  ...arithmeticCases,
  ...attentionCases,
  ...blocksCases,
  ...controlFlowCases,
  ...convolutionsCases,
  ...einsumCases,
  ...fusedAttentionCases,
  ...fusedCases,
  ...graphsCases,
  ...gridsCases,
  ...indexingCases,
  ...matrixProductsCases,
  ...normalizationsCases,
  ...placesCases,
  ...quantizedCases,
  ...recurrentCases,
  ...reductionsCases,
  ...resamplingCases,
  ...sequencesCases,
  ...shapesCases,
  ...windowsCases,
};
