import type { DifferentiableNetwork } from '../contracts/network.ts';
import type { AnalyzeOptions } from './analyzeOptions.ts';

/** The input of the plan: some of the options of {@link analyze}, of which `threads` defaults to 1 here. */
export interface PlanRequest extends Pick<
  AnalyzeOptions,
  | 'accuracy'
  | 'batchSize'
  | 'confidence'
  | 'maxMemory'
  | 'method'
  | 'methods'
  | 'metrics'
  | 'outputs'
  | 'stacked'
  | 'threads'
  | 'values'
> {
  readonly network: DifferentiableNetwork;
  /** Number of samples. */
  readonly n: number;
  /** d_in, if the network is a function of fewer values that depend on these linearly. Defaults to the width of its rows. */
  readonly dIn?: number | undefined;
}
