"""Attributes, axes and modes of operators, and points far out, by PyTorch's float64 autograd.

Writes pytorch-options.json and pytorch-far.json beside this file. Run with PyTorch 2.13.0 (CPU): python options.py

Each number of pytorch-far.json is compared for itself: saturated functions must keep their digits.
"""

import torch
import torch.nn.functional as F

from autograd import case, node, one, random, write, x_of

single = lambda v: torch.as_tensor(v).float()
whole = lambda v: torch.as_tensor(v, dtype=torch.int64)


def option(name, op, function, variables, attributes=None, constants=None, inputs=None, **rest):
    names = inputs or [*variables, *(constants or {})]
    case("options", name, [node(op, names, attributes)], function, variables, constants, **rest)


# Reductions: axes from the end, several axes, none, kept dimensions.
CUBES = {
    "on ties": x_of([1, 3, 3, 0, 0, 0, -1, -2, -1, 2, 2, 2], 2, 3, 2),
    "of zeros": torch.zeros(2, 3, 2),
    "at random": random(2, 3, 2),
}
for label, x in CUBES.items():
    for op, function in (
        ("ReduceMax", lambda x, a, k: x.amax(a, keepdim=k)),
        ("ReduceMin", lambda x, a, k: x.amin(a, keepdim=k)),
        ("ReduceSum", lambda x, a, k: x.sum(a, keepdim=k)),
        ("ReduceMean", lambda x, a, k: x.mean(a, keepdim=k)),
        ("ReduceL1", lambda x, a, k: torch.linalg.vector_norm(x, 1, a, k)),
        ("ReduceL2", lambda x, a, k: torch.linalg.vector_norm(x, 2, a, k)),
        ("ReduceSumSquare", lambda x, a, k: x.square().sum(a, keepdim=k)),
        ("ReduceLogSumExp", lambda x, a, k: x.logsumexp(a, keepdim=k)),
    ):
        option(f"{op}, axes −1 and 0, kept, {label}", op, lambda x: function(x, (0, 2), True), {"x": x}, {"keepdims": 1}, {"axes": whole([-1, 0])})
        option(f"{op} of all, {label}", op, lambda x: function(x, (0, 1, 2), False), {"x": x}, {"keepdims": 0})
        if op in ("ReduceMax", "ReduceMin", "ReduceSum", "ReduceMean"):
            nothing = {"keepdims": 0, "noop_with_empty_axes": 1}
            option(f"{op} of no axes, {label}", op, lambda x: x * 1, {"x": x}, nothing, {"axes": whole([])})
    option(f"ReduceProd of all, {label}", "ReduceProd", lambda x: x.prod(), {"x": x}, {"keepdims": 0})
    for exclusive in (0, 1):
        def summed(x):
            y = x.flip(1).cumsum(1)
            y = y - x.flip(1) if exclusive else y
            return y.flip(1)
        option(f"CumSum, reverse, exclusive = {exclusive}, {label}", "CumSum", summed, {"x": x}, {"exclusive": exclusive, "reverse": 1}, {"axis": whole(-2)})
    case("options", f"TopK, smallest, {label}", [node("TopK", ["x", "k"], {"axis": 1, "largest": 0, "sorted": 1}, ["y", "i"])], lambda x: x.gather(1, torch.sort(x, dim=1, stable=True)[1][:, :2]), {"x": x}, {"k": whole([2])})
    case("options", f"TopK, sort, {label}", [node("TopK", ["x", "k"], {"axis": -2, "largest": 1, "sorted": 1}, ["y", "i"])], lambda x: x.gather(1, torch.sort(x, dim=1, descending=True, stable=True)[1]), {"x": x}, {"k": whole([3])})
    indices = whole([[-1, 0, -1], [1, 1, 0]])
    option(f"Gather, negative and double indices, {label}", "Gather", lambda x: x[:, indices], {"x": x}, {"axis": 1}, {"i": indices})
    option(f"Softmax, axis 0, {label}", "Softmax", lambda x: x.softmax(0), {"x": x}, {"axis": 0})
    option(f"LogSoftmax, axis −2, {label}", "LogSoftmax", lambda x: x.log_softmax(1), {"x": x}, {"axis": -2})
    if label != "of zeros":
        option(f"LpNormalization, p = 1, {label}", "LpNormalization", lambda x: F.normalize(x, 1, 1), {"x": x}, {"axis": 1, "p": 1})
    option(f"LayerNormalization, axis −2, {label}", "LayerNormalization", lambda x, s, b: F.layer_norm(x, (3, 2), s, b, 0.01), {"x": x, "s": random(3, 2), "b": random(3, 2)}, {"axis": -2, "epsilon": 0.01})
    option(f"RMSNormalization, axis −2, {label}", "RMSNormalization", lambda x, s: F.rms_norm(x, (3, 2), s, 0.01), {"x": x, "s": random(3, 2)}, {"axis": -2, "epsilon": 0.01}, opset=23)
    for equation, function in (("bij->bji", lambda x: x.transpose(1, 2)), ("bij,bik->jk", None), ("b...,b...->...", None), ("bii->b", None)):
        z = x if equation != "bii->b" else x[:, :2]
        pair = "," in equation
        option(f"Einsum {equation} {label}", "Einsum", (lambda a, b: torch.einsum(equation, a, b)) if pair else (lambda a: torch.einsum(equation, a)), {"a": z, "b": random(2, 3, 2)} if pair else {"a": z}, {"equation": equation})
    option(f"Max of three {label}", "Max", lambda a, b, c: torch.maximum(torch.maximum(a, b), c), {"a": x, "b": x[:1], "c": random(2, 1, 2)})
    option(f"Min with broadcasting {label}", "Min", torch.minimum, {"a": x, "b": x[:1, :1]})
    option(f"Slice, steps backwards, {label}", "Slice", lambda x: x.flip(1)[:, ::2], {"x": x}, None, {"s": whole([-1]), "e": whole([-9]), "a": whole([1]), "t": whole([-2])})
