import type { ReportOption } from '@edjm/core';
import { parameterCount } from '@edjm/network';
import type { History, ValidationResult } from '@edjm/recipes';
import { version } from '../version.ts';
import type { DataRecord } from './trainingData.ts';
import type { Trained } from './trainOnce.ts';

/** A rule by its name, with the options that its steps depend on. */
interface Named {
  readonly name: string;
  readonly options?: Readonly<Record<string, ReportOption>>;
}

/** A run as a document: its history, and everything needed to repeat it. */
export interface TrainingReport extends History {
  /** Name and version of the program that wrote it, and of what it ran on. */
  readonly environment: Readonly<Record<string, string>>;
  readonly network: {
    readonly name: string;
    /** SHA-256 of the description, and of the weights that training began with, if these were given. */
    readonly sha256: string;
    readonly weightsSha256?: string;
    /** Numbers that training changed. */
    readonly parameters: number;
  };
  readonly data: DataRecord;
  readonly engine: Trained['engine'];
  readonly optimizer: Named;
  readonly schedule: Named;
  readonly regularizers: readonly Named[];
  /** The options of the command, with the defaults that do not depend on others. */
  readonly options: Readonly<Record<string, ReportOption>>;
  /** The results of the written network on test samples, if the data has some. */
  readonly test?: ValidationResult;
}

/** Options that change only how a run is shown or resumed, not its results. */
const ofTheCommand: ReadonlySet<string> = new Set(['out', 'json', 'progress', 'resume', 'overwrite']);

/** Says what a run did. */
export function trainingReport(
  { history, network, engine, test, job }: Trained,
  hashes: { readonly sha256: string; readonly weightsSha256?: string },
): TrainingReport {
  const { version: form, ...run } = history;
  const { rules, regularizers, data } = job;
  const options = Object.entries(job.options) as readonly (readonly [string, ReportOption])[];
  return {
    version: form,
    environment: {
      edjm: version(),
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
    },
    network: { name: network.name, ...hashes, parameters: parameterCount(network) },
    data: data.record,
    engine,
    optimizer: named(rules.optimizer),
    schedule: named(rules.schedule),
    regularizers: regularizers.map(named),
    options: Object.fromEntries(options.filter(([name]) => !ofTheCommand.has(name))),
    ...run,
    ...(test && { test }),
  };
}

function named({ name, options }: Named): Named {
  return { name, ...(options && { options }) };
}
