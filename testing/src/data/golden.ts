import { readdirSync } from 'node:fs';
import { wrongOutputs, wrongSingularValues } from '../comparisons.ts';
import { dataFolder, inData, readData } from './dataFolder.ts';

/** The part of a golden file that is compared; its numbers were computed in float64 from all singular values. */
export interface Golden {
  /** By name. */
  readonly files: Readonly<Record<string, unknown>>;
  readonly float32Deviation: Deviation;
  /** Absent if the network has no switches: no ReLU, no max pooling. */
  readonly switchSensitivity?: Deviation;
  readonly inputs: { readonly file: string; readonly n: number };
  readonly outputs: { readonly kind: 'logits' | 'probability' | 'regression'; readonly count: number };
  readonly firstOutputs: readonly (readonly number[])[];
  readonly score: number;
  readonly perOutput: readonly {
    readonly output: number;
    readonly singularValues: readonly number[];
    readonly score: number;
  }[];
  readonly stacked: { readonly singularValues: readonly number[]; readonly score: number };
  readonly probability?: { readonly score: number };
  readonly logProbability?: { readonly score: number };
  readonly logits?: { readonly score: number };
}

interface Deviation {
  readonly singularValues: number;
  readonly score: number;
}

/** A file of a golden network. */
export interface GoldenFile {
  readonly file: string;
  /** The name of the network. */
  readonly network: string;
}

/** Files of the golden networks with one of these endings, such as `.onnx`; none if there is no data folder. */
export function goldenFiles(...endings: readonly string[]): readonly GoldenFile[] {
  if (dataFolder === undefined) return [];
  const networks = readdirSync(inData('golden')).flatMap((name) =>
    name.endsWith('.golden.json') ? [name.replace(/\.golden\.json$/, '')] : [],
  );
  return networks.flatMap((network) =>
    Object.keys(readGolden(network).files)
      .filter((file) => endings.some((ending) => file.endsWith(ending)))
      .map((file) => ({ file, network })),
  );
}

/** The numbers of a golden network. */
export function readGolden(network: string): Golden {
  return readData('golden', `${network}.golden.json`) as Golden;
}

/** The kind of output that rows are derivatives of. */
type OutputKind = 'logit' | 'probability' | 'log-probability';

/** The kind of output that the numbers of a golden network are of, and others, with the score of their rows. */
export function goldenKinds({ outputs, probability, logProbability, logits }: Golden): {
  readonly kind: OutputKind;
  readonly others: readonly { readonly other: OutputKind; readonly score: number }[];
} {
  const kind = outputs.kind === 'probability' ? 'probability' : 'logit';
  const scores = [
    ['probability', probability],
    ['log-probability', logProbability],
    ['logit', logits],
  ] as const;
  const others = scores.flatMap(([other, numbers]) =>
    numbers === undefined || other === kind ? [] : [{ other, score: numbers.score }],
  );
  return { kind, others };
}

/** The compared part of an analysis of all outputs and of their stacked rows. */
export interface GoldenAnalysis {
  readonly outputs: readonly { readonly index: number; readonly singularValues: Float64Array }[];
  readonly metrics: Readonly<Record<string, { readonly value: number }>>;
  readonly stacked?: {
    readonly singularValues: Float64Array;
    readonly metrics: Readonly<Record<string, number>>;
  };
}

/**
 * What is wrong with the outputs of the first samples, one after the other, and with an analysis: singular values above 1e-4 of the
 * largest that are off by more than 1e-4 of themselves, beside what switches may do, and scores. Empty if all is right.
 */
export function wrongGoldenAnalysis(
  { first, analysis }: { readonly first: ArrayLike<number>; readonly analysis: GoldenAnalysis },
  golden: Golden,
): readonly object[] {
  const slack = golden.switchSensitivity?.singularValues ?? 0;
  const wrongSpectra = golden.perOutput.flatMap(({ output, singularValues }, place) => {
    const found = analysis.outputs[place];
    const values = found?.index === output ? found.singularValues : undefined;
    return wrongSingularValues(values, singularValues, { slack }).map((wrong) => ({ output, ...wrong }));
  });
  const { stacked } = analysis;
  return [
    ...wrongOutputs(first, golden.firstOutputs.flat()).map((wrong) => ({ output: 'first', ...wrong })),
    ...wrongSpectra,
    ...wrongSingularValues(stacked?.singularValues, golden.stacked.singularValues, { slack }).map(
      (wrong) => ({ output: 'stacked', ...wrong }),
    ),
    ...wrongScore(stacked?.metrics['edjm-score'], golden.stacked.score, golden),
    ...wrongScore(analysis.metrics['edjm-score']?.value, golden.score, golden),
  ];
}

/** A score that is off by more than 1e-5 of itself, or three times what float32 and switches do to it. */
export function wrongScore(
  found: number | undefined,
  expected: number,
  { float32Deviation, switchSensitivity }: Golden,
): readonly object[] {
  const stated = 3 * (float32Deviation.score + (switchSensitivity?.score ?? 0));
  const isRight = Math.abs((found ?? NaN) - expected) <= Math.max(1e-5 * expected, stated);
  return isRight ? [] : [{ score: found, expected }];
}