option("Sqrt beside zero", "Sqrt", torch.sqrt, {"x": x_of([1e-6, 1e-3, 1, 100])}, each=True)
option("Log beside zero", "Log", torch.log, {"x": x_of([2**-20, 2**-10, 0.5, 1024])}, each=True)
option("Pow, negative bases, whole exponents", "Pow", lambda x: x ** torch.tensor([3.0, -1, -2, 2]), {"x": x_of([-2, -1, 2, -0.5])}, None, {"e": single([3, -1, -2, 2])})
option("Mod of whole quotients", "Mod", lambda a: torch.fmod(a, torch.tensor([2.0, 2, 3, 1])), {"a": x_of([4, -4, 3, 2.5])}, {"fmod": 1}, {"b": single([2, 2, 3, 1])})

# Windows.
IMAGES = {
    "on ties": x_of([1, 1, 0, 2, 1, 1, 2, 2, 0, 0, 0, 0, 3, 0, 3, 3, 3, 3, 0, 0, 1, 1, 2, 0, 0], 1, 1, 5, 5),
    "of zeros": torch.zeros(1, 1, 5, 5),
    "at random": random(1, 1, 5, 5),
}
for label, x in IMAGES.items():
    strided = {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}
    option(f"MaxPool, ceil_mode, {label}", "MaxPool", lambda x: F.max_pool2d(x, 2, ceil_mode=True), {"x": x}, strided)
    option(f"MaxPool, dilations, {label}", "MaxPool", lambda x: F.max_pool2d(x, 2, 1, dilation=2), {"x": x}, {"kernel_shape": [2, 2], "strides": [1, 1], "dilations": [2, 2]})
    option(f"AveragePool, ceil_mode, {label}", "AveragePool", lambda x: F.avg_pool2d(x, 2, ceil_mode=True), {"x": x}, strided)
    option(f"AveragePool, margin counts, {label}", "AveragePool", lambda x: F.avg_pool2d(x, 3, 2, 1), {"x": x}, {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1], "count_include_pad": 1})
    option(f"Conv, strides and dilations, {label}", "Conv", lambda x, w: F.conv2d(x, w, stride=2, padding=2, dilation=2), {"x": x, "w": random(2, 1, 2, 2)}, {"kernel_shape": [2, 2], "strides": [2, 2], "pads": [2, 2, 2, 2], "dilations": [2, 2]})
    option(f"ConvTranspose, output_padding, {label}", "ConvTranspose", lambda x, w: F.conv_transpose2d(x, w, stride=2, padding=1, output_padding=1), {"x": x, "w": random(1, 1, 3, 3)}, {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1], "output_padding": [1, 1]})
    option(f"Pad, wrap, {label}", "Pad", lambda x: F.pad(x, (1, 2, 2, 1), "circular"), {"x": x}, {"mode": "wrap"}, {"p": whole([0, 0, 2, 1, 0, 0, 1, 2])})
    if label == "of zeros":
        continue
    for size in ((3, 7), (8, 4)):
        sizes = {"sizes": whole([1, 1, *size])}
        for mode, way in (("linear", "bilinear"), ("cubic", "bicubic")):
            for transformation, corners in (("align_corners", True), ("pytorch_half_pixel", False)):
                option(f"Resize {mode} {transformation} {size} {label}", "Resize", lambda x: F.interpolate(x, size, mode=way, align_corners=corners), {"x": x}, {"mode": mode, "coordinate_transformation_mode": transformation, "cubic_coeff_a": -0.75}, sizes, ["x", "", "", "sizes"])
            option(f"Resize {mode} antialias {size} {label}", "Resize", lambda x: F.interpolate(x, size, mode=way, antialias=True), {"x": x}, {"mode": mode, "antialias": 1, "exclude_outside": 1, "cubic_coeff_a": -0.5}, sizes, ["x", "", "", "sizes"])
        option(f"Resize nearest-exact {size} {label}", "Resize", lambda x: F.interpolate(x, size, mode="nearest-exact"), {"x": x}, {"mode": "nearest", "coordinate_transformation_mode": "half_pixel", "nearest_mode": "round_prefer_ceil"}, sizes, ["x", "", "", "sizes"])
    grid = random(1, 2, 3, 2, low=-1.4, high=1.4)
    for padding in ("zeros", "border", "reflection"):
        for mode, way in (("linear", "bilinear"), ("cubic", "bicubic"), ("nearest", "nearest")):
            for corners in (0, 1):
                option(f"GridSample {mode} {padding} align_corners = {corners} {label}", "GridSample", lambda x, g: F.grid_sample(x, g, way, padding, bool(corners)), {"x": x, "g": grid}, {"mode": mode, "padding_mode": padding, "align_corners": corners})

