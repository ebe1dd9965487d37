"""Vector-Jacobian products of single operators by PyTorch's float64 autograd, on random data and on ties, zeros and bounds.

Writes pytorch-*.json beside this file. Run with PyTorch 2.13.0 (CPU): python pytorch.py
"""

import json
import math

import torch
import torch.nn.functional as F

from autograd import case, node, one, random, single, write, x_of

KINKS = [-6, -4, -3, -2, -1, -0.5, -0.25, 0, 0.25, 0.5, 1, 2, 3, 4, 6, 7]


# Activations and functions of one number: at every kink, and at random.
def unary(op, function, attributes=None, points=KINKS, low=-4.0, high=4.0, **rest):
    label = f"{op} {json.dumps(attributes)}" if attributes else op
    one("elementwise", f"{label} at kinks", op, function, {"x": x_of(points)}, attributes, **rest)
    one("elementwise", f"{label} at random", op, function, {"x": random(8, low=low, high=high)}, attributes, **rest)


f32 = lambda v: float(torch.tensor(v, dtype=torch.float32))
unary("Relu", torch.relu)
unary("LeakyRelu", lambda x: F.leaky_relu(x, f32(0.1)), {"alpha": 0.1})
unary("Elu", lambda x: F.elu(x, f32(1.5)), {"alpha": 1.5})
unary("Elu", lambda x: F.elu(x), {"alpha": 1.0})
unary("Selu", torch.selu)
unary("Celu", lambda x: F.celu(x, 2.0), {"alpha": 2.0})
unary("ThresholdedRelu", lambda x: F.threshold(x, 1.0, 0.0), {"alpha": 1.0})
unary("Shrink", F.hardshrink, {"lambd": 0.5, "bias": 0.0})
unary("Shrink", F.softshrink, {"lambd": 0.5, "bias": 0.5})
unary("HardSigmoid", F.hardsigmoid, {"alpha": 1 / 6, "beta": 0.5})
unary("HardSwish", F.hardswish)
unary("Mish", F.mish)
unary("Gelu", F.gelu, {"approximate": "none"})
unary("Gelu", lambda x: F.gelu(x, approximate="tanh"), {"approximate": "tanh"})
unary("Sigmoid", torch.sigmoid)
unary("Tanh", torch.tanh)
unary("Softplus", F.softplus)
unary("Softsign", F.softsign)
unary("Abs", torch.abs)
unary("Neg", torch.neg)
unary("Exp", torch.exp)
unary("Sin", torch.sin)
unary("Cos", torch.cos)
unary("Erf", torch.erf)
unary("Atan", torch.atan)
unary("Sinh", torch.sinh)
unary("Cosh", torch.cosh)
unary("Asinh", torch.asinh)
unary("Identity", lambda x: x)
unary("Floor", torch.floor)
unary("Ceil", torch.ceil)
unary("Round", torch.round)
unary("Sign", torch.sign)
unary("Tan", torch.tan, points=[-1, 0, 1], low=-1.2, high=1.2)
unary("Asin", torch.asin, points=[-0.5, 0, 0.5], low=-0.9, high=0.9)
unary("Acos", torch.acos, points=[-0.5, 0, 0.5], low=-0.9, high=0.9)
unary("Atanh", torch.atanh, points=[-0.5, 0, 0.5], low=-0.9, high=0.9)
unary("Acosh", torch.acosh, points=[1.5, 2, 6], low=1.2, high=5.0)
unary("Log", torch.log, points=[0.5, 1, 6], low=0.3, high=5.0)
unary("Sqrt", torch.sqrt, points=[0.25, 1, 4], low=0.3, high=5.0)
unary("Reciprocal", torch.reciprocal, points=[-2, 0.5, 4], low=0.3, high=5.0)
clips = {"low": x_of(-3.0), "high": x_of(3.0)}
unary("Clip", lambda x: torch.clamp(x, -3.0, 3.0), constants={k: v.float() for k, v in clips.items()})
unary("Clip", lambda x: torch.clamp(x, min=0.0), constants={"low": x_of(0.0).float()})
one("elementwise", "Clip with bounds as variables", "Clip", torch.clamp, {"x": random(6, low=-5, high=5), **clips})
one(
    "elementwise",
    "PRelu at kinks",
    "PRelu",
    lambda x, s: torch.where(x > 0, x, s * x),
    {"x": x_of([-2, -1, 0, 1, 0, 3], 2, 3), "s": x_of([0.25, 0.5, 2])},
)
prelu = {"x": x_of([-2, 0, 1, 0, 3, -1], 2, 3), "s": x_of([0.25])}
one("elementwise", "PRelu as torch.nn.PReLU at kinks", "PRelu", F.prelu, prelu)

