/** The peak of the machine: one large matrix product by the engine. */
import { writeModel, type Graph } from '@edjm/onnx-autodiff';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** Order of the matrices of the large product. */
const ORDER = 4000;

function productGraph(): Graph {
  const matrix = (name: string) => ({ name, elementType: 'float32', shape: [ORDER, ORDER] }) as const;
  return {
    name: 'product',
    irVersion: 8,
    opsets: new Map([['', 18]]),
    inputs: [matrix('a'), matrix('b')],
    outputs: [matrix('c')],
    initializers: new Map(),
    nodes: [
      { opType: 'MatMul', domain: '', name: 'product', inputs: ['a', 'b'], outputs: ['c'], attributes: {} },
    ],
  };
}

/** Wall time of some work. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

const a = new Tensor(
  'float32',
  Float32Array.from({ length: ORDER * ORDER }, (_, i) => (i % 97) / 97),
  [ORDER, ORDER],
);

/** Operations a second of one product; its session is gone before ours runs, so that its threads do not wait beside it. */
export async function productRate(): Promise<number> {
  const product = await InferenceSession.create(writeModel(productGraph()));
  await product.run({ a, b: a });
  const time = await seconds(() => product.run({ a, b: a }));
  await product.release();
  return (2 * ORDER ** 3) / time;
}