# Recurrent layers: both directions, initial states, every output.
STEPS = {"at random": random(3, 1, 2), "of zeros": torch.zeros(3, 1, 2)}
for op, cell, order, count in (("LSTM", torch.nn.LSTM, [0, 3, 1, 2], 4), ("GRU", torch.nn.GRU, [1, 0, 2], 3), ("RNN", torch.nn.RNN, [0], 1)):
    layer = cell(2, 3, bidirectional=True).double()
    for p in layer.parameters():
        p.data = random(*p.shape, low=-1, high=1)

    def ordered(name, end):
        t = dict(layer.named_parameters())[f"{name}_l0{end}"].detach()
        return torch.cat([t.chunk(count)[i] for i in order])

    stack = lambda name: torch.stack([ordered(name, ""), ordered(name, "_reverse")])
    bias = torch.stack([torch.cat([ordered("bias_ih", e), ordered("bias_hh", e)]) for e in ("", "_reverse")])
    weights = {"w": single(stack("weight_ih")), "r": single(stack("weight_hh")), "b": single(bias)}
    attributes = {"hidden_size": 3, "direction": "bidirectional", **({"linear_before_reset": 1} if op == "GRU" else {})}
    for label, x in STEPS.items():
        starts = {"h": random(2, 1, 3), **({"c": random(2, 1, 3)} if op == "LSTM" else {})}
        run = lambda x, *s: layer(x, s if op == "LSTM" else s[0])
        inputs = ["x", "w", "r", "b", "", *starts]
        case("options", f"{op}, both directions, initial states, {label}", [node(op, inputs, attributes)], lambda x, *s: run(x, *s)[0].reshape(3, 1, 2, 3).transpose(1, 2), {"x": x, **starts}, weights)
        last = (lambda x, *s: run(x, *s)[1][1]) if op == "LSTM" else (lambda x, *s: run(x, *s)[1])
        outputs = ["all", "hidden", "y"] if op == "LSTM" else ["all", "y"]
        case("options", f"{op}, last state, {label}", [node(op, inputs, attributes, outputs)], last, {"x": x, **starts}, weights)
