#!/usr/bin/env bash
# TensorFlow.js takes other values of a tensor if a slice with steps drops an axis: x[:, ::2, 2] gives those of column 0.
#
# Packages:  @tensorflow/tfjs and @tensorflow/tfjs-backend-wasm 4.22.0 (engines cpu and wasm, Node 20)
# Expected:  tf.stridedSlice with shrinkAxisMask takes the same values as without it, and drops the axis, as TensorFlow and NumPy do.
# Seen:      of x = [[[0, 1, 2], [3, 4, 5], [6, 7, 8]]], x[:, ::2, 2] is 0, 2 instead of 2, 8, and x[:, 1, ::-2] is 1, 2 instead of
#            5, 3. No error. Without the mask both are right. Steps of 1 alone are right.
#
# Exits with 1 if the engines behave otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0
node - <<'NODE' 2>/dev/null
const tf = require('@tensorflow/tfjs');
require('@tensorflow/tfjs-backend-wasm');
(async () => {
  let asSeen = true;
  for (const engine of ['cpu', 'wasm']) {
    await tf.setBackend(engine);
    const x = tf.range(0, 9).reshape([1, 3, 3]);
    const slice = (args, mask) => [...tf.stridedSlice(x, ...args, 0, 0, mask).dataSync()].join();
    const columns = [[0, 0, 2], [1, 3, 3], [1, 2, 1], 0, 0];
    const row = [[0, 1, 2], [1, 2, 0], [1, 1, -2], 0, 4];
    for (const [name, args, mask, right] of [['x[:, ::2, 2]', columns, 4, '2,8'], ['x[:, 1, ::-2]', row, 2, '5,3']]) {
      console.log(engine, name, 'with the mask', slice(args, mask), 'without', slice(args, 0), 'right', right);
      asSeen &&= slice(args, mask) !== right && slice(args, 0) === right;
    }
  }
  process.exit(asSeen ? 0 : 1);
})();
NODE
