export { openDataset, type DatasetOptions } from './openDataset.ts';
export {
  openLabelled,
  type LabelledDataset,
  type LabelledOptions,
  type LabelledSet,
} from './openLabelled.ts';
export { openLabels, type LabelOptions } from './openLabels.ts';
export { readArray, type ArrayOptions } from './readArray.ts';
export type { TransformOptions } from './valueTransform.ts';
export type { Dataset } from '@edjm/core';