relu = torch.nn.RNN(2, 3, nonlinearity="relu").double()
for p in relu.parameters():
    p.data = random(*p.shape, low=-1, high=1)
relu.bias_ih_l0.data.zero_(), relu.bias_hh_l0.data.zero_()
for label, x in STEPS.items():
    case("options", f"RNN of ReLU {label}", [node("RNN", ["x", "w", "r"], {"hidden_size": 3, "activations": ["Relu"]})], lambda x: relu(x)[0].unsqueeze(1), {"x": x}, {"w": single(relu.weight_ih_l0.detach()).unsqueeze(0), "r": single(relu.weight_hh_l0.detach()).unsqueeze(0)})

# Attention: causal, masks, groups of heads, scales, soft caps, equal scores.
for label, q in (("at random", random(1, 4, 3, 2)), ("on equal scores", torch.zeros(1, 4, 3, 2))):
    k, v = random(1, 2, 3, 2), random(1, 2, 3, 2)
    mask = x_of([0, -1, 0.5, 0, 0, 0, 2, 0, -3], 3, 3)
    attend = lambda q, k, v, m=None, **more: F.scaled_dot_product_attention(q, k, v, m, enable_gqa=True, **more)
    option(f"Attention, groups, {label}", "Attention", attend, {"q": q, "k": k, "v": v}, opset=23)
    option(f"Attention, causal, scale, {label}", "Attention", lambda q, k, v: attend(q, k, v, is_causal=True, scale=0.25), {"q": q, "k": k, "v": v}, {"is_causal": 1, "scale": 0.25}, opset=23)
    option(f"Attention, mask, {label}", "Attention", attend, {"q": q, "k": k, "v": v, "m": mask}, opset=23)
    allowed = torch.tensor([[True, False, True], [True, True, True], [False, False, True]])
    option(f"Attention, truth mask, {label}", "Attention", lambda q, k, v: attend(q, k, v, allowed), {"q": q, "k": k, "v": v}, None, {"m": allowed}, opset=23)

    def capped(q, k, v):
        k, v = k.repeat_interleave(2, 1), v.repeat_interleave(2, 1)
        s = q @ k.transpose(2, 3) / 2**0.5
        return (0.5 * (s / 0.5).tanh()).softmax(-1) @ v

    option(f"Attention, softcap, {label}", "Attention", capped, {"q": q, "k": k, "v": v}, {"softcap": 0.5}, opset=23)

# Far out, on both sides: every number for itself.
FAR = [-80, -40, -20, -12, -8, -5, 5, 8, 12, 20, 40, 80]


def far(name, op, function, points, attributes=None, constants=None, **rest):
    case("far", f"{name} far out", [node(op, ["x", *(constants or {})], attributes)], function, {"x": points}, constants, each=True, **rest)


def slopes(function, derivative):
    """A function with its derivative in a form that does not cancel, as float64 autograd would at these points."""
    return lambda x: function(x).detach() + derivative(x).detach() * (x - x.detach())