# Two tensors.
ties = {"a": x_of([1, 2, 0, -1, 0, 3]), "b": x_of([1, 1, 0, -1, 2, 3])}
drawn = {"a": random(6), "b": random(6)}
for label, variables in (("on ties", ties), ("at random", drawn)):
    one("binary", f"Max {label}", "Max", torch.maximum, variables)
    one("binary", f"Min {label}", "Min", torch.minimum, variables)
    one("binary", f"Add {label}", "Add", torch.add, variables)
    one("binary", f"Sub {label}", "Sub", torch.sub, variables)
    one("binary", f"Mul {label}", "Mul", torch.mul, variables)
    one("binary", f"Sum {label}", "Sum", torch.add, variables)
    one("binary", f"Mean {label}", "Mean", lambda a, b: (a + b) / 2, variables)
    choice = torch.tensor([True, False, True, False, False, True])
    case(
        "binary",
        f"Where {label}",
        [node("Where", ["c", "a", "b"])],
        lambda a, b: torch.where(choice, a, b),
        variables,
        {"c": choice},
    )
one("binary", "Max of a tensor and zero, as maximum writes it", "Max", lambda a: torch.maximum(a, torch.zeros(6)), {"a": ties["a"]}, None, {"b": torch.zeros(6).float()})
one("binary", "Div", "Div", torch.div, {"a": x_of([0, 1, -2, 3]), "b": x_of([1, 2, -4, 0.5])})
one("binary", "Pow at random", "Pow", torch.pow, {"a": random(5, low=0.3, high=3), "b": random(5)})
one("binary", "Pow of zeros", "Pow", torch.pow, {"a": x_of([0, 0, 0, 0, 0]), "b": x_of([0, 1, 2, 3, 1.5])})
for exponent in (0.0, 1.0, 2.0, 3.0):
    one("binary", f"Pow to {exponent}", "Pow", lambda a: torch.pow(a, exponent), {"a": x_of([-2, -1, 0, 1, 3])}, None, {"e": torch.tensor(exponent).float()})
one("binary", "Mod with the sign of the dividend", "Mod", torch.fmod, {"a": x_of([5.5, -5.5, 0, 2.25]), "b": x_of([2, 2, 2, 1])}, {"fmod": 1})

