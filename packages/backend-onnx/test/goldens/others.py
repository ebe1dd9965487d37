"""The operators that pytorch.py leaves out, by PyTorch's float64 autograd.

Writes pytorch-others.json beside this file. Run with PyTorch 2.13.0 (CPU):
python others.py

Operators without a counterpart in PyTorch are written out in its operations, as the ONNX standard defines them.
"""

import torch
import torch.nn.functional as F

from autograd import case, node, one, random, write, x_of

INT = torch.int64
single = lambda v: torch.as_tensor(v).float()
whole = lambda v: torch.as_tensor(v, dtype=INT)
TIES = x_of([1, 3, 3, 0, 0, 0, -1, -2, -1, 2, 2, 2], 3, 4)
POINTS = {"on ties": TIES, "at random": random(3, 4)}
IMAGES = {
    "on ties": x_of([1, 1, 0, 2, 1, 1, 2, 2, 0, 0, 0, 0, 3, 0, 3, 3], 1, 1, 4, 4),
    "of zeros": torch.zeros(1, 1, 4, 4),
    "at random": random(1, 1, 4, 4),
}


def other(name, *rest, **options):
    one("others", name, *rest, **options)


def others(name, nodes, function, variables, constants=None, **options):
    case("others", name, nodes, function, variables, constants, **options)


# Types.
for label, x in POINTS.items():
    through = [node("Cast", ["x"], {"to": 7}, ["i"]), node("Cast", ["i"], {"to": 1}, ["f"]), node("Add", ["x", "f"])]
    others(f"Cast to int64 and back {label}", through, lambda x: x + x.detach().trunc(), {"x": x})
    double = [node("Cast", ["x"], {"to": 11}, ["d"]), node("Mul", ["d", "d"], None, ["s"]), node("Cast", ["s"], {"to": 1})]
    others(f"Cast to float64 and back {label}", double, lambda x: x * x, {"x": x})
    like = [node("Cast", ["x"], {"to": 9}, ["b"]), node("CastLike", ["b", "x"], None, ["f"]), node("Mul", ["x", "f"])]
    others(f"CastLike of truth values {label}", like, lambda x: x * (x.detach() != 0), {"x": x})
    other(f"Dropout {label}", "Dropout", lambda x: F.dropout(x, 0.5, False), {"x": x})
    hard = lambda x: F.one_hot(x.argmax(1), 4) * x
    others(f"Hardmax {label}", [node("Hardmax", ["x"], {"axis": 1}, ["h"]), node("Mul", ["h", "x"])], hard, {"x": x})
    eye = [node("EyeLike", ["x"], {"k": 1}, ["e"]), node("Mul", ["e", "x"])]
    others(f"EyeLike {label}", eye, lambda x: x * torch.diag(torch.ones(3), 1)[:3], {"x": x})
    other(f"Swish {label}", "Swish", lambda x: x * torch.sigmoid(0.5 * x), {"x": x}, {"alpha": 0.5}, opset=24)
    other(f"Swish, as silu, {label}", "Swish", F.silu, {"x": x}, opset=24)

