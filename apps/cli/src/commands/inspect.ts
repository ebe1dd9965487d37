import type { ModelInspection, ModelTensor, OperatorDerivative } from '@edjm/core';
import { openNetwork } from '@edjm/network';
import type { RunOptions } from '../commandLine/runOptions.ts';
import type { Shell } from '../commandLine/shell.ts';
import { openModelFile } from '../model/modelFile.ts';
import { wrapped } from '../output/wrapped.ts';

/** Options of `inspect`. */
export type InspectOptions = Pick<
  RunOptions,
  'input' | 'output' | 'inputShape' | 'batchAxis' | 'map' | 'json'
>;

/** `edjm inspect MODEL`: what a model consists of, without data and without an engine. */
export async function inspectCommand(
  path: string,
  options: InspectOptions,
  { stdout }: Shell,
): Promise<void> {
  const inspection = await inspected(path, options);
  if (options.json === true) {
    stdout.write(`${JSON.stringify(inspection, undefined, 2)}\n`);
    return;
  }
  const width = Math.min(stdout.columns ?? 100, 120);
  const text = lines(inspection).map(({ indent, line }) => wrapped(line, { width, indent }));
  stdout.write(`${text.join('\n')}\n`);
}

async function inspected(path: string, options: InspectOptions): Promise<ModelInspection> {
  const { map = {}, input, output, inputShape, batchAxis } = options;
  const { kind } = await openModelFile(path);
  if (kind === 'tfjs') return (await import('@edjm/backend-tfjs')).inspectTfjs(path);
  const source = kind === 'description' ? await openNetwork(path, { map }) : path;
  const { inspectOnnx } = await import('@edjm/backend-onnx');
  return inspectOnnx(source, { input, output, inputShape, batchAxis });
}

/** A line, and how far it stands to the right. */
interface Line {
  readonly indent: number;
  readonly line: string;
}

const derivatives: Record<OperatorDerivative, string> = {
  yes: '',
  zero: ': a step, whose derivative is 0',
  'straight-through': ': rounds, differentiated with --straight-through',
  none: ': no derivative, may only stand beside the way from the input to the output',
  unsupported: ': not supported',
};

function lines({
  name,
  inputs,
  outputs,
  tensors,
  operators,
  parameters,
  head,
  problem,
}: ModelInspection): readonly Line[] {
  const section = (title: string, items: readonly string[]): readonly Line[] =>
    items.length === 0
      ? []
      : [{ indent: 0, line: `${title}:` }, ...items.map((line) => ({ indent: 2, line }))];
  const { count, tensors: arrays, bytes } = parameters;
  return [
    {
      indent: 0,
      line: `${name}: ${count.toLocaleString('en')} parameters in ${String(arrays)} tensors, ${megabytes(bytes)}${head?.at === undefined ? '' : `, ends in ${head.at}`}`,
    },
    ...section('inputs', inputs.map(tensorText)),
    ...section('outputs', outputs.map(tensorText)),
    ...section('for --input and --output', tensors.filter(({ asInput }) => asInput).map(tensorText)),
    ...section(
      'for --output',
      tensors.filter(({ asInput, asOutput }) => asOutput && !asInput).map(tensorText),
    ),
    ...section(
      operators.some(({ derivative }) => derivative !== undefined) ? 'operators' : 'layers or operators',
      operators.map(
        (operator) =>
          `${String(operator.count)} ${operator.name}${operator.derivative === undefined ? '' : derivatives[operator.derivative]}`,
      ),
    ),
    ...(problem === undefined ? [] : [{ indent: 0, line: `to analyze it: ${problem}` }]),
  ];
}

function tensorText({ name, elementType, shape }: ModelTensor): string {
  const sizes = shape === undefined ? '' : ` [${shape.map((size) => String(size ?? '?')).join(', ')}]`;
  return `${name}${elementType === undefined || elementType === '' ? '' : ` ${elementType}`}${sizes}`;
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
