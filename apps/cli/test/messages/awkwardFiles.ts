import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  describeNetwork,
  multilayerPerceptron,
  networkParameters,
  networkWeights,
  writeSafetensors,
} from '@edjm/network';
import { type Graph, type Node, type ValueInfo, writeModel } from '@edjm/onnx-autodiff';
import { D_IN, graph, npy, samples } from '../fixture.ts';

const node = (opType: string, inputs: readonly string[], output: string): Node => ({
  opType,
  domain: '',
  name: '',
  inputs,
  outputs: [output],
  attributes: {},
});

const tensor = (name: string, elementType: ValueInfo['elementType'] = 'float32'): ValueInfo => ({
  name,
  elementType,
  shape: ['n', D_IN],
});

/** A network of these nodes, from x to y. */
function network(nodes: readonly Node[], types: Partial<Pick<Graph, 'inputs' | 'outputs'>> = {}): Graph {
  return {
    ...graph(),
    inputs: [tensor('x')],
    outputs: [tensor('y')],
    ...types,
    nodes,
    initializers: new Map(),
  };
}

const double = { inputs: [tensor('x', 'float64')], outputs: [tensor('y', 'float64')] };
const half = { inputs: [tensor('x', 'float16')], outputs: [tensor('y', 'float16')] };

const models: Readonly<Record<string, Graph>> = {
  'two.onnx': {
    ...graph(),
    inputs: [...graph().inputs, { name: 'second', elementType: 'float32', shape: ['batch', 1] }],
  },
  'many.onnx': {
    ...graph(),
    outputs: [...graph().outputs, { name: 'gemm_0', elementType: 'float32' }],
  },
  'misfit.onnx': { ...graph(), inputs: [{ name: 'input', elementType: 'float32', shape: ['n', 5] }] },
  'open.onnx': { ...graph(), inputs: [{ name: 'input', elementType: 'float32', shape: ['n', 'a', 'b'] }] },
  'erf64.onnx': network([node('Erf', ['x'], 'e'), node('Mul', ['e', 'x'], 'y')], double),
  'half.onnx': network([node('Relu', ['x'], 'y')], half),
  'truth.onnx': network([node('Relu', ['x'], 'r'), node('IsNaN', ['r'], 'y')], {
    outputs: [tensor('y', 'bool')],
  }),
  'mixed.onnx': network([
    node('Shape', ['x'], 's'),
    node('IsNaN', ['x'], 't'),
    node('Tanh', ['x'], 'h'),
    node('Neg', ['h'], 'y'),
  ]),
  'infinite.onnx': network([node('Reciprocal', ['x'], 'y')]),
  'untyped.onnx': network([node('Tanh', ['x'], 'y')], { outputs: [{ name: 'y' }] }),
};

const bytes = (values: Float32Array) => new Uint8Array(values.buffer);

/** Writes models, data and descriptions into a folder, each with something about it that a command refuses. */
export async function writeAwkwardFiles(folder: string): Promise<void> {
  const small = multilayerPerceptron({ dIn: D_IN, hidden: [4], dOut: 2, seed: 1, name: 'small' });
  const description = JSON.stringify(describeNetwork(small));
  const renamed = new Map(
    [...networkParameters(small)].map(([name, values]) => [
      name.replace(/^0/, 'fc1').replace(/^2/, 'head'),
      values,
    ]),
  );
  const files: Readonly<Record<string, string | Uint8Array>> = {
    ...Object.fromEntries(Object.entries(models).map(([name, model]) => [name, writeModel(model)])),
    'small.json': description,
    'alone.json': description,
    'small.safetensors': networkWeights(small),
    'renamed.json': description,
    'renamed.safetensors': writeSafetensors(renamed),
    'wide.npy': npy([4, 7], bytes(samples(4, 7))),
    'columns.npy': npy([D_IN, 40], bytes(samples(D_IN, 40))),
    'nan.npy': npy([4, D_IN], bytes(samples(4, D_IN).with(9, NaN))),
    'zero.npy': npy([50, D_IN], bytes(samples(50, D_IN).with(33 * D_IN + 2, 0))),
    'words.npy': npy([4, D_IN], new Uint8Array(4 * 4 * D_IN), '<U1'),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}
