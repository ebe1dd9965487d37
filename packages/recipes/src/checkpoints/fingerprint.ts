import type { Regularizer, TrainableNetwork } from '@edjm/core';
import { digest } from '../data/digest.ts';
import { isLabeled, type TrainingSamples } from '../data/samples.ts';
import type { CompleteOptions, TrainingData } from '../training/options.ts';

/** Everything that the weights of a run depend on, as texts by name. Networks of the same parameters count as the same. */
export type Fingerprint = Readonly<Record<string, string>>;

/** Describes a run. The number of epochs, early stopping, and options that only record something do not count. */
export async function fingerprintOf(
  network: TrainableNetwork,
  data: TrainingData,
  options: CompleteOptions,
): Promise<Fingerprint> {
  const { optimizer, schedule, loss, batchSize, weightDecay, dropout, batchStatistics, monitor, seed } =
    options;
  const shapes = [...network.parameterShapes].map(([name, shape]) => `${name} ${shape.join(' × ')}`);
  return {
    'parameters of the network': shapes.join(', '),
    'precision of the network': network.precision,
    'training samples': await digestOf(data.training),
    'validation samples': await digestOf(data.validation),
    optimizer: JSON.stringify([optimizer.name, optimizer.options]),
    schedule: JSON.stringify([schedule.name, schedule.options]),
    loss: typeof loss === 'function' ? 'a function' : loss,
    batchSize: String(batchSize),
    weightDecay: String(weightDecay),
    dropout: JSON.stringify([dropout?.input ?? 0, dropout?.hidden ?? 0]),
    batchStatistics: String(batchStatistics ?? 'none'),
    monitor,
    seed: String(seed),
    regularizers: JSON.stringify(options.regularizers.map(described)),
  };
}

/** The differences between two runs, for messages; empty if nothing does. */
export function differences(checkpoint: Fingerprint, run: Fingerprint): readonly string[] {
  const keys = [...new Set([...Object.keys(run), ...Object.keys(checkpoint)])];
  return keys
    .filter((key) => checkpoint[key] !== run[key])
    .map(
      (key) => `${key} (${shortened(checkpoint[key])} in the checkpoint, ${shortened(run[key])} in this run)`,
    );
}

function described({ name, options, every, samples, parameterNames, projection }: Regularizer): object {
  return { name, options, every, samples, parameterNames, projection: projection?.every };
}

async function digestOf(data: TrainingSamples): Promise<string> {
  const { samples } = data;
  const shape = `${samples.rows} × ${samples.columns}`;
  const wanted = isLabeled(data) ? Int32Array.from(data.labels) : data.targets.data;
  return `${shape}, ${await digest([samples.data, isLabeled(data) ? 'labels' : 'targets', wanted])}`;
}

function shortened(text: string = 'nothing'): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
