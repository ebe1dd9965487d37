export {
  edjmCallback,
  type EdjmCallback,
  type EdjmCallbackOptions,
  type EdjmReport,
} from './edjmCallback.ts';
export { tfjsSvdLayers, type TfjsSvdLayers } from './tfjsSvdLayers.ts';
export type { SingularValueRegularizer, SvdDense, SvdDenseArgs, SvdDenseConstructor } from './svdDense.ts';
