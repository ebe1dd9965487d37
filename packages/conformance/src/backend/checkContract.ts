import type { DenseMatrix, DifferentiableNetwork } from '@edjm/core';
import { dense, inferShapes, type Network, softmax, valueCount } from '@edjm/network';
import { assert, assertClose, assertEqual, assertRefused } from '../assertions.ts';
import { drawFrom } from '../reference/draw.ts';
import type { Loaded } from './loaded.ts';
import { copy } from '../reference/matrices.ts';

/** Shapes, names and sizes are those of the loaded network. */
export function checkDescription({ network, reference }: Loaded): Promise<void> {
  const { inputShape, layers } = reference.network;
  const dOut = valueCount(inferShapes({ name: '', inputShape, layers }).at(-1) ?? []);
  assertEqual(network.inputShape.join(' × '), inputShape.join(' × '), 'inputShape');
  assertEqual(network.sampleSize, valueCount(inputShape), 'sampleSize');
  assertEqual(network.dIn, network.sampleSize, 'dIn');
  assertEqual(network.dOut, dOut, 'dOut');
  assertEqual(network.outputKind, reference.outputKind, 'outputKind');
  assert(network.name !== '', 'name: expected a text, got none');
  assert(
    Number.isSafeInteger(network.preferredBatchSize) && network.preferredBatchSize > 0,
    `preferredBatchSize: expected a positive integer, got ${network.preferredBatchSize}`,
  );
  const [one, moreSamples, moreOutputs] = [
    network.workspaceBytes(1, 1, 'rows'),
    network.workspaceBytes(1000, 1, 'rows'),
    network.workspaceBytes(1, dOut, 'rows'),
  ];
  assert(
    one > 0 && one < moreSamples && one <= moreOutputs && Number.isFinite(moreSamples + moreOutputs),
    `workspaceBytes: expected bytes that grow with samples and outputs, got ${one} for one sample and output, ` +
      `${moreSamples} for 1000 samples, ${moreOutputs} for ${dOut} outputs`,
  );
  return Promise.resolve();
}

/** The same values give the same numbers, also with other calls between, and as float64. */
export async function checkDeterminism({ network, reference: { batch } }: Loaded): Promise<void> {
  const cotangents = drawFrom(1).matrix(batch.rows, network.dOut);
  const other = drawFrom(2).matrix(batch.rows + 1, network.sampleSize);
  const outputs = copy(await network.forward(batch));
  const rows = copy(await network.vjp(batch, cotangents));
  await network.forward(other);
  assertClose({ got: await network.forward(batch), expected: outputs }, 0, 'forward, second call');
  const float64 = { ...batch, data: Float64Array.from(batch.data) };
  assertClose({ got: await network.forward(float64), expected: outputs }, 0, 'forward of a Float64Array');
  assertClose({ got: await network.vjp(batch, cotangents), expected: rows }, 0, 'vjp, second call');
}

/** The outputs and rows of a sample are the same alone, at another place, and among other samples. */
export async function checkSamplesApart({ network, tolerance }: Loaded): Promise<void> {
  const { sampleSize, dOut } = network;
  const sample = drawFrom(3).matrix(1, sampleSize);
  const cotangent = drawFrom(4).matrix(1, dOut);
  const outputs = copy(await network.forward(sample));
  const rows = copy(await network.vjp(sample, cotangent));
  for (const [place, scale] of [
    [0, 1],
    [2, 100],
  ] as const) {
    const among = placed(sample, { place, others: drawFrom(5).matrix(3, sampleSize), scale });
    const cotangents = placed(cotangent, { place, others: drawFrom(6).matrix(3, dOut), scale });
    const what = `at place ${place} among 3 samples`;
    const [found, products] = [await network.forward(among), copy(await network.vjp(among, cotangents))];
    assertClose({ got: rowOf(found, place), expected: outputs }, tolerance, `forward of a sample ${what}`);
    assertClose({ got: rowOf(products, place), expected: rows }, tolerance, `vjp of a sample ${what}`);
  }
}

interface Placement {
  readonly place: number;
  readonly others: DenseMatrix;
  readonly scale: number;
}

/** Other rows with one in their midst. */
function placed(row: DenseMatrix, { place, others, scale }: Placement): DenseMatrix {
  const data = Float32Array.from(others.data, (value) => scale * value);
  data.set(row.data, place * row.columns);
  return { ...others, data };
}

function rowOf({ columns, data }: DenseMatrix, row: number): DenseMatrix {
  return { rows: 1, columns, data: data.slice(row * columns, (row + 1) * columns) };
}