# Shapes and places.
for label, x in POINTS.items():
    pad = lambda x: F.pad(x[:, 1:3], (0, 0, 1, 1))
    other(f"CenterCropPad {label}", "CenterCropPad", pad, {"x": x}, None, {"shape": whole([5, 2])})
    odd = lambda x: F.pad(x[:, 0:3], (0, 0, 0, 1))
    other(f"CenterCropPad of odd differences {label}", "CenterCropPad", odd, {"x": x}, None, {"shape": whole([4, 3])})
    last = lambda x: F.pad(x, (1, 2))
    other(f"CenterCropPad of one axis {label}", "CenterCropPad", last, {"x": x}, {"axes": [-1]}, {"shape": whole([7])})
    keep = torch.tensor([True, False, True, True])
    other(f"Compress {label}", "Compress", lambda x: x[:, keep], {"x": x}, {"axis": -1}, {"c": keep})
    flat = torch.tensor([True, False, False, True, True])
    other(f"Compress without axis {label}", "Compress", lambda x: x.flatten()[:5][flat], {"x": x}, None, {"c": flat})
    split = [node("Split", ["x", "sizes"], {"axis": -1}, ["a", "b"]), node("Concat", ["b", "a", "b"], {"axis": 1})]
    back = lambda x: torch.cat([x[:, 1:], x[:, :1], x[:, 1:]], 1)
    others(f"Split {label}", split, back, {"x": x}, {"sizes": whole([1, 3])})
    parts = [node("Split", ["x"], {"axis": 1, "num_outputs": 3}, ["a", "b", "c"]), node("Concat", ["c", "a"], {"axis": 1})]
    others(f"Split into unequal parts {label}", parts, lambda x: torch.cat([x[:, 4:], x[:, :2]], 1), {"x": torch.cat([x, x[:, :1]], 1)})
    turned = lambda x: torch.stack([torch.cat([r[: int(n)].flip(0), r[int(n) :]]) for r, n in zip(x, [4, 1, 3])])
    other(f"ReverseSequence {label}", "ReverseSequence", turned, {"x": x}, {"batch_axis": 0, "time_axis": 1}, {"n": whole([4, 1, 3])})
    indices = whole([[2, 0, 1, 2], [0, 1, 0, 0]])
    u = random(2, 4)
    case("others", f"Scatter {label}", [node("Scatter", ["x", "i", "u"], {"axis": 0})], lambda x, u: x.scatter(0, indices, u), {"x": x, "u": u}, {"i": indices}, opset=10)
    rows = whole([[2], [0]])
    case("others", f"ScatterND {label}", [node("ScatterND", ["x", "i", "u"])], lambda x, u: x.index_put((rows[:, 0],), u), {"x": x, "u": u}, {"i": rows})
    same = whole([[1], [1]])
    case("others", f"ScatterND, add, duplicates, {label}", [node("ScatterND", ["x", "i", "u"], {"reduction": "add"})], lambda x, u: x.index_put((same[:, 0],), u, accumulate=True), {"x": x, "u": u}, {"i": same})
    for reduction, way in (("mul", "prod"), ("max", "amax"), ("min", "amin")):
        wide = same.expand(2, 4)
        for kind, v in (("random", u), ("tied", torch.stack([x[1], x[1]]))):
            case("others", f"ScatterND, {reduction}, {kind} updates, {label}", [node("ScatterND", ["x", "i", "u"], {"reduction": reduction})], lambda x, u: x.scatter_reduce(0, wide, u, way), {"x": x, "u": v}, {"i": same}, opset=18)
            case("others", f"ScatterElements, {reduction}, {kind} updates, {label}", [node("ScatterElements", ["x", "i", "u"], {"axis": 0, "reduction": reduction})], lambda x, u: x.scatter_reduce(0, wide, u, way), {"x": x, "u": v}, {"i": wide}, opset=18)
    sequence = [
        node("SplitToSequence", ["x", "two"], {"axis": 1}, ["s"]),
        node("SequenceAt", ["s", "one"], None, ["a"]),
        node("SequenceInsert", ["s", "a", "zero"], None, ["t"]),
        node("SequenceErase", ["t", "one"], None, ["u"]),
        node("ConcatFromSequence", ["u"], {"axis": 1}, ["c"]),
        node("SequenceConstruct", ["c", "x"], None, ["v"]),
        node("ConcatFromSequence", ["v"], {"axis": 0, "new_axis": 1}),
    ]
    positions = {"two": whole(2), "one": whole(1), "zero": whole(0)}
    others(f"sequences {label}", sequence, lambda x: torch.stack([torch.cat([x[:, 2:], x[:, 2:]], 1), x]), {"x": x}, positions)
    empty = [node("SequenceEmpty", [], {"dtype": 1}, ["s"]), node("SequenceInsert", ["s", "x"], None, ["t"]), node("SequenceInsert", ["t", "x"], None, ["u"]), node("ConcatFromSequence", ["u"], {"axis": -1})]
    others(f"SequenceEmpty {label}", empty, lambda x: torch.cat([x, x], 1), {"x": x})
