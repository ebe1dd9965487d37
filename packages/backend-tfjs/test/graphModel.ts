import * as tf from '@tensorflow/tfjs';

/** A graph model x → softmax(relu(x A) B), as converters write it: nodes are named input, hidden, logits, probabilities and output. */
export async function graphModel(a: readonly (readonly number[])[], b: readonly (readonly number[])[]) {
  const type = { T: { type: 'DT_FLOAT' } };
  const shapeOf = (matrix: readonly (readonly number[])[]) => [matrix.length, matrix[0]!.length];
  const sizes = (shape: readonly number[]) => ({ dim: shape.map((size) => ({ size: String(size) })) });
  const constant = (name: string, matrix: readonly (readonly number[])[]) => ({
    name,
    op: 'Const',
    attr: {
      dtype: { type: 'DT_FLOAT' },
      value: { tensor: { dtype: 'DT_FLOAT', tensorShape: sizes(shapeOf(matrix)) } },
    },
  });
  const product = (name: string, input: readonly string[]) => ({
    name,
    op: 'MatMul',
    input,
    attr: { ...type, transpose_a: { b: false }, transpose_b: { b: false } },
  });
  const input = {
    name: 'input',
    op: 'Placeholder',
    attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: sizes([-1, a.length]) } },
  };
  const modelTopology = {
    node: [
      input,
      constant('A', a),
      constant('B', b),
      product('product', ['input', 'A']),
      { name: 'hidden', op: 'Relu', input: ['product'], attr: type },
      product('logits', ['hidden', 'B']),
      { name: 'probabilities', op: 'Softmax', input: ['logits'], attr: type },
      { name: 'output', op: 'Identity', input: ['probabilities'], attr: type },
    ],
    library: {},
    versions: { producer: 175 },
  };
  return tf.loadGraphModel(
    tf.io.fromMemory({
      format: 'graph-model',
      modelTopology,
      weightSpecs: [
        { name: 'A', shape: shapeOf(a), dtype: 'float32' },
        { name: 'B', shape: shapeOf(b), dtype: 'float32' },
      ],
      weightData: Float32Array.from([...a.flat(), ...b.flat()]).buffer,
    }),
  );
}
