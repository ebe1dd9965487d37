import { multilayerPerceptron } from '@edjm/network';
import { NetworkGraph } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { checkProviders } from '../../src/network/checkProviders.ts';
import type { Engine } from '../../src/runtime/engine.ts';
import { networkToModel } from '../../src/index.ts';
import { loadEngine } from '../../src/runtime/loadEngine.ts';
import { SessionPool } from '../../src/runtime/sessionPool.ts';

const source = multilayerPerceptron({ dIn: 3, hidden: [4], dOut: 2, seed: 1 });
const graph = new NetworkGraph(networkToModel(source), { name: 'network' });
const processor = await loadEngine();
const abacus: Engine = { ...processor, executionProviders: ['abacus'] };

/** A provider whose numbers are all off by a factor, and the processor, whose numbers are right. */
function sessionsWith(factor: number) {
  return (engine: Engine) => () => {
    const pool = new SessionPool(processor, { name: 'network', precision: 'float32' });
    if (engine !== abacus) return pool;
    const run = pool.run.bind(pool);
    return Object.assign(pool, {
      run: async (...args: Parameters<typeof run>) => (await run(...args)).map((value) => factor * value),
    });
  };
}

describe('checkProviders', () => {
  it('lets float32 pass, and refuses a provider that computes something else', async () => {
    await checkProviders(graph, abacus, sessionsWith(1 + 1e-5));
    await expect(checkProviders(graph, abacus, sessionsWith(1.01))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(
        /same rows on abacus .* differ by 1\.0 %\. Choose the provider 'cpu'/,
      ) as string,
    });
    await expect(checkProviders(graph, abacus, sessionsWith(NaN))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
  });

  it('asks nothing of the processor', async () => {
    await checkProviders(graph, processor, () => () => {
      throw new Error('expected no sessions');
    });
  });
});