for label, x in IMAGES.items():
    pooled, places = F.max_pool2d(random(1, 1, 4, 4), 2, return_indices=True)
    case("others", f"MaxUnpool {label}", [node("MaxUnpool", ["x", "i"], {"kernel_shape": [2, 2], "strides": [2, 2]})], lambda x: F.max_unpool2d(x, places, 2), {"x": x[:, :, :2, :2]}, {"i": places})
    columns = x.reshape(1, 4, 4)
    case("others", f"Col2Im {label}", [node("Col2Im", ["x", "size", "block"], {"strides": [1, 1]})], lambda x: F.fold(x, (3, 3), 2), {"x": columns}, {"size": whole([3, 3]), "block": whole([2, 2])})
    case("others", f"Col2Im, padding, strides, {label}", [node("Col2Im", ["x", "size", "block"], {"strides": [2, 2], "pads": [1, 1, 1, 1]})], lambda x: F.fold(x, (2, 2), 2, stride=2, padding=1), {"x": columns}, {"size": whole([2, 2]), "block": whole([2, 2])})
    for mode in ("nearest", "linear"):
        doubled = lambda x: F.interpolate(x, scale_factor=2, mode="nearest")

        def asymmetric(x):
            at = torch.arange(8) / 2
            low = at.floor().long()
            high = (low + 1).clamp(max=3)
            w = at - low
            m = F.one_hot(low, 4) * (1 - w)[:, None] + F.one_hot(high, 4) * w[:, None]
            return m @ x @ m.T

        case("others", f"Upsample {mode} {label}", [node("Upsample", ["x", "scales"], {"mode": mode})], asymmetric if mode == "linear" else doubled, {"x": x}, {"scales": single([1, 1, 2, 2])}, opset=9)
    meanVariance = lambda x: (x - x.mean((0, 2, 3), keepdim=True)) / (x.std((0, 2, 3), keepdim=True, correction=0) + 1e-9)
    if label != "of zeros":
        one("others", f"MeanVarianceNormalization {label}", "MeanVarianceNormalization", meanVariance, {"x": x})
    for corners in (0, 1):
        theta = random(1, 2, 3)
        case("others", f"AffineGrid, align_corners = {corners}, {label}", [node("AffineGrid", ["t", "size"], {"align_corners": corners}, ["g"]), node("GridSample", ["x", "g"], {"mode": "linear", "align_corners": corners})], lambda x, t: F.grid_sample(x, F.affine_grid(t, [1, 1, 2, 3], align_corners=bool(corners)), align_corners=bool(corners)), {"x": x, "t": theta}, {"size": whole([1, 1, 2, 3])})

# Normalization, attention's embedding, caches.
for label, x in (*POINTS.items(), ("of zeros", torch.zeros(3, 4))):
    rms = lambda x, s: x / (x.square().mean(-1, keepdim=True) + 0.01).sqrt() * s
    other(f"SimplifiedLayerNormalization {label}", "SimplifiedLayerNormalization", rms, {"x": x, "s": random(4)}, {"axis": -1, "epsilon": 0.01})
    tensors = x.reshape(1, 1, 3, 4).expand(1, 2, 3, 4).clone()
    cos, sin = random(1, 3, 2), random(1, 3, 2)

    def rotary(x, cos, sin, interleaved):
        a, b = (x[..., 0::2], x[..., 1::2]) if interleaved else (x[..., :2], x[..., 2:])
        c, s = cos.unsqueeze(1), sin.unsqueeze(1)
        real, imaginary = c * a - s * b, s * a + c * b
        return torch.stack([real, imaginary], -1).flatten(-2) if interleaved else torch.cat([real, imaginary], -1)

    for interleaved in (0, 1):
        other(f"RotaryEmbedding, interleaved = {interleaved}, {label}", "RotaryEmbedding", lambda x, c, s: rotary(x, c, s, interleaved), {"x": tensors, "cos": cos, "sin": sin}, {"interleaved": interleaved}, opset=23)
    cache = x.reshape(1, 1, 3, 4)
    update = random(1, 1, 2, 4)
    linear = lambda x, u: torch.cat([x[:, :, :1], u], 2)
    around = lambda x, u: torch.cat([u[:, :, 1:], x[:, :, 1:2], u[:, :, :1]], 2)
    case("others", f"TensorScatter, linear, {label}", [node("TensorScatter", ["x", "u", "at"], {"mode": "linear"})], linear, {"x": cache, "u": update}, {"at": whole([1])}, opset=24)
    case("others", f"TensorScatter, circular, {label}", [node("TensorScatter", ["x", "u", "at"], {"mode": "circular"})], around, {"x": cache, "u": update}, {"at": whole([2])}, opset=24)