# Roots, norms and angles where their slopes are infinite, behind operators that select.
ZEROS = x_of([0, 0, 0, 1, -1, 4, 0, 2], 2, 4)
case("roots", "sqrt of relu", [node("Relu", ["x"], outputs=["r"]), node("Sqrt", ["r"])], lambda x: torch.relu(x).sqrt(), {"x": ZEROS})
case("roots", "log of 1 minus hardsigmoid at its upper bound", [node("HardSigmoid", ["x"], {"alpha": 1 / 6, "beta": 0.5}, ["h"]), node("Sub", ["one", "h"], outputs=["d"]), node("Sqrt", ["d"])], lambda x: (1 - F.hardsigmoid(x)).sqrt(), {"x": x_of([4, 3.5, 0, -4])}, {"one": torch.tensor(1.0).float()})
case("roots", "reciprocal root of relu, then masked", [node("Relu", ["x"], outputs=["r"]), node("Pow", ["r", "half"])], lambda x: torch.relu(x).pow(0.5), {"x": ZEROS}, {"half": torch.tensor(0.5).float()})
case("roots", "sqrt of clamp below its bound", [node("Clip", ["x", "low"], outputs=["r"]), node("Sqrt", ["r"])], lambda x: x.clamp(min=0).sqrt(), {"x": x_of([-1, -2, 1, 4])}, {"low": torch.tensor(0.0).float()})
case("roots", "sqrt of maximum with 0, below", [node("Max", ["x", "low"], outputs=["r"]), node("Sqrt", ["r"])], lambda x: torch.maximum(x, torch.tensor(0.0)).sqrt(), {"x": x_of([-1, -2, 1, 4])}, {"low": torch.tensor(0.0).float()})
case("roots", "sqrt of hardswish below −3", [node("HardSwish", ["x"], outputs=["r"]), node("Sqrt", ["r"])], lambda x: F.hardswish(x).sqrt(), {"x": x_of([-4, -5, 1, 4])})
case("roots", "sqrt of hardshrink", [node("Shrink", ["x"], {"lambd": 0.5, "bias": 0.0}, ["r"]), node("Sqrt", ["r"])], lambda x: F.hardshrink(x).sqrt(), {"x": x_of([-0.25, 0, 0.5, 1, 4])})
case("roots", "sqrt of a threshold", [node("ThresholdedRelu", ["x"], {"alpha": 1.0}, ["r"]), node("Sqrt", ["r"])], lambda x: F.threshold(x, 1.0, 0.0).sqrt(), {"x": x_of([-1, 0, 1, 2, 4])})
STEADY = x_of([1, 1, 1, 1, 0, 0, 0, 0, 1, 2, 3, 5], 3, 4)
case(
    "roots",
    "std of constant rows, unbiased, as TorchScript writes it",
    [
        node("ReduceMean", ["x", "axes"], {"keepdims": 1}, ["m"]),
        node("Sub", ["x", "m"], outputs=["c"]),
        node("Mul", ["c", "c"], outputs=["s"]),
        node("ReduceMean", ["s", "axes"], {"keepdims": 1}, ["v"]),
        node("Mul", ["v", "n"], outputs=["w"]),
        node("Sub", ["n", "one"], outputs=["d"]),
        node("Div", ["w", "d"], outputs=["u"]),
        node("Sqrt", ["u"]),
    ],
    lambda x: x.std(1, keepdim=True),
    {"x": STEADY},
    {"axes": torch.tensor([1]), "n": torch.tensor(4.0).float(), "one": torch.tensor(1.0).float()},
)
case(
    "roots",
    "std of constant rows, biased",
    [
        node("ReduceMean", ["x", "axes"], {"keepdims": 1}, ["m"]),
        node("Sub", ["x", "m"], outputs=["c"]),
        node("Pow", ["c", "two"], outputs=["s"]),
        node("ReduceMean", ["s", "axes"], {"keepdims": 1}, ["v"]),
        node("Sqrt", ["v"]),
    ],
    lambda x: x.std(1, keepdim=True, correction=0),
    {"x": STEADY},
    {"axes": torch.tensor([1]), "two": torch.tensor(2.0).float()},
)
case("roots", "norm by powers at zero vectors", [node("Pow", ["x", "two"], outputs=["s"]), node("ReduceSum", ["s", "axes"], {"keepdims": 1}, ["v"]), node("Pow", ["v", "half"])], lambda x: x.norm(dim=1, keepdim=True), {"x": ZEROS.flip(0) * torch.tensor([[1.0], [0.0]])}, {"two": torch.tensor(2.0).float(), "axes": torch.tensor([1]), "half": torch.tensor(0.5).float()})
case("roots", "3-norm by powers at zero vectors", [node("Abs", ["x"], outputs=["a"]), node("Pow", ["a", "three"], outputs=["s"]), node("ReduceSum", ["s", "axes"], {"keepdims": 1}, ["v"]), node("Pow", ["v", "third"])], lambda x: torch.linalg.vector_norm(x, 3, dim=1, keepdim=True), {"x": x_of([0, 0, 0, 1, -2, 3], 2, 3)}, {"three": torch.tensor(3.0).float(), "axes": torch.tensor([1]), "third": torch.tensor(1 / 3).float()})
case("roots", "norm by ReduceSumSquare at zero vectors", [node("ReduceSumSquare", ["x", "axes"], {"keepdims": 1}, ["v"]), node("Sqrt", ["v"])], lambda x: x.norm(dim=1, keepdim=True), {"x": x_of([0, 0, 0, 1, -2, 3], 2, 3)}, {"axes": torch.tensor([1])})
ANGLES = {"b": x_of([0, 1, -1, 0, 0, 1, 1, -2, -1, 2]), "a": x_of([0, 0, 0, 1, 2, 1, -1, -1, 3, 1])}
case(
    "roots",
    "atan2 as dynamo writes it",
    [
        node("Div", ["b", "a"], outputs=["q"]),
        node("Atan", ["q"], outputs=["t"]),
        node("Greater", ["b", "zero"], outputs=["up"]),
        node("Add", ["t", "pi"], outputs=["plus"]),
        node("Sub", ["t", "pi"], outputs=["minus"]),
        node("Where", ["up", "plus", "minus"], outputs=["left"]),
        node("Less", ["a", "zero"], outputs=["isLeft"]),
        node("Where", ["isLeft", "left", "t"], outputs=["r"]),
        node("IsNaN", ["r"], outputs=["nan"]),
        node("Where", ["nan", "zero", "r"]),
    ],
    torch.atan2,
    ANGLES,
    {"zero": torch.tensor(0.0).float(), "pi": torch.tensor(math.pi).float()},
)
case(
    "roots",
    "lp_pool of zeros as TorchScript writes it",
    [
        node("Pow", ["x", "two"], outputs=["s"]),
        node("AveragePool", ["s"], {"kernel_shape": [2], "strides": [2]}, ["m"]),
        node("Sign", ["m"], outputs=["sign"]),
        node("Abs", ["m"], outputs=["abs"]),
        node("Relu", ["abs"], outputs=["relu"]),
        node("Mul", ["sign", "relu"], outputs=["p"]),
        node("Mul", ["p", "two"], outputs=["q"]),
        node("Pow", ["q", "half"]),
    ],
    lambda x: F.lp_pool1d(x, 2.0, 2),
    {"x": x_of([0, 0, 1, 0, 3, 4, 0, 0], 1, 1, 8)},
    {"two": torch.tensor(2.0).float(), "half": torch.tensor(0.5).float()},
)

