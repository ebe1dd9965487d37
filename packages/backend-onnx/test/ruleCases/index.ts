import { activationsCases } from './activations.ts';
import { arithmeticCases } from './arithmetic.ts';
import { convolutionsCases } from './convolutions.ts';
import { graphsCases } from './graphs.ts';
import { indexingCases } from './indexing.ts';
import { matrixProductsCases } from './matrixProducts.ts';
import { normalizationsCases } from './normalizations.ts';
import { reductionsCases } from './reductions.ts';
import { shapesCases } from './shapes.ts';
import { windowsCases } from './windows.ts';
import type { RuleCase } from './ruleCase.ts';

/** Rules at attributes and shapes that one would not try first; every operator with an input of real numbers is here. */
export const rules: Readonly<Record<string, RuleCase>> = {
  ...activationsCases,
  ...arithmeticCases,
  ...convolutionsCases,
  ...graphsCases,
  ...indexingCases,
  ...matrixProductsCases,
  ...normalizationsCases,
  ...reductionsCases,
  ...shapesCases,
  ...windowsCases,
};
