import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { writeModel, type Graph, type Tensor } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { edjm, npy, samples, testFolder } from '../fixture.ts';

/** An .npz archive of float32 arrays, stored as they are. */
function npz(arrays: Readonly<Record<string, readonly [readonly number[], Float32Array]>>): Buffer {
  const members: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const [array, [shape, values]] of Object.entries(arrays)) {
    const content = npy(shape, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    const name = Buffer.from(`${array}.npy`);
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt32LE(crc32(content), 10);
    about.writeUInt32LE(content.length, 14);
    about.writeUInt32LE(content.length, 18);
    about.writeUInt16LE(name.length, 22);
    members.push(Buffer.from('PK\x03\x04', 'latin1'), about, name, content);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    entries.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), about, place, name);
    offset += 30 + name.length + content.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  const count = Object.keys(arrays).length;
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...members, directory, end]);
}

function tensor(shape: readonly number[], values: readonly number[]): Tensor {
  return {
    elementType: 'float32',
    shape,
    bytes: new Uint8Array(Float32Array.from(values).buffer),
  };
}

/**
 * y = (W₁ a) ⊙ (W₂ b), with a and b of three values: ∂y/∂a at (a, b) is diag(W₂ b) W₁, and differs from what swapped inputs give.
 */
function product(names: readonly [string, string]): Graph {
  const w1 = [1, 0.5, -1, 2, 0.25, 3];
  const w2 = [0.5, -2, 1, 1, 4, -0.5];
  const input = (name: string) => ({ name, elementType: 'float32', shape: [undefined, 3] }) as const;
  return {
    name: 'product',
    irVersion: 8,
    opsets: new Map([['', 17]]),
    inputs: names.map(input),
    outputs: [{ name: 'y', elementType: 'float32', shape: [undefined, 2] }],
    initializers: new Map([
      ['w1', tensor([3, 2], w1)],
      ['w2', tensor([3, 2], w2)],
    ]),
    nodes: [
      { opType: 'MatMul', domain: '', name: '', inputs: [names[0], 'w1'], outputs: ['p'], attributes: {} },
      { opType: 'MatMul', domain: '', name: '', inputs: [names[1], 'w2'], outputs: ['q'], attributes: {} },
      { opType: 'Mul', domain: '', name: '', inputs: ['p', 'q'], outputs: ['y'], attributes: {} },
    ],
  };
}

/** Closed form: the singular values of the rows (W₂ᵀ b)_k w₁ₖ are ‖(W₂ᵀ b)_k over samples‖ ‖w₁ₖ‖, and zeros. */
function expected(b: Float32Array, k: number): number {
  const [w1, w2] = [
    [
      [1, -1, 0.25],
      [0.5, 2, 3],
    ],
    [
      [0.5, 1, 4],
      [-2, 1, -0.5],
    ],
  ] as const;
  let sum = 0;
  for (let i = 0; i < b.length; i += 3) {
    const q = w2[k]!.reduce((total, w, j) => total + w * b[i + j]!, 0);
    sum += q * q;
  }
  return Math.sqrt(sum) * Math.hypot(...w1[k]!);
}

/** The largest singular value of an output. */
function largest({ outputs }: Result, k: number): number {
  return outputs[k]?.singularValues[0] ?? NaN;
}

interface Result {
  readonly outputs: readonly { readonly singularValues: readonly number[] }[];
}

describe('arrays of an archive for several inputs', () => {
  const a = samples(20, 3).map((x) => x + 0.3);
  const b = samples(20, 3).map((x, at) => x * (1 + (at % 3)));

  async function folder() {
    const at = await testFolder();
    await writeFile(join(at.path, 'left-right.onnx'), writeModel(product(['left', 'right'])));
    await writeFile(join(at.path, 'ids-mask.onnx'), writeModel(product(['input_ids', 'attention.mask'])));
    const left = [[20, 3], a] as const;
    const right = [[20, 3], b] as const;
    await writeFile(join(at.path, 'both.npz'), npz({ right, labels: [[20, 1], a.slice(0, 20)], left }));
    await writeFile(
      join(at.path, 'tokens.npz'),
      npz({ 'attention.mask': right, input_ids: left, ids: right }),
    );
    await writeFile(join(at.path, 'other.npz'), npz({ x: left, y: right }));
    return at;
  }

  it.each([
    ['left-right.onnx', 'both.npz', 'left', ['--array', 'right,left']],
    ['left-right.onnx', 'both.npz', 'left', ['--array', 'left,right']],
    ['left-right.onnx', 'both.npz', 'left', []],
    ['ids-mask.onnx', 'tokens.npz', 'input_ids', ['--array', 'attention.mask,input_ids']],
    ['ids-mask.onnx', 'tokens.npz', 'input_ids', []],
    ['left-right.onnx', 'other.npz', 'left', ['--array', 'x,y']],
  ])('%s takes those of %s by name, with respect to %s %j', async (...[model, data, input, args]) => {
    await using at = await folder();
    const { code, stdout, stderr } = await edjm(at.path, [
      ...['analyze', model, '--data', data, '--input', input, '--json'],
      ...args,
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const result = JSON.parse(stdout) as Result;
    for (const k of [0, 1]) expect(largest(result, k) / expected(b, k)).toBeCloseTo(1, 5);
  });

  it('compares networks that want them in different orders', async () => {
    await using at = await folder();
    await writeFile(
      join(at.path, 'reversed.onnx'),
      writeModel({ ...product(['left', 'right']), inputs: product(['right', 'left']).inputs }),
    );
    const { code, stdout } = await edjm(at.path, [
      ...['compare', 'left-right.onnx', 'reversed.onnx', '--data', 'both.npz', '--input', 'left', '--json'],
    ]);
    expect(code).toBe(0);
    const { reports } = JSON.parse(stdout) as { readonly reports: readonly Result[] };
    expect(reports).toHaveLength(2);
    for (const result of reports) {
      expect(largest(result, 0) / expected(b, 0)).toBeCloseTo(1, 5);
    }
  });

  it('asks for --array if the archive lacks the name of an input', async () => {
    await using at = await folder();
    const args = ['analyze', 'left-right.onnx', '--data', 'other.npz', '--input', 'left'];
    const { code, stderr } = await edjm(at.path, args);
    expect(code).toBe(2);
    expect(stderr).toContain(
      "inputs 'left', 'right', got 'x', 'y'. Choose one for each, in this order, by --array NAMES.",
    );
    expect(stderr).not.toContain('option');
  });

  it('takes the value of --fix from the array of the input’s name', async () => {
    await using at = await folder();
    const fixed = [[1, 3], b.slice(0, 3)] as const;
    await writeFile(join(at.path, 'fixed.npz'), npz({ left: [[1, 3], a.slice(0, 3)], right: fixed }));
    const { code, stdout, stderr } = await edjm(at.path, [
      ...['analyze', 'left-right.onnx', '--data', 'both.npz', '--fix', 'right=fixed.npz', '--json'],
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const result = JSON.parse(stdout) as Result;
    const once = expected(b.slice(0, 3), 0) * Math.sqrt(20);
    expect(largest(result, 0) / once).toBeCloseTo(1, 5);
  });
});
