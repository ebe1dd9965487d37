import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { D_IN, edjm, edjmProcess, graph, npy, samples, testFolder } from '../fixture.ts';

const analyzeArgs = ['analyze', 'model.onnx', '--data', 'data.npy'];

describe('bad input', () => {
  const truncated = (bytes: Uint8Array) => bytes.subarray(0, Math.floor(bytes.length / 2));
  const random = Buffer.from(
    Array.from({ length: 999 }, (_, index) => (index * 7919 + (index % 13) * 31) % 256),
  );
  const bad = samples(4, D_IN).with(9, NaN);
  const infinite = samples(4, D_IN).with(9, Infinity);

  interface Case {
    readonly args: readonly string[];
    readonly code: 1 | 2;
    /** What the message must name: file, expected, found. */
    readonly says: readonly (string | RegExp)[];
    readonly files?: (
      model: Uint8Array,
      data: Uint8Array,
    ) => Promise<Record<string, Uint8Array>> | Record<string, Uint8Array>;
  }

  const withModel = (change: (model: ReturnType<typeof graph>) => ReturnType<typeof graph>) => async () => {
    const { writeModel } = await import('@edjm/onnx-autodiff');
    return { 'bad.onnx': writeModel(change(graph())) };
  };
  const badModel = ['analyze', 'bad.onnx', '--data', 'data.npy'];
  const badData = ['analyze', 'model.onnx', '--data', 'bad.npy'];

  const cases: Record<string, Case> = {
    'a missing model': {
      args: ['analyze', 'none.onnx', '--data', 'data.npy'],
      code: 1,
      says: ['none.onnx', 'no file'],
    },
    'missing data': {
      args: ['analyze', 'model.onnx', '--data', 'none.npy'],
      code: 1,
      says: ['none.npy', 'expected'],
    },
    'a folder as model': {
      args: ['analyze', '.', '--data', 'data.npy'],
      code: 1,
      says: ['expected', 'folder'],
    },
    'a truncated model': {
      args: badModel,
      code: 1,
      says: ['bad.onnx', 'expected', 'truncated'],
      files: (model) => ({ 'bad.onnx': truncated(model) }),
    },
    'random bytes as model': {
      args: badModel,
      code: 1,
      says: ['bad.onnx', 'expected'],
      files: () => ({ 'bad.onnx': random }),
    },
    'an empty model': {
      args: badModel,
      code: 1,
      says: ['bad.onnx', '0 bytes'],
      files: () => ({ 'bad.onnx': new Uint8Array() }),
    },
    'truncated data': {
      args: badData,
      code: 1,
      says: ['bad.npy', 'expected', 'got'],
      files: (_, data) => ({ 'bad.npy': truncated(data) }),
    },
    'random bytes as data': {
      args: badData,
      code: 1,
      says: ['bad.npy', 'expected'],
      files: () => ({ 'bad.npy': random }),
    },
    'random bytes behind a gzip header': {
      args: ['analyze', 'model.onnx', '--data', 'bad.gz'],
      code: 1,
      says: ['bad.gz', 'expected'],
      files: () => ({ 'bad.gz': Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), random]) }),
    },
    'an operator that is not covered': {
      args: badModel,
      code: 1,
      says: ['NonMaxSuppression', 'strange', 'The rest of the graph is fine'],
      files: withModel((model) => ({
        ...model,
        nodes: model.nodes.map((node) =>
          node.opType === 'Relu' ? { ...node, opType: 'NonMaxSuppression', name: 'strange' } : node,
        ),
      })),
    },
    'several inputs': {
      args: badModel,
      code: 2,
      says: ['bad.onnx', '"input"', '"second"', '--input'],
      files: withModel((model) => ({
        ...model,
        inputs: [...model.inputs, { name: 'second', elementType: 'float32', shape: ['batch', 1] }],
      })),
    },
    'several outputs': {
      args: badModel,
      code: 2,
      says: ['bad.onnx', '"output"', '--output'],
      files: withModel((model) => ({
        ...model,
        outputs: [...model.outputs, { name: model.nodes[1]?.outputs[0] ?? '', elementType: 'float32' }],
      })),
    },
    'data of the wrong width': {
      args: badData,
      code: 1,
      says: ['bad.npy', '6', '7'],
      files: () => ({ 'bad.npy': npy([4, 7], new Uint8Array(samples(4, 7).buffer)) }),
    },
    'data of the wrong type': {
      args: badData,
      code: 1,
      says: ['bad.npy', 'expected', 'c8'],
      files: () => ({ 'bad.npy': npy([4, 3], new Uint8Array(96), '<c8') }),
    },
    'NaN in the data': {
      args: badData,
      code: 1,
      says: ['bad.npy', 'NaN', 'row 1', 'column 3'],
      files: () => ({ 'bad.npy': npy([4, D_IN], new Uint8Array(bad.buffer)) }),
    },
    'infinity in the data': {
      args: badData,
      code: 1,
      says: ['bad.npy', 'Infinity', 'row 1'],
      files: () => ({ 'bad.npy': npy([4, D_IN], new Uint8Array(infinite.buffer)) }),
    },
    'zero rows': {
      args: badData,
      code: 1,
      says: ['bad.npy', 'at least one sample'],
      files: () => ({ 'bad.npy': npy([0, D_IN], new Uint8Array()) }),
    },
    'an unknown metric': {
      args: [...analyzeArgs, '--metric', 'edjm-scope'],
      code: 2,
      says: ['--metric: expected a metric among edjm-score', 'got "edjm-scope". Did you mean edjm-score?'],
    },
    'a metric of no known name': {
      args: [...analyzeArgs, '--metric', 'wobble'],
      code: 2,
      says: ['got "wobble". Name one of them', 'edjm metrics', './metric.js', 'package.json'],
    },
    'a colon without options behind it': {
      args: [...analyzeArgs, '--metric', 'edjm-score:'],
      code: 2,
      says: ['--metric edjm-score:: expected option=value behind the colon, got nothing'],
    },
    'a metric in a folder, which is no file': {
      args: [...analyzeArgs, '--metric', './'],
      code: 1,
      says: ['--metric ./: expected a file of JavaScript, got something else'],
    },
    'a metric in a file that is not there': {
      args: [...analyzeArgs, '--metric', './nothing.mjs'],
      code: 1,
      says: ['--metric ./nothing.mjs: expected a file of JavaScript, got none'],
    },
    'a metric of a package that is listed but not installed': {
      args: [...analyzeArgs, '--metric', 'count'],
      code: 1,
      says: ['--metric count: expected the package edjm-metric-count', 'npm install'],
      files: () => ({ 'package.json': Buffer.from('{ "dependencies": { "edjm-metric-count": "1" } }') }),
    },
    'a damaged package.json where a package is asked for': {
      args: [...analyzeArgs, '--metric', 'count'],
      code: 1,
      says: ['package.json: expected the file of a package'],
      files: () => ({ 'package.json': Buffer.from('{') }),
    },
    'an unknown option of a metric': {
      args: [...analyzeArgs, '--metric', 'edjm-score:percent=95'],
      code: 2,
      says: ['--metric edjm-score:percent=95: expected', 'each of percentile, of, rule', 'got "percent=95"'],
    },
    'an option of a metric without a value': {
      args: [...analyzeArgs, '--metric', 'edjm-score:of'],
      code: 2,
      says: ['each of percentile, of, rule at most once, got "of"'],
    },
    'an option of a metric out of its range': {
      args: [...analyzeArgs, '--metric', 'edjm-score:percentile=150'],
      code: 2,
      says: ['--metric edjm-score:percentile=150: expected a percentile of 0', 'got 150'],
    },
    'a word that an option of a metric does not know': {
      args: [...analyzeArgs, '--metric', 'edjm-score:of=some'],
      code: 2,
      says: ['of: expected all or nonzero, got "some"'],
    },
    'an option of a metric that has none': {
      args: [...analyzeArgs, '--metric', 'stable-rank:percentile=95'],
      code: 2,
      says: ['--metric stable-rank:percentile=95: expected no options, got "percentile=95"'],
    },
    'a metric twice': {
      args: [...analyzeArgs, '--metric', 'edjm-score', '--metric', 'edjm-score:of=nonzero'],
      code: 2,
      says: ['--metric: expected each metric once, got edjm-score twice'],
    },
    'an unknown output': { args: [...analyzeArgs, '--outputs', '0,3'], code: 2, says: ['from 0 to 2', '3'] },
    'outputs that are no list': {
      args: [...analyzeArgs, '--outputs', '3-1'],
      code: 2,
      says: ['--outputs', '3-1'],
    },
    'an unknown output kind': {
      args: [...analyzeArgs, '--output-kind', 'logits'],
      code: 2,
      says: ['logits', 'logit, probability, log-probability'],
    },
    'a memory limit below what the program holds': {
      args: [...analyzeArgs, '--max-memory', '1MB'],
      code: 1,
      says: [/expected a memory limit above the \d+ MB/],
    },
    'no data': { args: ['analyze', 'model.onnx'], code: 2, says: ['--data'] },
    'an unknown option': { args: [...analyzeArgs, '--fast'], code: 2, says: ['--fast'] },
    'threads that no machine has': {
      args: [...analyzeArgs, '--threads', '100000'],
      code: 2,
      says: ['expected a number of threads from 1 to 1024, got 100000'],
    },
    'numbers beyond float32': {
      args: badData,
      code: 1,
      says: ['bad.npy', 'expected numbers within float32, got 1e+60 in sample'],
      files: () => ({
        'bad.npy': npy(
          [4, D_IN],
          new Uint8Array(Float64Array.from(bad, (x) => (x > 0 ? x : 1e60)).buffer),
          '<f8',
        ),
      }),
    },
    'an accuracy of a method that promises none': {
      args: [...analyzeArgs, '--method', 'frequent-directions', '--accuracy', '1e-4'],
      code: 2,
      says: ['method frequent-directions expected no accuracy', 'got 0.0001'],
    },
    'a folder below a file': {
      args: [...analyzeArgs, '--out', 'data.npy/results'],
      code: 1,
      says: ['data.npy/results', 'expected a folder that can be written to'],
    },
    'a folder without a name': { args: [...analyzeArgs, '--out', ''], code: 2, says: ['got an empty name'] },
    'a folder in the name of a result': {
      args: [...analyzeArgs, '--out', '.'],
      code: 2,
      says: ['expected a place for spectrum.svg, got a folder of that name'],
      files: () => ({ 'spectrum.svg/other': new Uint8Array() }),
    },
    'a file where the results should go': {
      args: [...analyzeArgs, '--out', 'data.npy'],
      code: 2,
      says: ['data.npy', 'expected a folder'],
    },
  };

  it.each(Object.entries(cases))('%s', async (_, { args, code, says, files }) => {
    await using folder = await testFolder();
    const [model, data] = [
      await readFile(join(folder.path, 'model.onnx')),
      await readFile(join(folder.path, 'data.npy')),
    ];
    for (const [name, content] of Object.entries((await files?.(model, data)) ?? {})) {
      await mkdir(dirname(join(folder.path, name)), { recursive: true });
      await writeFile(join(folder.path, name), content);
    }
    const before = await readdir(folder.path);
    const result = await edjm(folder.path, args.includes('--out') ? args : [...args, '--out', 'results']);
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: '' });
    for (const part of says) expect(result.stderr).toMatch(part);
    // Commander adds a hint on a line of its own.
    expect(result.stderr.trim().split('\n').length).toBeLessThanOrEqual(
      result.stderr.includes('--help') ? 3 : 1,
    );
    expect(await readdir(folder.path)).toEqual(before);
  });

  it.skipIf(!existsSync('/dev/full'))('a full disk behind standard output (needs /dev/full)', async () => {
    await using folder = await testFolder();
    await using full = await open('/dev/full', 'w');
    for (const options of [['--json'], ['--explain'], []]) {
      const result = await edjmProcess(folder.path, [...analyzeArgs, ...options], { stdout: full.fd });
      expect(result).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(
          /^(warning: .*\n)?error: standard output: expected a place that can be written to, got: ENOSPC.*\. Choose another\.\n$/,
        ) as string,
      });
    }
  });
});
