export { openDataset, type DatasetOptions } from './openDataset.ts';
export { openLabeled, type LabeledDataset, type LabeledOptions, type LabeledSet } from './openLabeled.ts';
export { openLabels, type LabelOptions } from './openLabels.ts';
export { readArray, type ArrayOptions } from './readArray.ts';
export type { TransformOptions } from './valueTransform.ts';
export type { Dataset } from '@edjm/core';
