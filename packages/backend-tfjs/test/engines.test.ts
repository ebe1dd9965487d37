import { multilayerPerceptron } from '@edjm/network';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { probeTfjsEngines, tfjsBackend, type TfjsEngine } from '../src/index.ts';

const network = multilayerPerceptron({ dIn: 4, hidden: [8], dOut: 2, seed: 3 });
const batch = { rows: 2, columns: 4, data: Float32Array.of(1, 2, 3, 4, 4, 3, 2, 1) };

describe('engines', () => {
  it('are the best that loads, with the reasons for not taking a better one', async () => {
    const statuses = await probeTfjsEngines();
    const best = statuses.find(({ problem }) => problem === undefined)!;
    const { name, passedOver } = await tfjsBackend().engine();
    expect(name).toBe(best.name);
    expect(passedOver.map((problem) => problem.name)).toEqual(
      statuses.slice(0, statuses.indexOf(best)).map((status) => status.name),
    );
    expect(statuses.map((status) => status.name)).toEqual(['tensorflow', 'webgpu', 'webgl', 'wasm', 'cpu']);
    expect(statuses.find((status) => status.name === 'webgl')?.problem).toMatch(/no WebGL in Node/);
    expect(statuses.find((status) => status.name === 'wasm')?.version).toMatch(/^tfjs 4\./);
  });

  it('are the one that is active in an instance that is given', async () => {
    await tf.setBackend('cpu');
    expect(await tfjsBackend({ tf }).engine()).toMatchObject({ name: 'cpu', passedOver: [] });
  });

  it('work side by side, and leave active what was', async () => {
    await tf.setBackend('cpu');
    const [wasm, cpu] = await Promise.all(
      (['wasm', 'cpu'] as const).map((engine) => tfjsBackend({ engine }).load(network)),
    );
    const outputs = await Promise.all([wasm!, cpu!, wasm!].map((loaded) => loaded.forward(batch)));
    for (const { data } of outputs) {
      data.forEach((value, i) => {
        expect(value).toBeCloseTo(outputs[0]!.data[i]!, 5);
      });
    }
    expect(tf.getBackend()).toBe('cpu');
    await Promise.all([wasm!.dispose(), cpu!.dispose()]);
  });

  it('are refused if they do not exist or cannot be here', async () => {
    const load = (engine: string) => tfjsBackend({ engine: engine as TfjsEngine }).load(network);
    await expect(load('abacus')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(load('webgpu')).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(/"webgpu" of TensorFlow.js, got: no WebGPU in Node/) as string,
    });
    await expect(tfjsBackend({ threads: 0.5 }).load(network)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('have what they lacked', async () => {
    await tfjsBackend({ engine: 'wasm' }).engine();
    for (const kernel of [
      'Conv2DBackpropFilter',
      'DepthwiseConv2dNativeBackpropFilter',
      'DepthwiseConv2dNativeBackpropInput',
    ]) {
      expect(tf.getKernel(kernel, 'wasm')).toBeDefined();
    }
  });
});
