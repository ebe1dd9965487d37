"""Small graphs and their vector-Jacobian products by PyTorch's float64 autograd, written as JSON beside this file."""

import json
from pathlib import Path

import torch

torch.manual_seed(14)
torch.set_default_dtype(torch.float64)
HERE = Path(__file__).parent


def single(t):
    """Short numbers that float32 holds."""
    return (t * 128).round() / 128


def random(*shape, low=-2.0, high=2.0):
    return single(torch.rand(*shape) * (high - low) + low)


def numbers(t):
    rounded = [float(f"{v:.10g}") for v in t.detach().double().flatten().tolist()]
    return [int(v) if v == int(v) else v for v in rounded]


files = {}


def case(file, name, nodes, function, variables, constants=None, opset=20, note=None, **flags):
    """nodes: (op, inputs, outputs, attributes); variables: tensors by name; constants: tensors (int64 or float)."""
    constants = constants or {}
    leaves = {k: torch.as_tensor(v).double().clone().requires_grad_() for k, v in variables.items()}
    y = function(*leaves.values())
    g = random(2, *y.shape)
    rows = [
        torch.autograd.grad(y, list(leaves.values()), g[k], retain_graph=True, allow_unused=True) for k in range(2)
    ]
    products = {}
    for i, (k, leaf) in enumerate(leaves.items()):
        parts = [torch.zeros_like(leaf) if r[i] is None else r[i] for r in rows]
        product = torch.stack(parts)
        assert torch.isfinite(product).all(), (name, k, product)
        products[k] = numbers(product)
    files.setdefault(file, []).append(
        {
            "name": name,
            "opset": opset,
            "nodes": [{"op": o, "inputs": i, "outputs": out, "attributes": a} for o, i, out, a in nodes],
            "variables": {k: {"shape": list(v.shape), "values": numbers(v)} for k, v in leaves.items()},
            "constants": {
                k: {
                    "type": "int64" if v.dtype == torch.int64 else "bool" if v.dtype == torch.bool else "float32",
                    "shape": list(v.shape),
                    "values": numbers(v),
                }
                for k, v in ((k, torch.as_tensor(v)) for k, v in constants.items())
            },
            "y": {"shape": list(y.shape), "values": numbers(y)},
            "cotangents": numbers(g),
            "products": products,
            **({"note": note} if note else {}),
            **flags,
        }
    )


def node(op, inputs, attributes=None, outputs=("y",)):
    return (op, list(inputs), list(outputs), attributes or {})


def one(file, name, op, function, variables, attributes=None, constants=None, **rest):
    names = list(variables) + list(constants or {})
    case(file, name, [node(op, names, attributes)], function, variables, constants, **rest)


def x_of(values, *shape):
    t = torch.tensor(values, dtype=torch.float64)
    return t.reshape(*shape) if shape else t


def write():
    for file, cases in files.items():
        lines = ",\n  ".join(json.dumps(c, ensure_ascii=False, separators=(",", ":")) for c in cases)
        text = f'{{"framework": "PyTorch {torch.__version__}", "cases": [\n  {lines}\n]}}\n'
        (HERE / f"pytorch-{file}.json").write_text(text, encoding="utf8")
        print(file, len(cases), len(text))
