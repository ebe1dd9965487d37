import { analyze, type OutputKind } from '@edjm/core';
import { openDataset } from '@edjm/datasets';
import { edjmScore } from '@edjm/metrics';
import {
  dataFolder,
  type Golden,
  goldenFiles,
  goldenKinds,
  inData,
  readGolden,
  wrongGoldenAnalysis,
  wrongScore,
} from '@edjm/testing';
import { describe, expect, it } from 'vitest';
import { onnxBackend } from '../../src/index.ts';

async function analyzed(file: string, golden: Golden, outputKind: OutputKind) {
  await using network = await onnxBackend().load(inData('golden', file), { outputKind });
  const data = await openDataset(inData('golden', golden.inputs.file));
  for await (const batch of data.batches(golden.firstOutputs.length)) {
    const { data: first } = await network.forward(batch);
    const outputs = Array.from({ length: golden.outputs.count }, (_, index) => index);
    const options = { metrics: [edjmScore()], outputs, stacked: true };
    return { first, analysis: await analyze(network, data, options) };
  }
  throw new Error('expected samples');
}

describe.skipIf(dataFolder === undefined)(
  'golden networks (skipped where EDJM_DATA_DIR does not name the data)',
  () => {
    describe.each(goldenFiles('.onnx'))('$file', ({ file, network }) => {
      const golden = readGolden(network);
      const { kind, others } = goldenKinds(golden);

      it('gives the outputs, singular values and scores', async () => {
        // Its golden values are those of the sigmoid that it ends in.
        const asked = network === 'conv-autoencoder' ? 'as-is' : kind;
        expect(wrongGoldenAnalysis(await analyzed(file, golden, asked), golden)).toEqual([]);
      });

      it.each(others)('gives the score of $other rows', async ({ other, score }) => {
        const { analysis } = await analyzed(file, golden, other);
        expect(wrongScore(analysis.metrics['edjm-score']?.value, score, golden)).toEqual([]);
      });
    });
  },
);