/** With the same parameters it gives the same outputs, with weights and biases of 0 its rows are 0, and it stays as it is itself. */
export async function checkReparameterized({
  network,
  reference: { batch },
  tolerance,
}: Loaded): Promise<void> {
  if (network.reparameterized === undefined) return;
  const outputs = copy(await network.forward(batch));
  const roles: string[] = [];
  await using same = await network.reparameterized(({ role, data }) => {
    roles.push(role);
    return data;
  });
  assert(
    roles.includes('weight'),
    `parameters: expected some of the role 'weight', got ${roles.join(', ') || 'none'}`,
  );
  assertClose(
    { got: await same.forward(batch), expected: outputs },
    tolerance,
    'forward with the same parameters',
  );
  await using zero = await network.reparameterized(({ role, data }) =>
    role === 'weight' || role === 'bias' ? data.map(() => 0) : undefined,
  );
  const cotangents = drawFrom(7).matrix(batch.rows, network.dOut);
  const none = { ...zeros(batch.rows, network.dIn) };
  assertClose({ got: await zero.vjp(batch, cotangents), expected: none }, tolerance, 'vjp with weights of 0');
  assertClose({ got: await network.forward(batch), expected: outputs }, tolerance, 'forward afterwards');
}

/** Patterns have a row for each sample, the same every time, and stay apart. */
export async function checkPatterns({ network, reference: { batch } }: Loaded): Promise<void> {
  const patterns = await network.activationPatterns?.(batch);
  if (patterns === undefined) return;
  const { rows, columns, data } = patterns;
  assertEqual(rows, batch.rows, 'activationPatterns, rows');
  assertEqual(data.length, rows * columns, 'activationPatterns, length of the array');
  const first = { ...batch, rows: 1, data: batch.data.slice(0, batch.columns) };
  const alone = await network.activationPatterns?.(first);
  assertEqual(
    [...(alone?.data ?? [])].join(),
    [...data.subarray(0, columns)].join(),
    'activationPatterns of a sample alone',
  );
}

/** Matrices that do not fit are refused with `SHAPE_MISMATCH`. */
export async function checkShapeErrors({ network, reference: { batch } }: Loaded): Promise<void> {
  const { sampleSize, dOut } = network;
  const n = batch.rows;
  const wide = zeros(n, sampleSize + 1);
  const cases: Record<string, () => Promise<unknown>> = {
    'forward of a batch that is too wide': () => network.forward(wide),
    'forward of a batch that is too narrow': () => network.forward(zeros(n, sampleSize - 1)),
    'forward of a batch whose array is too short': () =>
      network.forward({ rows: n, columns: sampleSize, data: new Float32Array(n * sampleSize - 1) }),
    'forward of no samples': () => network.forward(zeros(0, sampleSize)),
    'vjp of a batch that is too wide': () => network.vjp(wide, zeros(n, dOut)),
    'vjp with cotangents that are too wide': () => network.vjp(batch, zeros(n, dOut + 1)),
    'vjp with a cotangent too few': () => network.vjp(batch, zeros(n - 1, dOut)),
  };
  for (const [what, call] of Object.entries(cases)) await assertRefused(call, what, 'SHAPE_MISMATCH');
}

/** Outputs that do not exist are refused with `INVALID_ARGUMENT`, by the calls that the network has. */
export async function checkOutputErrors({ network, reference: { batch } }: Loaded): Promise<void> {
  for (const outputs of [[network.dOut], [-1], [0.5], [0, 0], []]) {
    const what = `[${outputs.join(', ')}]`;
    if (network.jacobian) {
      const call = async () => network.jacobian?.(batch, outputs);
      await assertRefused(call, `jacobian of the outputs ${what}`, 'INVALID_ARGUMENT');
    }
    if (network.gram) {
      const call = async () => network.gram?.(batch, outputs);
      await assertRefused(call, `gram of the outputs ${what}`, 'INVALID_ARGUMENT');
    }
  }
}

/** `dispose` may be called twice; every other call is refused afterwards. */
export async function checkDisposal({ network, reference: { batch } }: Loaded): Promise<void> {
  await network.forward(batch);
  await network.dispose();
  await network.dispose();
  await network[Symbol.asyncDispose]();
  await assertRefused(() => network.forward(batch), 'forward after dispose');
  await assertRefused(() => network.vjp(batch, zeros(batch.rows, network.dOut)), 'vjp after dispose');
}

/** Without options, a final softmax is left off. */
export async function checkDefaultOutputKind(
  load: (network: Network) => Promise<DifferentiableNetwork>,
): Promise<void> {
  const identity = dense({ weight: { shape: [2, 2], data: Float32Array.of(1, 0, 0, 1) } });
  const network = await load({ name: 'classifier', inputShape: [2], layers: [identity, softmax()] });
  try {
    assertEqual(network.outputKind, 'logit', 'outputKind');
    const batch = { rows: 1, columns: 2, data: Float32Array.of(0.5, -2) };
    assertClose({ got: await network.forward(batch), expected: batch }, 1e-6, 'forward');
  } finally {
    await network.dispose();
  }
}

function zeros(rows: number, columns: number): DenseMatrix {
  return { rows, columns, data: new Float32Array(rows * columns) };
}
