export {
  edjmCallback,
  type EdjmCallback,
  type EdjmCallbackOptions,
  type EdjmReport,
} from './edjmCallback.ts';
export { svdLayers, type SvdLayers } from './svdLayers.ts';
export type { SingularValueRegularizer, SvdDense, SvdDenseArgs, SvdDenseConstructor } from './svdDense.ts';
