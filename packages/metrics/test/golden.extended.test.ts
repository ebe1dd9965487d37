import type { Metric } from '@edjm/core';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  edjmScore,
  effectiveRank,
  frobeniusNorm,
  nuclearNorm,
  participationRatio,
  percentile,
  spectralNorm,
  stableRank,
} from '../src/index.ts';

const folder = process.env.EDJM_DATA_DIR && `${process.env.EDJM_DATA_DIR}/golden`;

/** The statistics of a golden file, and the metric that each is the value of. */
const metrics = {
  score: edjmScore(),
  effectiveRank: effectiveRank(),
  stableRank: stableRank(),
  participationRatio: participationRatio(),
  nuclearNorm: nuclearNorm(),
  frobeniusNorm: frobeniusNorm(),
  largest: spectralNorm(),
} satisfies Record<string, Metric<'singularValues'>>;

type Statistic = keyof typeof metrics;
type GoldenSpectrum = Record<Statistic | 'epsilon', number> & { singularValues: number[]; output?: number };

interface Golden {
  inputs: { n: number; dIn: number };
  perOutput: GoldenSpectrum[];
  stacked: GoldenSpectrum & { rows: number };
  score: number;
  mean: Record<Exclude<Statistic, 'score' | 'largest'>, number>;
}

const needed = 'the golden spectra computed with numpy';

describe.skipIf(!folder)(folder ? needed : `${needed} (skipped: EDJM_DATA_DIR is not set)`, () => {
  const files = folder ? readdirSync(folder).filter((name) => name.endsWith('.golden.json')) : [];

  it('are there', () => {
    expect(files.length).toBeGreaterThan(0);
  });

  it.each(files)('%s', (file) => {
    const golden = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as Golden;
    const { n, dIn } = golden.inputs;
    const spectra = [...golden.perOutput, golden.stacked];
    const values = spectra.map((spectrum) => {
      const singularValues = Float64Array.from(spectrum.singularValues);
      const context = {
        output: spectrum.output ?? 0,
        n: spectrum === golden.stacked ? golden.stacked.rows : n,
        dIn,
      };
      expect(singularValues).toHaveLength(Math.min(context.n, dIn));
      const epsilon = percentile(singularValues, 90);
      expect(Math.abs(epsilon - spectrum.epsilon)).toBeLessThan(1e-9 * spectrum.largest);
      return (statistic: Statistic): number => metrics[statistic].compute({ singularValues }, context);
    });

    for (const statistic of Object.keys(metrics) as Statistic[]) {
      for (const [i, spectrum] of spectra.entries()) {
        expectClose(values[i]!(statistic), spectrum[statistic], `${statistic} of spectrum ${i}`);
      }
      if (statistic === 'largest') continue;
      const perOutput = values.slice(0, -1).map((valueOf) => valueOf(statistic));
      const mean = perOutput.reduce((sum, value) => sum + value, 0) / perOutput.length;
      expectClose(mean, statistic === 'score' ? golden.score : golden.mean[statistic], `mean ${statistic}`);
    }
  });
});

/** The files hold ten significant digits. */
function expectClose(actual: number, expected: number, what: string): void {
  expect(Math.abs(actual - expected), `${what}: ${actual}, expected ${expected}`).toBeLessThan(
    1e-8 * Math.max(1, expected),
  );
}
