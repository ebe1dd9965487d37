#!/usr/bin/env bash
# ONNX Runtime's MatMul adds up one by one if a factor is thin, though wide products keep their digits.
#
# Packages:  onnxruntime 1.30.0, onnx 1.23.1, numpy (CPU, x86-64, Linux)
# Expected:  a product over K = 1,000,000 numbers in [100, 101] is right to some 1e-6, as it is for a wide factor.
# Seen:      [1, K] x [K, 1] and [1, K] x [K, 2] are off by 1.7e-3; [64, K] x [K, 64] is right to 2e-6.
# So a Gemm with one output, or the gradient of one weight over many pixels, loses what a wide layer keeps.
#
# Exits with 1 if the engine behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q onnxruntime==1.30.0 onnx==1.23.1 numpy 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sys
import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper

K = 1_000_000
graph = helper.make_graph(
    [helper.make_node('MatMul', ['a', 'b'], ['y'])],
    'product',
    [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, None]) for name in 'ab'],
    [helper.make_tensor_value_info('y', TensorProto.FLOAT, [None, None])],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=10)
session = ort.InferenceSession(model.SerializeToString(), providers=['CPUExecutionProvider'])
random = np.random.default_rng(1)
worst = {}
for rows, columns in [(1, 1), (1, 2), (64, 64)]:
    a = random.uniform(100, 101, (rows, K)).astype(np.float32)
    b = np.ones((K, columns), np.float32)
    y = session.run(None, {'a': a, 'b': b})[0].astype(np.float64)
    exact = a.astype(np.float64) @ b.astype(np.float64)
    worst[rows, columns] = np.max(np.abs(y / exact - 1))
    print(f'[{rows}, K] x [K, {columns}]: largest relative error {worst[rows, columns]:.3g}')
if not (min(worst[1, 1], worst[1, 2]) > 1e-4 and worst[64, 64] < 1e-5):
    sys.exit('This version behaves otherwise.')
PYTHON