def unit(x):
    length = x.norm(dim=1, keepdim=True)
    return x / torch.where(length == 0, 1.0, length)


# Reductions.
TIED = x_of([1, 3, 3, 0, 0, 0, -1, -2, -1], 3, 3)
EQUAL = x_of([0, 0, 0, 2, 2, 2, -1, 0, 1], 3, 3)
axes = {"axes": torch.tensor([1])}
for label, x in (("on ties", TIED), ("on rows of equal values and zeros", EQUAL), ("at random", random(3, 3))):
    for op, function in (
        ("ReduceMax", lambda x: x.amax(1)),
        ("ReduceMin", lambda x: x.amin(1)),
        ("ReduceSum", lambda x: x.sum(1)),
        ("ReduceMean", lambda x: x.mean(1)),
        ("ReduceL1", lambda x: torch.linalg.vector_norm(x, 1, dim=1)),
        ("ReduceL2", lambda x: torch.linalg.vector_norm(x, 2, dim=1)),
        ("ReduceSumSquare", lambda x: (x * x).sum(1)),
        ("ReduceLogSumExp", lambda x: torch.logsumexp(x, 1)),
        ("ReduceProd", lambda x: x.prod(1)),
    ):
        one("reductions", f"{op} {label}", op, function, {"x": x}, {"keepdims": 0}, axes)
    for op, function in (("Softmax", F.softmax), ("LogSoftmax", F.log_softmax)):
        one("reductions", f"{op} {label}", op, lambda x: function(x, dim=1), {"x": x}, {"axis": 1})
    one("reductions", f"CumSum {label}", "CumSum", lambda x: x.cumsum(1), {"x": x}, None, {"axis": torch.tensor(1)})
    one("reductions", f"CumProd {label}", "CumProd", lambda x: x.cumprod(1), {"x": x}, None, {"axis": torch.tensor(1)}, opset=26)
    one("reductions", f"LpNormalization {label}", "LpNormalization", unit, {"x": x}, {"axis": 1, "p": 2})
    case(
        "reductions",
        f"TopK {label}",
        [node("TopK", ["x", "k"], {"axis": 1, "largest": 1, "sorted": 1}, ["y", "i"])],
        lambda x: torch.gather(x, 1, torch.sort(x, dim=1, descending=True, stable=True)[1][:, :2]),
        {"x": x},
        {"k": torch.tensor([2])},
    )
