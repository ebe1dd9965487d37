import { type Dataset, type DifferentiableNetwork, EdjmError, type AnyMetric } from '@edjm/core';
import { openDataset, openLabeled } from '@edjm/datasets';
import { isLabeledSet } from '../commandLine/labeledSets.ts';
import type { RunOptions } from '../commandLine/runOptions.ts';
import type { Shell } from '../commandLine/shell.ts';
import { checkGates } from './gates.ts';
import { type Model, resolveModels } from '../model/resolveModel.ts';
import { checkAddressSpace } from '../output/memoryFailure.ts';
import { checkFolder } from '../output/writeResults.ts';
import { loadMetrics } from '../metrics/loadMetrics.ts';

/** The data, metrics and options that the models of a command share. */
export interface Run {
  /** The samples for a network: of an archive of several arrays, without `--array`, those that its inputs name. */
  readonly dataFor: (network: DifferentiableNetwork) => Promise<Dataset>;
  /** Shape of a sample, if it is known before a network is. */
  readonly dataShape: readonly number[] | undefined;
  readonly metrics: readonly AnyMetric[];
  readonly options: RunOptions;
  readonly shell: Shell;
}

/** Reads the files that the command line names, and refuses requests that cannot work before anything is computed. */
export async function beginRun(
  paths: readonly string[],
  options: RunOptions,
  shell: Shell,
): Promise<{ readonly models: readonly Model[]; readonly run: Run }> {
  checkAddressSpace();
  await checkFolder(options.out);
  const models = await resolveModels(paths, options);
  const metrics = await loadMetrics(options, shell);
  checkGates(options, metrics);
  // The arrays of an archive may be known once a model's inputs are.
  const data = await openData(options).catch((error: unknown) => {
    if (EdjmError.is(error, 'AMBIGUOUS')) return undefined;
    throw error;
  });
  const dataFor = async ({ inputs = [] }: DifferentiableNetwork) =>
    data ??
    openData(
      options,
      inputs.map(({ name }) => name),
    );
  return {
    models,
    run: { dataFor, dataShape: data?.sampleShape, metrics, options, shell },
  };
}

/** Opens the data that the options name; of a set of several parts, the one to train on. */
async function openData(options: RunOptions, inputs?: readonly string[]): Promise<Dataset> {
  const { data, array, limit, scale, mean, std } = options;
  const transform = { limit, scale, mean, std };
  if (array === undefined && isLabeledSet(data)) {
    return (await openLabeled(data, transform)).training.samples;
  }
  return openDataset(data, { ...transform, array, inputs });
}
