import { readdir } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { edjm, testFolder } from '../fixture.ts';
import { writeAwkwardFiles } from './awkwardFiles.ts';

/** A command line behind `analyze model.onnx --data data.npy`, or a whole one behind `edjm`; and what its message says. */
type Line = readonly [string, ...string[]];

const options: readonly Line[] = [
  ['--engine cpu', '.onnx files, such as onnx, got cpu', 'Leave --engine out'],
  ['--engine cpu,cpu', 'expected each engine once, got cpu twice'],
  ['--engine onnx --engine onnx', 'expected each engine once, got onnx twice'],
  ['--engine torch', 'expected engines among onnx', 'got "torch"'],
  ['--engine tfjs:gpu', 'tfjs:wasm', 'got "tfjs:gpu"'],
  ['--engine onnx,', 'got ""'],
  ['--engine onnx:nope', 'no provider of that name', 'Choose one of those'],
  ['--input-shape 5,5', 'fits [6] for the input "input", got [5, 5]', 'Correct --input-shape'],
  ['--input-shape 3,2', 'got [3, 2]'],
  ['--input-shape input=5', 'got [5]'],
  ['--input-shape nope=6', 'among "input", got one for "nope"', '--input-shape NAME=SHAPE'],
  ['--input-shape 0', 'expected a shape such as 3,32,32'],
  ['--input-shape a,b', 'got "a,b"'],
  ['--batch-axis 1', 'If the batch stands on another axis, say which by --batch-axis AXIS'],
  ['--batch-axis 7', 'expected a batch axis from 0 to 1', 'got 7', '--batch-axis AXIS'],
  ['--batch-axis -1', 'got "-1"'],
  ['--input nope', 'real numbers "input", "gemm_0", "relu_1", got "nope"', '--input NAME'],
  ['--output nope', 'real numbers "output", "gemm_2", "relu_1", "gemm_0", got "nope"', '--output NAME'],
  ['--output input', '"output", "gemm_2", "relu_1", "gemm_0", got "input"', '--output NAME'],
  ['--fix nope=1', 'among "input", got one for "nope"', '--fix NAME=VALUE'],
  ['--fix input=1', 'got fixed values for all: "input"', '--fix NAME=VALUE'],
  ['--fix input=none.npy', 'a number, or a file', 'got "none.npy"'],
  ['--fix input', 'expected NAME=VALUE, got "input"'],
  ['--metric edjm-scope', 'Did you mean edjm-score?'],
  ['--metric edjm-score:', 'expected option=value behind the colon'],
  ['--metric edjm-score:percentile=', 'expected a number, got ""'],
  ['--outputs 9', 'from 0 to 2, got 9'],
  ['--outputs a', 'such as 0,7,10-19, got "a"'],
  ['--outputs 0,0', 'expected every index once'],
  ['--output-kind logits', 'logit, probability, log-probability'],
  ['--jacobian-of raw --input input', 'Leave one of the two out'],
  ['--accuracy 0', 'between 0 and 1, got 0'],
  ['--accuracy x', 'expected a number, got "x"'],
  ['--accuracy 1e-20', 'got 1e-20'],
  ['--method nope', 'expected one of dual, gram', 'got "nope"'],
  ['--method gram --accuracy 1e-12', 'Take another method'],
  ['--values 0', 'above 0, got "0"'],
  ['--batch-size 1.5', 'a whole number above 0, got "1.5"'],
  ['--max-memory 1MB', 'Raise --max-memory'],
  ['--max-memory lots', 'such as 600MB or 4GB, got "lots"'],
  ['--threads 100000', 'from 1 to 1024, got 100000'],
  ['--array x', 'expected an .npz archive for --array'],
  ['--limit 0', 'got "0"'],
  ['--scale 0', 'other than 0 as --scale'],
  ['--std 0', 'other than 0 as --std'],
  ['--mean x', 'got "x"'],
  ['--out data.npy', 'expected a folder, got a file'],
  ['--fast', "unknown option '--fast'"],
];