one("reductions", "ReduceLogSum", "ReduceLogSum", lambda x: x.sum(1).log(), {"x": random(3, 3, low=0.3)}, {"keepdims": 0}, axes)

# Windows.
IMAGES = {
    "on ties": x_of([1, 1, 0, 2, 1, 1, 2, 2, 0, 0, 0, 0, 3, 0, 3, 3], 1, 1, 4, 4),
    "of zeros": torch.zeros(1, 1, 4, 4),
    "at random": random(1, 1, 4, 4),
}
for label, x in IMAGES.items():
    pool = {"kernel_shape": [2, 2], "strides": [2, 2]}
    overlap = {"kernel_shape": [3, 3], "strides": [1, 1], "pads": [1, 1, 1, 1]}
    one("windows", f"MaxPool {label}", "MaxPool", lambda x: F.max_pool2d(x, 2), {"x": x}, pool)
    one("windows", f"MaxPool, overlapping, {label}", "MaxPool", lambda x: F.max_pool2d(x, 3, 1, 1), {"x": x}, overlap)
    one("windows", f"AveragePool {label}", "AveragePool", lambda x: F.avg_pool2d(x, 3, 1, 1, count_include_pad=False), {"x": x}, overlap)
    one("windows", f"GlobalMaxPool {label}", "GlobalMaxPool", lambda x: F.adaptive_max_pool2d(x, 1), {"x": x})
    one("windows", f"GlobalAveragePool {label}", "GlobalAveragePool", lambda x: F.adaptive_avg_pool2d(x, 1), {"x": x})
    for p in (1, 2, 3):
        norm = lambda x: F.lp_pool2d(x.abs(), float(p), 2)
        one("windows", f"LpPool, p = {p}, {label}", "LpPool", norm, {"x": x}, {**pool, "p": p}, opset=18)
    one("windows", f"GlobalLpPool {label}", "GlobalLpPool", lambda x: torch.linalg.vector_norm(x, 2, dim=(2, 3), keepdim=True), {"x": x}, {"p": 2})
    one("windows", f"LRN {label}", "LRN", lambda x: F.local_response_norm(x.reshape(1, 4, 2, 2), 3, 0.5, 0.75, 1.0), {"x": x.reshape(1, 4, 2, 2)}, {"size": 3, "alpha": 0.5, "beta": 0.75, "bias": 1.0})
    w, b = random(2, 1, 3, 3), random(2)
    one("windows", f"Conv {label}", "Conv", lambda x, w, b: F.conv2d(x, w, b, padding=1), {"x": x, "w": w, "b": b}, {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]})
    one("windows", f"ConvTranspose {label}", "ConvTranspose", lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2), {"x": x, "w": random(1, 2, 2, 2), "b": b}, {"kernel_shape": [2, 2], "strides": [2, 2]})
    for mode in ("reflect", "edge", "constant"):
        torch_mode = {"edge": "replicate"}.get(mode, mode)
        one("windows", f"Pad {mode} {label}", "Pad", lambda x: F.pad(x, (1, 1, 1, 1), torch_mode), {"x": x}, {"mode": mode}, {"pads": torch.tensor([0, 0, 1, 1, 0, 0, 1, 1])})
    scales = torch.tensor([1.0, 1, 2, 2]).float()
    for mode, torch_mode, transformation, more in (
        ("linear", "bilinear", "half_pixel", {}),
        ("nearest", "nearest", "asymmetric", {"nearest_mode": "floor"}),
        ("cubic", "bicubic", "half_pixel", {"cubic_coeff_a": -0.75}),
    ):
        case(
            "windows",
            f"Resize {mode} {label}",
            [node("Resize", ["x", "", "scales"], {"mode": mode, "coordinate_transformation_mode": transformation, **more})],
            lambda x: F.interpolate(x, scale_factor=2, mode=torch_mode),
            {"x": x},
            {"scales": scales},
        )
    grid = torch.tensor([[[-1.0, -1], [1, 1], [0, 0]], [[-1.5, 0.5], [0.3, -0.2], [2, 2]]]).unsqueeze(0)
    inside = random(1, 2, 2, 2, low=-0.9, high=0.9)
    for mode, torch_mode in (("linear", "bilinear"), ("nearest", "nearest")):
        one("windows", f"GridSample {mode} {label}", "GridSample", lambda x: F.grid_sample(x, grid.double(), torch_mode, align_corners=True), {"x": x}, {"mode": mode, "align_corners": 1}, {"grid": grid.float()})
    one("windows", f"GridSample, coordinates, {label}", "GridSample", lambda x, g: F.grid_sample(x, g, align_corners=False), {"x": x, "g": inside}, {"mode": "linear", "align_corners": 0})
    one("windows", f"DepthToSpace {label}", "DepthToSpace", lambda x: F.pixel_shuffle(x.reshape(1, 4, 2, 2), 2), {"x": x.reshape(1, 4, 2, 2)}, {"blocksize": 2, "mode": "CRD"})
    one("windows", f"SpaceToDepth {label}", "SpaceToDepth", lambda x: x.reshape(1, 1, 2, 2, 2, 2).permute(0, 3, 5, 1, 2, 4).reshape(1, 4, 2, 2), {"x": x}, {"blocksize": 2})

