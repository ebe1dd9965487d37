import { tensorOf, type Attribute, type Graph, type Node } from '@edjm/onnx-autodiff';
import { seededRandom } from '@edjm/network';

/** A transformer encoder for images, as ViT-Tiny is one: patches of 4 × 4 pixels, normalization first. */
export const TRANSFORMER = {
  image: 32,
  channels: 3,
  patch: 4,
  width: 192,
  heads: 3,
  layers: 12,
  outputs: 10,
};

const tokens = (TRANSFORMER.image / TRANSFORMER.patch) ** 2;

/**
 * Floating-point operations of the forward pass and of the backward pass of one output, for one sample: products of
 * matrices alone. In attention both operands depend on the input, so that its backward pass has twice the products.
 */
export function transformerOperations(): { readonly forward: number; readonly backward: number } {
  const { channels, patch, width, layers, outputs } = TRANSFORMER;
  const embedding = 2 * tokens * channels * patch ** 2 * width;
  const dense = layers * 2 * tokens * width * (4 * width + 2 * 4 * width);
  const attention = layers * 2 * 2 * tokens ** 2 * width;
  const head = 2 * width * outputs;
  return {
    forward: embedding + dense + attention + head,
    backward: embedding + dense + 2 * attention + head,
  };
}

/** The encoder with random weights, as an exporter writes it. */
export function transformer(): Graph {
  const { image, channels, patch, width, heads, layers, outputs } = TRANSFORMER;
  const random = seededRandom(7);
  const initializers = new Map<string, ReturnType<typeof tensorOf>>();
  const nodes: Node[] = [];
  const weight = (name: string, shape: readonly number[], deviation: number): string => {
    const size = shape.reduce((product, length) => product * length, 1);
    const values = Array.from({ length: size }, () => deviation * random.normal());
    initializers.set(name, tensorOf('float32', shape, values));
    return name;
  };
  const filled = (name: string, shape: readonly number[], value: number): string => {
    initializers.set(name, tensorOf('float32', shape, new Array<number>(shape[0] ?? 1).fill(value)));
    return name;
  };
  const ints = (name: string, values: readonly number[]): string => {
    initializers.set(name, tensorOf('int64', [values.length], values));
    return name;
  };
  const add = (
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string => {
    const name = `${opType}_${String(nodes.length)}`;
    nodes.push({ opType, domain: '', name, inputs, outputs: [name], attributes });
    return name;
  };
  const dense = (x: string, name: string, shape: readonly [number, number]): string =>
    add('Add', [
      add('MatMul', [x, weight(`${name}.weight`, shape, shape[0] ** -0.5)]),
      filled(`${name}.bias`, [shape[1]], 0),
    ]);
  const normalized = (x: string, name: string): string =>
    add('LayerNormalization', [x, filled(`${name}.scale`, [width], 1), filled(`${name}.shift`, [width], 0)], {
      axis: { int: -1 },
    });

  const patches = add(
    'Conv',
    ['x', weight('embedding.weight', [width, channels, patch, patch], (channels * patch ** 2) ** -0.5)],
    {
      strides: { ints: [patch, patch] },
    },
  );
  let x = add('Transpose', [add('Reshape', [patches, ints('flat', [0, width, tokens])])], {
    perm: { ints: [0, 2, 1] },
  });
  x = add('Add', [x, weight('positions', [tokens, width], 0.1)]);
  const split = ints('split', [0, tokens, heads, width / heads]);
  const join = ints('join', [0, tokens, width]);
  initializers.set('scale', tensorOf('float32', [], [Math.sqrt(heads / width)]));
  for (let layer = 0; layer < layers; layer++) {
    const name = (part: string) => `${String(layer)}.${part}`;
    const normal = normalized(x, name('before attention'));
    const head = (part: string, perm: readonly number[]) =>
      add('Transpose', [add('Reshape', [dense(normal, name(part), [width, width]), split])], {
        perm: { ints: perm },
      });
    const products = add('MatMul', [head('query', [0, 2, 1, 3]), head('key', [0, 2, 3, 1])]);
    const weights = add('Softmax', [add('Mul', [products, 'scale'])], { axis: { int: -1 } });
    const mixed = add('Transpose', [add('MatMul', [weights, head('value', [0, 2, 1, 3])])], {
      perm: { ints: [0, 2, 1, 3] },
    });
    x = add('Add', [x, dense(add('Reshape', [mixed, join]), name('projection'), [width, width])]);
    const hidden = dense(normalized(x, name('before perceptron')), name('up'), [width, 4 * width]);
    x = add('Add', [x, dense(add('Gelu', [hidden]), name('down'), [4 * width, width])]);
  }
  const pooled = add('ReduceMean', [normalized(x, 'last'), ints('tokens', [1])], { keepdims: { int: 0 } });
  const logits = dense(pooled, 'head', [width, outputs]);
  return {
    name: 'transformer',
    irVersion: 9,
    opsets: new Map([['', 20]]),
    inputs: [{ name: 'x', elementType: 'float32', shape: ['n', channels, image, image] }],
    outputs: [{ name: logits, elementType: 'float32' }],
    initializers,
    nodes,
  };
}
