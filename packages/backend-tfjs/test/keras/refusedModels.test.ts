import fc from 'fast-check';
import { EdjmError } from '@edjm/core';
import { describe, expect, it } from 'vitest';
import { readArchive } from '../../src/keras/weights/archive.ts';
import { loadRefusal, toKeras2Topology } from '../../src/keras/index.ts';
import { called, dense, fixture, functional, named, refusal, sequential, tensor } from './files.ts';

describe('descriptions of no model', () => {
  it.each([
    ['nothing', null, 'the description of a model'],
    ['a number', 5, 'the description of a model'],
    ['a list', [], 'the description of a model'],
    ['text as model_config', { model_config: 'Sequential' }, 'the description of a model'],
    ['no class', { config: {} }, "'class_name' and 'config'"],
    ['no layers', { class_name: 'Sequential', config: { name: 'm' } }, 'a list of layers'],
    [
      'an empty list of layers',
      { class_name: 'Sequential', config: { name: 'm', layers: [] } },
      'a list of layers',
    ],
    ['layers of one name', sequential([3], dense, dense), "'dense' twice"],
    ['a layer called on itself', functional([called(dense, tensor('dense'))]), 'cannot be computed'],
    ['a layer that is not there', functional([called(dense, tensor('other'))]), "call 0 of 'other'"],
    [
      'an output that is not there',
      functional([called(dense, tensor('in'))], ['other', 0, 0]),
      "call 0 of 'other'",
    ],
    ['no outputs', functional([called(dense, tensor('in'))], []), 'the outputs of a model'],
    ['calls that are none', functional([{ ...dense, inbound_nodes: 'in' }]), 'a list of calls'],
    ['a call on no tensor', functional([{ ...dense, inbound_nodes: [[]] }]), "a call of 'dense' without any"],
    ['a call on a list of none', functional([called(dense, [])]), "a call of 'dense' without any"],
    [
      'a call on no tensor behind another layer',
      functional([called(dense, tensor('in')), { ...named('Add', 'sum'), inbound_nodes: [[], []] }]),
      "a call of 'sum' without any",
    ],
    ['a call without arguments', functional([{ ...dense, inbound_nodes: [{}] }]), 'a list of arguments'],
    ['a call of text', functional([{ ...dense, inbound_nodes: [['in']] }]), '[layer, call, output]'],
  ])('refuses %s', async (_, topology, message) => {
    expect(await refusal(() => toKeras2Topology(topology, 'model.json'))).toEqual({
      code: 'INVALID_FILE',
      message: expect.stringContaining(message) as string,
    });
  });

  it.each([
    ['another model', { class_name: 'MyModel', config: {} }, 'a model of class MyModel'],
    ['a graph', { node: [], library: {} }, 'a TensorFlow graph'],
    [
      'a call with a state',
      functional([
        { ...dense, inbound_nodes: [{ args: [tensor('in')], kwargs: { initial_state: [tensor('in')] } }] },
      ]),
      'initial_state',
    ],
    [
      'a call in training',
      functional([{ ...dense, inbound_nodes: [[['in', 0, 0, { training: true }]]] }]),
      'training = true',
    ],
    [
      'a call with two arguments',
      functional([called(dense, tensor('in'), tensor('in'))]),
      'the further argument',
    ],
    ['a call with a number', functional([called(dense, 5)]), 'the argument 5'],
  ])('refuses %s as not covered', async (_, topology, message) => {
    expect(await refusal(() => toKeras2Topology(topology))).toEqual({
      code: 'UNSUPPORTED',
      message: expect.stringContaining(message) as string,
    });
  });

  it('refuses layers without end', async () => {
    const layers = Array.from({ length: 20_000 }, (_, index) =>
      named('Dense', `layer ${index}`, { units: 1 }),
    );
    expect(await refusal(() => toKeras2Topology(sequential([3], ...layers)))).toEqual({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('at most 10000 layers, got 20001') as string,
    });
  });

  it('refuses models in one another without end', async () => {
    let model = sequential([3], dense);
    for (let depth = 0; depth < 5000; depth++)
      model = { class_name: 'Sequential', config: { name: 'm', layers: [model] } };
    expect(await refusal(() => toKeras2Topology(model))).toEqual({
      code: 'INVALID_FILE',
      message: expect.stringContaining('models in one another') as string,
    });
  });

  it('refuses whatever is changed in a description, or translates it', async () => {
    const { config } = await readArchive(fixture('functional.keras'), 'functional.keras');
    const paths = pathsIn(JSON.parse(config));
    const values = fc.oneof(
      fc.constantFrom(null, -1, 0, 1.5, 1e300, '', 'Dense', 'in', [], {}, [[]], true),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...paths), values, (path, value) => {
        const topology = JSON.parse(config) as object;
        change(topology, path, value);
        try {
          expect(toKeras2Topology(topology)).toBeTypeOf('object');
        } catch (error) {
          if (!EdjmError.is(error)) throw error;
          expect(error.message).toMatch(/expected .*, got /s);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

function pathsIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, each]) => pathsIn(each, [...path, key]))].filter(
    ({ length }) => length > 0,
  );
}

function change(root: object, path: readonly string[], value: unknown): void {
  let object = root as Record<string, unknown>;
  for (const key of path.slice(0, -1)) object = object[key] as Record<string, unknown>;
  object[path.at(-1)!] = value;
}

describe('what TensorFlow.js refuses when it loads', () => {
  it.each([
    ['Unknown layer: Twice. This may be due to …', 'UNSUPPORTED', "the layer 'Twice'"],
    [
      'Shape mismatch: [3,2] vs. [2,3]',
      'INVALID_FILE',
      'weights of shape [3,2], as its layers need, got shape [2,3]',
    ],
    ['The support for CAUSAL padding mode is not implemented yet.', 'UNSUPPORTED', 'CAUSAL padding'],
    ['2 of 4 weights are not set: a/kernel,a/bias', 'INVALID_FILE', '2 of 4 weights are not set'],
  ])('%s', (reason, code, message) => {
    const refused = loadRefusal(new Error(reason), 'model.keras');
    expect(refused.code).toBe(code);
    expect(refused.message).toMatch(/^model\.keras: expected /);
    expect(refused.message).toContain(message);
    expect(loadRefusal(refused, 'other')).toBe(refused);
  });
});