def batch_norm(x, s, b, m, v):
    s, b, m, v = (t.reshape(1, -1, 1) for t in (s, b, m, v))
    return s * (x - m) / (v + 1e-5).sqrt() + b


# Normalizations, on rows that are constant as well.
for label, x in (("on rows of equal values", EQUAL.repeat(2, 1)[:4].reshape(2, 2, 3)), ("at random", random(2, 2, 3))):
    scale, shift = random(3), random(3)
    channel = {"s": random(2), "b": random(2)}
    one("normalization", f"LayerNormalization {label}", "LayerNormalization", lambda x, s, b: F.layer_norm(x, (3,), s, b, 1e-5), {"x": x, "s": scale, "b": shift}, {"axis": -1, "epsilon": 1e-5})
    one("normalization", f"InstanceNormalization {label}", "InstanceNormalization", lambda x, s, b: F.instance_norm(x, weight=s, bias=b, eps=1e-5), {"x": x, **channel}, {"epsilon": 1e-5})
    one("normalization", f"GroupNormalization {label}", "GroupNormalization", lambda x, s, b: F.group_norm(x, 1, s, b, 1e-5), {"x": x, **channel}, {"epsilon": 1e-5, "num_groups": 1}, opset=21)
    statistics = {"m": random(2), "v": random(2, low=0.5)}
    one("normalization", f"BatchNormalization {label}", "BatchNormalization", batch_norm, {"x": x, **channel, **statistics}, {"epsilon": 1e-5})
    one("normalization", f"RMSNormalization {label}", "RMSNormalization", lambda x, s: F.rms_norm(x, (3,), s, 1e-5), {"x": x, "s": scale}, {"axis": -1, "epsilon": 1e-5}, opset=23)

# Products and moves.
a, b = random(2, 3), random(3, 4)
one("products", "MatMul", "MatMul", torch.matmul, {"a": a, "b": b})
one("products", "MatMul of zeros", "MatMul", torch.matmul, {"a": a * 0, "b": b})
one("products", "Gemm", "Gemm", lambda a, b, c: 0.5 * a @ b + 2 * c, {"a": a, "b": b, "c": random(4)}, {"alpha": 0.5, "beta": 2.0})
one("products", "Einsum", "Einsum", lambda a, b: torch.einsum("ij,jk->ik", a, b), {"a": a, "b": b}, {"equation": "ij,jk->ik"})
q, k, v = random(1, 2, 3, 4), random(1, 2, 5, 4), random(1, 2, 5, 4)
one("products", "Attention", "Attention", F.scaled_dot_product_attention, {"q": q, "k": k, "v": v}, opset=23)
one("products", "Attention, causal", "Attention", lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True), {"q": q, "k": k[:, :, :3], "v": v[:, :, :3]}, {"is_causal": 1}, opset=23)
one("products", "Gather with repeated places", "Gather", lambda x: x[torch.tensor([0, 2, 2, 0])], {"x": random(3, 2)}, {"axis": 0}, {"i": torch.tensor([0, 2, 2, 0])})
index = torch.tensor([[0, 0, 1], [1, 1, 0]])
one("products", "GatherElements with repeated places", "GatherElements", lambda x: torch.gather(x, 0, index), {"x": random(2, 3)}, {"axis": 0}, {"i": index})
pairs = torch.tensor([[0, 1], [0, 1], [1, 2]])
one("products", "GatherND with repeated places", "GatherND", lambda x: x[pairs[:, 0], pairs[:, 1]], {"x": random(2, 3)}, None, {"i": pairs})
places = torch.tensor([[0, 1, 1], [1, 1, 0]])
for reduction, torch_reduction in (("add", "sum"), ("max", "amax"), ("min", "amin"), ("mul", "prod")):
    for label, (x, u) in (("at random", (random(2, 3), random(2, 3))), ("on ties", (torch.ones(2, 3), torch.ones(2, 3)))):
        case(
            "products",
            f"ScatterElements {reduction} {label}",
            [node("ScatterElements", ["x", "i", "u"], {"axis": 0, "reduction": reduction})],
            lambda x, u: x.scatter_reduce(0, places, u, torch_reduction, include_self=True),
            {"x": x, "u": u},
            {"i": places},
        )