# Rounding to integers; its derivative is that of fake_quantize, where it is asked for.
bounds = x_of([-64, -64.5, -63.75, 63.5, 64, 63, 0, 0.25, -0.25, 1.125, 300, -300])
fake = torch.fake_quantize_per_tensor_affine
for label, x in (("at bounds and ties", bounds), ("at random", random(8))):
    leaf = x.float().requires_grad_()
    reference = fake(leaf, 0.5, 0, -128, 127)
    mask = torch.autograd.grad(reference.sum(), leaf)[0].double()
    straight = lambda x: x * mask + (reference.detach().double() - x * mask).detach()
    nodes = [node("QuantizeLinear", ["x", "s", "z"], None, ["q"]), node("DequantizeLinear", ["q", "s", "z"])]
    others(f"QuantizeLinear as fake_quantize {label}", nodes, straight, {"x": x}, {"s": single(0.5)}, straightThrough=True, integers={"z": {"type": "int8", "shape": [], "values": [0]}})
weights = {"w": {"type": "int8", "shape": [2, 3], "values": [-128, 127, 0, 3, -5, 3]}, "z": {"type": "int8", "shape": [2], "values": [1, -2]}}
scaled = lambda s: (torch.tensor(weights["w"]["values"]).reshape(2, 3) - torch.tensor([[1], [-2]])) * s[:, None]
others("DequantizeLinear, scales", [node("DequantizeLinear", ["w", "s", "z"], {"axis": 0})], scaled, {"s": x_of([0.5, 0.25])}, integers=weights)

# Branches and loops.
body = lambda inputs, outputs, nodes: {"inputs": inputs, "outputs": outputs, "nodes": [{"op": o, "inputs": i, "outputs": out, "attributes": a} for o, i, out, a in nodes]}
for label, x in (("on ties and zeros", TIES), ("at random", random(3, 4))):
    for condition in (True, False):
        branches = {
            "then_branch": body([], ["t"], [node("Relu", ["x"], None, ["t"])]),
            "else_branch": body([], ["e"], [node("Abs", ["x"], None, ["e"])]),
        }
        others(f"If {condition} {label}", [node("If", ["c"], branches)], torch.relu if condition else torch.abs, {"x": x}, {"c": torch.tensor(condition)})

    def scanned(x):
        h, found = torch.zeros(4), []
        for row in x:
            h = torch.relu(h * 0.5 + row)
            found.append(h)
        return torch.stack(found)

    step = body(["h", "r"], ["n", "o"], [node("Mul", ["h", "half"], None, ["m"]), node("Add", ["m", "r"], None, ["a"]), node("Relu", ["a"], None, ["n"]), node("Identity", ["n"], None, ["o"])])
    others(f"Scan {label}", [node("Scan", ["h0", "x"], {"body": step, "num_scan_inputs": 1}, ["h_last", "y"])], scanned, {"x": x}, {"h0": torch.zeros(4).float(), "half": single(0.5)})
    turn = body(["trip", "goesOn", "h"], ["go", "n"], [node("Identity", ["goesOn"], None, ["go"]), node("Mul", ["h", "half"], None, ["m"]), node("Add", ["m", "x"], None, ["a"]), node("Abs", ["a"], None, ["n"])])

    def looped(x):
        h = x
        for _ in range(3):
            h = (h * 0.5 + x).abs()
        return h

    others(f"Loop {label}", [node("Loop", ["count", "c", "x"], {"body": turn})], looped, {"x": x}, {"count": whole(3), "c": torch.tensor(True), "half": single(0.5)})

write()
