import { activationRules } from './activation.ts';
import { convolutionRules } from './convolution.ts';
import { coreRules } from './core.ts';
import { mergeRules } from './merge.ts';
import { normalizationRules } from './normalization.ts';
import { poolingRules } from './pooling.ts';
import { recurrentRules } from './recurrent.ts';
import type { LayerRule, LayerRules } from './rule.ts';

const rules: LayerRules = {
  ...coreRules,
  ...activationRules,
  ...convolutionRules,
  ...poolingRules,
  ...normalizationRules,
  ...recurrentRules,
  ...mergeRules,
};

/** How a class of layers is translated; `undefined` for classes that are not covered. */
export function ruleFor(className: string): LayerRule | undefined {
  return Object.hasOwn(rules, className) ? rules[className] : undefined;
}