const commands: readonly Line[] = [
  ['analyse model.onnx --data data.npy', 'Did you mean analyze?'],
  ['analyze model.onnx', '--data <source>'],
  ['analyze none.onnx --data data.npy', 'got no file. Check the path'],
  ['analyze http://x.org/a.onnx --data data.npy', 'Download the model first'],
  ['analyze data.npy --data data.npy', 'expected an ONNX model'],
  ['analyze model.onnx --data model.onnx', 'Save the samples with numpy.save'],
  ['analyze model.onnx --data sample:nope', "got 'nope'. Name sample:digits"],
  ['analyze model.onnx --data sample:digits', 'got 784', 'Give data of that width'],
  ['analyze model.onnx --data wide.npy', 'got 7', 'Give data of that width'],
  ['analyze model.onnx --data columns.npy', 'got 40', 'save it transposed'],
  ['analyze model.onnx --data nan.npy', 'NaN in row 1, column 3'],
  ['analyze model.onnx --data words.npy', "got text ('<U1')", "Save x.astype('float32')"],
  ['analyze alone.json --data data.npy', 'expected the weights of alone.json'],
  ['analyze small.safetensors --data data.npy', 'got weights alone', 'small.json beside it'],
  ['analyze renamed.json --data data.npy', 'tensor "0.weight"', 'got none', '--map LAYER=NAME'],
  ['analyze renamed.json --data data.npy --map 9=fc1', 'among 0.weight, 0.bias', 'got "9"'],
  ['analyze renamed.json --data data.npy --map 0=fc1 --map 2=fc1', 'got "fc1.weight" twice'],
  ['analyze renamed.json --data data.npy --map 0=fc1 --map 0=fc2', 'expected a name for 0 once'],
  ['analyze renamed.json --data data.npy --map 0=nope', 'tensors fc1.weight, fc1.bias', 'got "nope.weight"'],
  ['analyze model.onnx --data data.npy --map 0=fc1', 'expected a description', '--map', 'Leave it out'],
  ['analyze small.json --data data.npy --engine cpu --input x', 'got --input for cpu. Leave it out'],
  ['analyze two.onnx --data data.npy', '"input", "second"', '--input NAME', 'given by --fix NAME=VALUE'],
  ['analyze two.onnx --data data.npy --input nope', 'real numbers "input", "gemm_0"', 'got "nope"'],
  ['analyze many.onnx --data data.npy', '"output", "gemm_0". Choose one by --output NAME'],
  ['analyze misfit.onnx --data data.npy', 'got [2, 5] and [8, 6]. Check the shapes', '--input-shape'],
  [
    'analyze open.onnx --data data.npy',
    'and samples of the shape [6]. Give',
    'sample by --input-shape SHAPE',
  ],
  ['analyze erf64.onnx --data data.npy', 'has no float64 Erf here: export the network in float32'],
  ['analyze half.onnx --data data.npy', 'got float16', 'Export the network in float32'],
  ['analyze truth.onnx --data data.npy', 'got bool for "y"', '--output NAME, such as "r"'],
  ['analyze mixed.onnx --data data.npy --input q', 'real numbers "x", "h", got "q"'],
  ['analyze mixed.onnx --data data.npy --output q', 'real numbers "y", "h", got "q"'],
  ['analyze infinite.onnx --data zero.npy --method gram', 'at sample 33, input 2', 'Leave those samples out'],
  ['analyze infinite.onnx --data zero.npy --method tsqr', 'at sample 33, input 2', 'Leave those samples out'],
  ['train small.json --data data.npy', 'got no --labels'],
  ['doctor nope', 'got 1'],
];

/** Flags that the help of the command and of its commands names. */
async function knownFlags(folder: string): Promise<ReadonlySet<string>> {
  const texts = ['', 'analyze', 'compare', 'train', 'doctor', 'metrics'].map((name) =>
    edjm(folder, [...(name === '' ? [] : [name]), '--help']),
  );
  const help = (await Promise.all(texts)).map(({ stdout }) => stdout).join();
  return new Set(help.match(/--[a-z][\w-]*/g));
}

describe('messages', () => {
  let flags: ReadonlySet<string>;
  beforeAll(async () => {
    flags = await knownFlags('.');
  });

  const lines = [
    ...options.map(([line, ...says]) => [`analyze model.onnx --data data.npy ${line}`, says] as const),
    ...commands.map(([line, ...says]) => [line, says] as const),
  ];

  it.each(lines)('%s', async (line, says) => {
    await using folder = await testFolder();
    await writeAwkwardFiles(folder.path);
    const before = await readdir(folder.path);
    const args = line.startsWith('analyze') && !line.includes('--out ') ? [line, '--out results'] : [line];
    const { code, stdout, stderr } = await edjm(folder.path, args.join(' ').split(' '));
    expect([1, 2], stderr).toContain(code);
    expect(stdout).toBe('');
    expect(await readdir(folder.path)).toEqual(before);
    for (const part of says) expect(stderr).toContain(part);
    // The hint of a usage error at the help has lines of its own.
    const [message = '', ...hints] = stderr.trim().split('\n');
    expect(hints.every((hint) => hint.startsWith('('))).toBe(true);
    expect(message).toMatch(/^error: .*(expected|Expected|Allowed choices|unknown|required option)/);
    if (hints.length === 0) expect(message, 'advice').toMatch(/[.?:;] [A-Z].*\S$/);
    expect(message, "the library's name of an option").not.toMatch(/\boption '[a-z]+[A-Z]?[a-z]*'(?! )/);
    const named = message.match(/(?<![\w'])--[a-z][\w-]*/g) ?? [];
    expect(named.filter((flag) => flag !== '--fast' && !flags.has(flag))).toEqual([]);
  });

  it('a file of weights with other names is read by --map', async () => {
    await using folder = await testFolder();
    await writeAwkwardFiles(folder.path);
    const report = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await edjm(folder.path, [
        ...['analyze', ...args, '--data', 'data.npy', '--json'],
      ]);
      expect(code, stderr).toBe(0);
      return (JSON.parse(stdout) as { readonly outputs: unknown }).outputs;
    };
    const expected = await report('small.json');
    expect(await report('renamed.json', '--map', '0=fc1', '--map', '2=head')).toEqual(expected);
    const single = ['0.weight=fc1.weight', '0.bias=fc1.bias', '2=head'].flatMap((pair) => ['--map', pair]);
    expect(await report('renamed.json', ...single, '--engine', 'onnx')).toEqual(expected);
  });

  it('an output whose type the file leaves open gets it from the nodes', async () => {
    await using folder = await testFolder();
    await writeAwkwardFiles(folder.path);
    const run = await edjm(folder.path, ['analyze', 'untyped.onnx', '--data', 'data.npy', '--json']);
    expect(run.code, run.stderr).toBe(0);
  });
});
