"""Jacobians of single layers by PyTorch's float64 autograd, on random data, ties and zeros.

Writes layers.json beside this file. Run with PyTorch 2.13.0 (CPU): python layers.py
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

torch.manual_seed(14)
torch.set_default_dtype(torch.float64)
cases = []


def random(*shape):
    return (torch.rand(*shape) * 4 - 2).mul(128).round() / 128


def numbers(t):
    return [float(f"{v:.10g}") for v in t.flatten().tolist()]


def case(name, layers, function, points):
    """layers: descriptions of layers, whose lists of numbers are tensors with a shape, or plain values."""
    for kind, x in points.items():
        y = function(x.unsqueeze(0))[0].flatten()
        jacobian = torch.autograd.functional.jacobian(lambda x: function(x.unsqueeze(0))[0].flatten(), x)
        sample = {"inputShape": list(x.shape), "x": numbers(x), "y": numbers(y), "jacobian": numbers(jacobian)}
        cases.append({"name": f"{name}, {kind}", "layers": layers, **sample})


VECTORS = {
    "ties": torch.tensor([1.0, 1, 0, -1, -1, 0, 3, 3]),
    "zeros": torch.zeros(8),
    "random": random(8),
    "far out": torch.tensor([-60.0, -30, -12, -5, 5, 12, 30, 60]),
}
plain = lambda type, **more: [{"type": type, **more}]
for type, function in (
    ("relu", F.relu),
    ("selu", F.selu),
    ("sigmoid", F.sigmoid),
    ("tanh", F.tanh),
    ("softplus", lambda x: F.softplus(x, threshold=50)),
    ("softmax", lambda x: F.softmax(x, -1)),
    ("logSoftmax", lambda x: F.log_softmax(x, -1)),
    ("flatten", lambda x: x.flatten(1)),
):
    case(type, plain(type), function, VECTORS)
for alpha in (0.01, 0.5, 1.5):
    case(f"leakyRelu {alpha}", plain("leakyRelu", alpha=alpha), lambda x: F.leaky_relu(x, alpha), VECTORS)
    case(f"elu {alpha}", plain("elu", alpha=alpha), lambda x: F.elu(x, alpha), VECTORS)
# PyTorch takes 1 / alpha in float32 backward: alphas whose inverse is exact.
for alpha in (0.25, 0.5, 2.0):
    case(f"celu {alpha}", plain("celu", alpha=alpha), lambda x: F.celu(x, alpha), VECTORS)
for approximate in ("none", "tanh"):
    case(f"gelu {approximate}", plain("gelu", approximate=approximate), lambda x: F.gelu(x, approximate=approximate), VECTORS)

tensor = lambda t: {"shape": list(t.shape), "data": numbers(t)}
w, b, s = random(3, 8), random(3), random(8)
case("dense", plain("dense", weight=tensor(w), bias=numbers(b)), lambda x: F.linear(x, w, b), VECTORS)
case("dense without bias", plain("dense", weight=tensor(w)), lambda x: F.linear(x, w), VECTORS)
case("scale", plain("scale", scale=numbers(s)), lambda x: x * s, VECTORS)
square = random(8, 8)
body = [{"type": "dense", "weight": tensor(square)}, {"type": "relu"}]
residual = plain("residual", body=body, shortcut=[])
case("residual", residual, lambda x: F.relu(F.linear(x, square)) + x, VECTORS)

IMAGES = {
    "ties": torch.tensor([1.0, 1, 0, 2, 1, 1, 2, 2, 0, 0, 0, 0, 3, 0, 3, 3, 3, 3, 0, 0, 1, 1, 2, 0, 0, 1, 1, 2, 2, 2, 0, 0]).reshape(2, 4, 4),
    "zeros": torch.zeros(2, 4, 4),
    "random": random(2, 4, 4),
}
window = lambda k, s, p: {"kernel": [k, k], "stride": [s, s], "padding": [p, p, p, p]}
for k, s, p in ((2, 2, 0), (3, 1, 1), (3, 2, 1)):
    case(f"maxPool2d {k} {s} {p}", plain("maxPool2d", **window(k, s, p)), lambda x: F.max_pool2d(x, k, s, p), IMAGES)
    for counts in (False, True):
        layer = plain("averagePool2d", **window(k, s, p), countIncludePad=counts)
        case(f"averagePool2d {k} {s} {p} {counts}", layer, lambda x: F.avg_pool2d(x, k, s, p, count_include_pad=counts), IMAGES)
case("globalAveragePool2d", plain("globalAveragePool2d"), lambda x: x.mean((2, 3), keepdim=True), IMAGES)
case("globalMaxPool2d", plain("globalMaxPool2d"), lambda x: F.adaptive_max_pool2d(x, 1), IMAGES)
for stride, padding, dilation, groups in ((1, 1, 1, 1), (2, 0, 1, 2), (1, 2, 2, 1)):
    v, c = random(2, 2 // groups, 3, 3), random(2)
    layer = plain("conv2d", weight=tensor(v), bias=numbers(c), stride=[stride] * 2, padding=[padding] * 4, dilation=[dilation] * 2, groups=groups)
    case(f"conv2d {stride} {padding} {dilation} {groups}", layer, lambda x: F.conv2d(x, v, c, stride, padding, dilation, groups), IMAGES)
statistics = {"mean": [0.5, -1], "variance": [0.25, 2], "scale": [1.5, -0.5], "bias": [0.25, 1], "epsilon": 1e-3}
tensors = {k: torch.tensor(v) for k, v in statistics.items()}
case("batchNorm", plain("batchNorm", **statistics), lambda x: F.batch_norm(x, tensors["mean"], tensors["variance"], tensors["scale"], tensors["bias"], False, 0, 1e-3), IMAGES)

lines = ",\n  ".join(json.dumps(c, separators=(",", ":")) for c in cases)
text = f'{{"framework": "PyTorch {torch.__version__}", "cases": [\n  {lines}\n]}}\n'
(Path(__file__).parent / "layers.json").write_text(text, encoding="utf8")
print(len(cases), len(text))