near = x_of([v for v in FAR if -41 < v < 41])
mild = x_of([-8, -6, -4, -2.5, 2.5, 4, 6, 8])
density = lambda x: torch.exp(-x * x / 2) / (2 * torch.pi) ** 0.5
phi = lambda x: torch.special.erfc(-x / 2**0.5) / 2
sigma = torch.sigmoid
far("Sigmoid", "Sigmoid", slopes(sigma, lambda x: sigma(x) * sigma(-x)), x_of(FAR))
far("Tanh", "Tanh", slopes(torch.tanh, lambda x: 4 * sigma(2 * x) * sigma(-2 * x)), near)
far("Softplus", "Softplus", slopes(lambda x: x.clamp(min=0) + torch.exp(-x.abs()).log1p(), sigma), x_of(FAR))
far("Softsign", "Softsign", F.softsign, x_of(FAR))
far("Erf", "Erf", torch.erf, mild)
far("Elu", "Elu", F.elu, x_of([-80, -40, -20, -8, 8, 80]), {"alpha": 1.0})
far("Selu", "Selu", F.selu, x_of([-80, -40, -20, -8, 8, 80]))
far("Celu", "Celu", lambda x: F.celu(x, 2.0), x_of([-80, -40, -20, -8, 8, 80]), {"alpha": 2.0})
far("Swish", "Swish", slopes(F.silu, lambda x: sigma(x) * (1 + x * sigma(-x))), x_of(FAR), opset=24)
far("Gelu", "Gelu", slopes(lambda x: x * phi(x), lambda x: phi(x) + x * density(x)), x_of([-4, -2.5, 2.5, 4, 6, 8]), {"approximate": "none"})
inner = lambda x: 2 * (2 / torch.pi) ** 0.5 * (x + 0.044715 * x**3)
steep = lambda x: 2 * (2 / torch.pi) ** 0.5 * (1 + 3 * 0.044715 * x**2)
by_tanh = slopes(lambda x: x * sigma(inner(x)), lambda x: sigma(inner(x)) * (1 + x * sigma(-inner(x)) * steep(x)))
far("Gelu by tanh", "Gelu", by_tanh, mild, {"approximate": "tanh"})


def mish(x):
    e = x.exp()
    n = e * (e + 2)
    return torch.where(x > 15, x, x * n / (n + 2))


far("Mish", "Mish", mish, x_of([-60, -40, -20, -12, -8, -5, 5, 8, 12]))


def softmax(x):
    """The diagonal of the Jacobian is p (sum of the other probabilities)."""
    p = x.softmax(1).detach()
    others = p @ (1 - torch.eye(p.shape[1]))
    jacobian = torch.diag_embed(p * others) - p[:, :, None] * p[:, None, :] * (1 - torch.eye(p.shape[1]))
    return p + (jacobian @ (x - x.detach())[:, :, None])[:, :, 0]


for gap in (16.0, 20.0, 40.0, 80.0):
    logits = x_of([0, gap, 1, -1, 0.5, -gap], 2, 3)
    far(f"Softmax with a gap of {gap}", "Softmax", softmax, logits, {"axis": 1})
    far(f"LogSoftmax with a gap of {gap}", "LogSoftmax", lambda x: x.log_softmax(1), logits, {"axis": 1})
    far(f"ReduceLogSumExp with a gap of {gap}", "ReduceLogSumExp", lambda x: x.logsumexp(1), logits, {"keepdims": 0}, {"axes": whole([1])})
for spread in (2.0**-4, 2.0**-8, 2.0**-10):
    rows = 8 + spread * x_of([1, -2, 3, 0.5, 0, -1, 2, 5], 2, 4)
    plain = {"s": torch.ones(4).float(), "b": torch.zeros(4).float()}
    for op, shape in (("LayerNormalization", (2, 4)), ("InstanceNormalization", (1, 2, 4))):
        scale = plain if op == "LayerNormalization" else {"s": torch.ones(2).float(), "b": torch.zeros(2).float()}
        case("options", f"{op} of nearly constant rows, spread {spread}", [node(op, ["x", "s", "b"], {"epsilon": 1e-5})], lambda x: F.layer_norm(x, (4,), eps=float(single(1e-5))), {"x": rows.reshape(shape)}, scale)
write()
