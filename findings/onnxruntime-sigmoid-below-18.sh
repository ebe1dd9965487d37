#!/usr/bin/env bash
# ONNX Runtime's Sigmoid in float32 loses all digits of small probabilities.
#
# Packages:  onnxruntime 1.30.0, onnx 1.23.1, numpy (CPU, x86-64, Linux)
# Expected:  sigmoid(x) = e^x / (1 + e^x), to about 1e-7 of its value, since float32 reaches down to 1e-38.
# Seen:      off by 2e-4 of its value at -10, by 7 % at -14, by 47 % at -16, by a factor of 2 at -17, and exactly 0 from -18 on.
#            1 / (1 + e^-x), written with Neg, Exp, Add and Reciprocal in the same engine, is right to 1e-7 everywhere.
# So a probability below 1e-8, its logarithm, and a SiLU there are wrong, and their derivatives are 0.
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
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper


def run(nodes, constants, x):
    graph = helper.make_graph(
        nodes,
        'sigmoid',
        [helper.make_tensor_value_info('x', TensorProto.FLOAT, [None])],
        [helper.make_tensor_value_info('y', TensorProto.FLOAT, [None])],
        [helper.make_tensor(name, TensorProto.FLOAT, [], [value]) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=10)
    onnx.checker.check_model(model)
    session = ort.InferenceSession(model.SerializeToString(), providers=['CPUExecutionProvider'])
    return session.run(None, {'x': x})[0].astype(np.float64)


x = np.array([-10, -14, -16, -17, -18.5, -20, -30], np.float32)
exact = 1 / (1 + np.exp(-x.astype(np.float64)))
direct = run([helper.make_node('Sigmoid', ['x'], ['y'])], {}, x)
written = run(
    [
        helper.make_node('Neg', ['x'], ['n']),
        helper.make_node('Exp', ['n'], ['e']),
        helper.make_node('Add', ['e', 'one'], ['s']),
        helper.make_node('Reciprocal', ['s'], ['y']),
    ],
    {'one': 1.0},
    x,
)
print('      x   relative error of Sigmoid   of 1 / (1 + exp(-x))')
for value, a, b, right in zip(x, direct, written, exact):
    print(f'{value:7.1f}   {abs(a / right - 1):25.3g}   {abs(b / right - 1):20.3g}')
as_seen = np.all(direct[x < -18] == 0) and abs(direct[3] / exact[3] - 1) > 0.01
right_written = np.all(np.abs(written / exact - 1) < 1e-6)
if not (as_seen and right_written):
    sys.exit('This version behaves otherwise.')
PYTHON
