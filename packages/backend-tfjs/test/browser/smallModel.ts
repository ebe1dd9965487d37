/** A layers model of one dense layer, x · [[1, 2], [3, 4]] + [5, 6], as its files in a folder. */
export function smallModel(folder: string, weightsPath: string): readonly (readonly [string, Uint8Array])[] {
  const dense = {
    class_name: 'Dense',
    config: { name: 'dense', units: 2, use_bias: true, batch_input_shape: [null, 2], dtype: 'float32' },
  };
  const model = {
    format: 'layers-model',
    modelTopology: { class_name: 'Sequential', config: { name: 'small', layers: [dense] } },
    weightsManifest: [
      {
        paths: [weightsPath],
        weights: [
          { name: 'dense/kernel', shape: [2, 2], dtype: 'float32' },
          { name: 'dense/bias', shape: [2], dtype: 'float32' },
        ],
      },
    ],
  };
  return [
    [`${folder}model.json`, new TextEncoder().encode(JSON.stringify(model))],
    [`${folder}weights.bin`, new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer)],
  ];
}
