import type { FloatArray } from '@edjm/core';
import { type TrainingCase, trainingCases } from '@edjm/conformance';
import { expect, it } from 'vitest';
import { cpuBackend } from '../src/index.ts';

/** The conformance kit ships what this backend computes, so that other backends need not have it at hand. */
it('the golden values of training are what this backend gives', async () => {
  const lines = await Promise.all(trainingCases().map(goldenLine));
  await expect(`{\n${lines.join(',\n')}\n}\n`).toMatchFileSnapshot(
    '../../conformance/src/generated/trainingGolden.json',
  );
});

async function goldenLine({ name, network, batch, targets, runs, products }: TrainingCase): Promise<string> {
  const golden: Record<string, unknown> = {};
  for (const run of runs) {
    await using loaded = await cpuBackend().loadTrainable(network);
    const { loss, gradients } = await loaded.gradients(batch, targets, run.options);
    const statistics = [...(await loaded.statistics())].map(([key, { data }]) => [key, data] as const);
    golden[run.name] = { loss, gradients: rounded(gradients), statistics: rounded(statistics) };
  }
  await using loaded = await cpuBackend().loadTrainable(network);
  const jacobianGradients = rounded(await loaded.jacobianGradients(batch, products));
  return `${JSON.stringify(name)}: ${JSON.stringify({ runs: golden, jacobianGradients })}`;
}

function rounded(named: Iterable<readonly [string, FloatArray]>): Record<string, number[]> {
  return Object.fromEntries(
    [...named].map(([name, data]) => [name, Array.from(data, (value) => Number(value.toPrecision(10)))]),
  );
}
