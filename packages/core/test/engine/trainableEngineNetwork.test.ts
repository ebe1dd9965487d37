import { describe, expect, it } from 'vitest';
import {
  type Loss,
  type ParameterValues,
  type RawTrainableNetwork,
  trainableEngineNetwork,
} from '../../src/index.ts';
import { countingNetwork, samples } from './countingNetwork.ts';

type Values = ReadonlyMap<string, ParameterValues>;

/** A network of one parameter w, [2], that writes down the arguments of its calls. */
function recording() {
  const asked: { call: string; args: readonly unknown[] }[] = [];
  const shapes = new Map([['w', [2]]]);
  const note = (call: string, ...args: readonly unknown[]) => {
    asked.push({ call, args });
  };
  const store = (of: string) => ({
    shapes,
    read: async (): Promise<Values> => new Map(),
    write: (values: Values) => {
      note(`write ${of}`, values);
    },
    clear: (names: Iterable<string>) => {
      note(`clear ${of}`, [...names]);
    },
  });
  const raw: RawTrainableNetwork = {
    ...countingNetwork(),
    parameters: store('parameters'),
    statistics: { ...store('statistics'), shapes: new Map() },
    velocities: store('velocities'),
    step: async (...args) => {
      note('step', ...args);
      return { loss: 1 };
    },
    gradients: async (...args) => {
      note('gradients', ...args);
      return { loss: 1, gradients: new Map() };
    },
    jacobianGradients: async (...args) => {
      note('jacobianGradients', ...args);
      return new Map([['w', Float32Array.of(NaN, 0)]]);
    },
  };
  return { network: trainableEngineNetwork(raw), asked };
}

const two = samples(1, 2, 3, 4);
const value = (...numbers: readonly number[]): Values =>
  new Map([['w', { shape: [numbers.length], data: Float64Array.from(numbers) }]]);

describe('trainableEngineNetwork', () => {
  it('fills in defaults and converts to the precision of the engine', async () => {
    const { network, asked } = recording();
    const added = new Map([['w', Float64Array.of(1, 2)]]);
    const wide = { ...two, data: Float64Array.from(two.data) };
    await network.step(wide, wide, { learningRate: 0.5, addedGradients: added });
    expect(asked[0]?.args).toEqual([
      { batch: two, targets: two },
      {
        learningRate: 0.5,
        momentum: 0,
        nesterov: false,
        weightDecay: 0,
        loss: 'cross-entropy',
        addedGradients: new Map([['w', Float32Array.of(1, 2)]]),
      },
    ]);
  });

  it('checks the gradient of a loss function, which gets copies and the targets as they came', async () => {
    const { network, asked } = recording();
    const targets = { ...two, data: Float64Array.from(two.data) };
    let gradient = two;
    const given: unknown[] = [];
    await network.gradients(two, targets, {
      loss: (outputs, wanted) => {
        given.push(outputs.data, wanted);
        return { value: 0, gradient };
      },
    });
    const { loss } = asked[0]?.args[1] as { loss: Exclude<Loss, string> };
    expect(loss(two, samples(0, 0, 0, 0)).gradient).toBe(two);
    expect(given[0]).not.toBe(two.data);
    expect(given[1]).toBe(targets);
    gradient = samples(1, 2);
    expect(() => loss(two, two)).toThrow(/expected 2 gradients of the loss of 2 values each, got 1 × 2/);
    gradient = samples(1, 2, NaN, 4);
    expect(() => loss(two, two)).toThrow(/finite, got NaN/);
  });

  it('stacks products, and gives zeros for none', async () => {
    const { network, asked } = recording();
    expect(await network.jacobianGradients(two, [])).toEqual(new Map([['w', new Float32Array(2)]]));
    expect(asked).toEqual([]);
    const products = [
      { cotangents: two, tangents: samples(5, 6, 7, 8) },
      { cotangents: samples(9, 0, 0, 9), tangents: two },
    ];
    await expect(network.jacobianGradients(two, products)).rejects.toMatchObject({ code: 'INVALID_DATA' });
    expect(asked[0]?.args[1]).toEqual({
      count: 2,
      cotangents: Float32Array.of(1, 2, 3, 4, 9, 0, 0, 9),
      tangents: Float32Array.of(5, 6, 7, 8, 1, 2, 3, 4),
    });
  });

  it('clears velocities of parameters that are set, unless they are kept', async () => {
    const { network, asked } = recording();
    await network.setParameters(value(1, 2));
    await network.setParameters(value(1, 2), true);
    expect(asked.map(({ call }) => call)).toEqual([
      'write parameters',
      'clear velocities',
      'write parameters',
    ]);
  });

  it('refuses what does not fit before the engine is asked', async () => {
    const { network, asked } = recording();
    const options = { learningRate: 1 };
    const calls: [() => Promise<unknown>, string][] = [
      [() => network.step(two, samples(1, 2), options), 'SHAPE_MISMATCH'],
      [() => network.step(samples(1, NaN), samples(1, 0), options), 'INVALID_DATA'],
      [() => network.step(two, two, { learningRate: 0 }), 'INVALID_ARGUMENT'],
      [() => network.step(two, two, { ...options, addedGradients: new Map([['v', two.data]]) }), 'NOT_FOUND'],
      [() => network.gradients(two, two, { batchStatistics: 2 }), 'INVALID_ARGUMENT'],
      [
        () => network.jacobianGradients(two, [{ cotangents: two, tangents: samples(1, 2) }]),
        'SHAPE_MISMATCH',
      ],
      [() => network.parameters(['v']), 'NOT_FOUND'],
      [() => network.setParameters(value(1)), 'SHAPE_MISMATCH'],
      [() => network.setVelocities(value(1, Infinity)), 'INVALID_DATA'],
      [() => network.setStatistics(value(1, 2)), 'NOT_FOUND'],
    ];
    for (const [call, code] of calls) await expect(call()).rejects.toMatchObject({ code });
    await network.dispose();
    await expect(network.velocities()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(asked).toEqual([]);
  });
});
