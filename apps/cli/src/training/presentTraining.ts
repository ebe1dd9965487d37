import type { EpochRecord } from '@edjm/recipes';
import { comparisonTable } from '@edjm/plot';
import type { TrainingReport } from './trainingReport.ts';

const stops: Record<TrainingReport['stopped'], string> = {
  epochs: 'all epochs done',
  'early-stop': 'ended early: validation found nothing better',
  'learning-rate': 'ended: the learning rate fell below the least',
};

/** A run as text: a table with a line for each epoch, then the results. */
export function trainingText(report: TrainingReport, color: boolean): string {
  const { data, network, engine, epochs, best, test } = report;
  const transform = data.transform === undefined ? '' : ` as ${data.transform}`;
  const record = best && epochs[best.epoch - 1];
  return [
    `${network.name}: ${network.parameters.toLocaleString('en')} parameters, trained on ${data.training.toLocaleString('en')} samples of ${data.name}${transform}, validated on ${data.validation.toLocaleString('en')} (${engine.name}, ${engine.precision})`,
    '',
    comparisonTable(epochs.map(row), { labelTitle: 'epoch', digits: 4, color }),
    '',
    `${stops[report.stopped]}, ${epochs.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(1)} s`,
    ...(record
      ? [`best: epoch ${String(record.epoch)}, ${resultText(record.validation)} in validation`]
      : []),
    ...(test ? [`test: ${resultText(test)}`] : []),
  ].join('\n');
}

function row({ epoch, trainingLoss, validation, learningRate, spectrum }: EpochRecord) {
  const { loss, accuracy } = validation;
  return {
    label: String(epoch),
    values: {
      loss: trainingLoss,
      'validation loss': loss,
      ...(accuracy !== undefined && { accuracy }),
      'learning rate': String(learningRate),
      ...spectrum?.metrics,
    },
  };
}

function resultText({ loss, accuracy }: TrainingReport['epochs'][number]['validation']): string {
  return accuracy === undefined
    ? `loss ${loss.toPrecision(4)}`
    : `accuracy ${accuracy.toPrecision(4)}, loss ${loss.toPrecision(4)}`;
}
