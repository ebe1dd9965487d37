export { openDataset, type DatasetOptions } from './sets/openDataset.ts';
export {
  type EdjmRows,
  type EdjmRowsOptions,
  openEdjmRows,
  type RowLayout,
  rowLayouts,
} from './sets/openEdjmRows.ts';
export {
  openLabeled,
  type LabeledDataset,
  type LabeledOptions,
  type LabeledSet,
} from './sets/openLabeled.ts';
export { openLabels, type LabelOptions } from './sets/openLabels.ts';
export { readArray, type ArrayOptions } from './reading/readArray.ts';
export type { TransformOptions } from './reading/valueTransform.ts';
export type { Dataset } from '@edjm/core';