one("products", "Trilu", "Trilu", torch.tril, {"x": random(3, 3)}, {"upper": 0})
one("products", "Expand", "Expand", lambda x: x.expand(2, 3), {"x": random(1, 3)}, None, {"s": torch.tensor([2, 3])})
one("products", "Tile", "Tile", lambda x: x.repeat(2, 2), {"x": random(2, 2)}, None, {"r": torch.tensor([2, 2])})
one("products", "Transpose", "Transpose", lambda x: x.T, {"x": random(2, 3)}, {"perm": [1, 0]})
one("products", "Concat", "Concat", lambda a, b: torch.cat([a, b], 1), {"a": random(2, 2), "b": random(2, 1)}, {"axis": 1})
one("products", "Slice", "Slice", lambda x: x[1:, ::2], {"x": random(3, 4)}, None, {"s": torch.tensor([1, 0]), "e": torch.tensor([3, 4]), "a": torch.tensor([0, 1]), "t": torch.tensor([1, 2])})
for name, opset in (("Reshape", 20), ("Flatten", 20), ("Squeeze", 20), ("Unsqueeze", 20)):
    constants = {"Reshape": {"s": torch.tensor([6])}, "Squeeze": {"s": torch.tensor([0])}, "Unsqueeze": {"s": torch.tensor([0])}}.get(name)
    change = {"Reshape": lambda x: x.reshape(6), "Flatten": lambda x: x.reshape(1, 6), "Squeeze": lambda x: x.squeeze(0), "Unsqueeze": lambda x: x.unsqueeze(0)}[name]
    one("products", name, name, change, {"x": random(1, 2, 3)}, None, constants)

# Recurrent layers: one sample, three steps, weights of PyTorch in ONNX's order.
def recurrent(op, cell, order):
    weights = [p.detach().clone() for p in cell.parameters()]
    for p, w in zip(cell.parameters(), weights):
        p.data = single(w)
    hidden = cell.hidden_size
    parts = lambda t: torch.cat([t.detach()[i * hidden : (i + 1) * hidden] for i in order])
    w, r = parts(cell.weight_ih_l0), parts(cell.weight_hh_l0)
    bias = torch.cat([parts(cell.bias_ih_l0), parts(cell.bias_hh_l0)])
    attributes = {"hidden_size": hidden, **({"linear_before_reset": 1} if op == "GRU" else {})}
    for label, x in (("at random", random(3, 1, 2)), ("of zeros", torch.zeros(3, 1, 2))):
        case("products", f"{op} {label}", [node(op, ["x", "w", "r", "b"], attributes)], lambda x: cell(x)[0].unsqueeze(1), {"x": x}, {"w": w.unsqueeze(0).float(), "r": r.unsqueeze(0).float(), "b": bias.unsqueeze(0).float()})


recurrent("LSTM", torch.nn.LSTM(2, 3), [0, 3, 1, 2])
recurrent("GRU", torch.nn.GRU(2, 3), [1, 0, 2])
recurrent("RNN", torch.nn.RNN(2, 3), [0])

write()
