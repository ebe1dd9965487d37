import { imageKinds } from './images.ts';
import { normalizationKinds } from './normalization.ts';
import type { OwnKind } from './ownLayer.ts';
import { gru } from './recurrent.ts';
import { simpleKinds } from './simple.ts';

/** All kinds of layers that this package computes itself. */
export const kinds: Readonly<Record<string, OwnKind | undefined>> = {
  ...imageKinds,
  ...normalizationKinds,
  ...simpleKinds,
  GRU: gru,
};
