"""Runs every cell of the table in conventions.md on the real library: python conventions.py torch|tensorflow|jax

Written for PyTorch 2.13.0, TensorFlow 2.21.0 with Keras 3.15.1, and JAX 0.10.2, all on the CPU, in float64.
"""

import sys

ROWS = {
    "relu at 0": ("relu", [0.0]),
    "relu6 at 0, 6": ("relu6", [0.0, 6.0]),
    "clamp to [-1, 1] at -1, 1": ("clip", [-1.0, 1.0]),
    "hardtanh at -1, 1": ("hardtanh", [-1.0, 1.0]),
    "maximum(x, 0) at 0": ("max0", [0.0]),
    "clamp from 0 at 0": ("clip0", [0.0]),
    "abs at 0": ("abs", [0.0]),
    "leaky relu, slope 0.1, at 0": ("leaky", [0.0]),
    "elu, alpha 1.5, at 0": ("elu", [0.0]),
    "selu at 0": ("selu", [0.0]),
    "celu, alpha 2, at 0": ("celu", [0.0]),
    "hard sigmoid at -3, 3": ("hardsigmoid", [-3.0, 3.0]),
    "hard swish at -3, 3": ("hardswish", [-3.0, 3.0]),
    "hard shrink at -0.5, 0.5": ("hardshrink", [-0.5, 0.5]),
    "soft shrink at -0.5, 0.5": ("softshrink", [-0.5, 0.5]),
    "x^0 at 0": ("pow0", [0.0]),
    "sqrt(x) at 0": ("sqrt", [0.0]),
    "sqrt(relu(x)) at 0": ("sqrtrelu", [0.0]),
    "sqrt(x * x) at 0": ("sqrtsquare", [0.0]),
    "norm of (0, 0)": ("norm", [0.0, 0.0]),
    "std of (1, 1)": ("std", [1.0, 1.0]),
    "atan2 of (0, 0)": ("atan2", [0.0, 0.0]),
    "max of (1, 1) over an axis": ("amax", [1.0, 1.0]),
    "max(dim) of (1, 1)": ("maxdim", [1.0, 1.0]),
    "maximum of 1 and 1": ("maximum", [1.0, 1.0]),
    "largest 1 of (1, 1)": ("topk", [1.0, 1.0]),
    "max pooling of (1, 1)": ("maxpool", [1.0, 1.0]),
    "lp pooling, p = 2, of (0, 0)": ("lppool", [0.0, 0.0]),
    "product of (0, 0)": ("prod", [0.0, 0.0]),
}


def with_torch():
    import torch
    import torch.nn.functional as F

    f = {
        "relu": torch.relu, "relu6": F.relu6, "clip": lambda x: x.clamp(-1, 1), "hardtanh": F.hardtanh,
        "max0": lambda x: torch.maximum(x, torch.zeros_like(x)), "clip0": lambda x: x.clamp(min=0), "abs": torch.abs,
        "leaky": lambda x: F.leaky_relu(x, 0.1), "elu": lambda x: F.elu(x, 1.5), "selu": F.selu, "celu": lambda x: F.celu(x, 2.0),
        "hardsigmoid": F.hardsigmoid, "hardswish": F.hardswish, "hardshrink": F.hardshrink, "softshrink": F.softshrink,
        "pow0": lambda x: x**0.0, "sqrt": torch.sqrt, "sqrtrelu": lambda x: torch.relu(x).sqrt(), "sqrtsquare": lambda x: (x * x).sqrt(),
        "norm": lambda x: x.norm(), "std": lambda x: x.std(), "atan2": lambda x: torch.atan2(x[0], x[1]), "amax": lambda x: x.amax(0),
        "maxdim": lambda x: x.max(0)[0], "maximum": lambda x: torch.maximum(x[0], x[1]), "topk": lambda x: x.topk(1)[0],
        "maxpool": lambda x: F.max_pool1d(x[None, None], 2), "lppool": lambda x: F.lp_pool1d(x[None, None], 2.0, 2), "prod": lambda x: x.prod(),
    }

    def gradient(name, point):
        x = torch.tensor(point, dtype=torch.float64, requires_grad=True)
        return torch.autograd.grad(f[name](x).sum(), x)[0].tolist()

    return torch.__version__, f, gradient


def with_tensorflow():
    import keras
    import tensorflow as tf

    n = tf.nn
    f = {
        "relu": n.relu, "relu6": n.relu6, "clip": lambda x: tf.clip_by_value(x, -1.0, 1.0), "hardtanh": keras.ops.hard_tanh,
        "max0": lambda x: tf.maximum(x, tf.zeros_like(x)), "clip0": lambda x: keras.ops.clip(x, 0.0, 1e9), "abs": tf.abs,
        "leaky": lambda x: n.leaky_relu(x, 0.1), "elu": lambda x: keras.ops.elu(x, 1.5), "selu": n.selu, "celu": lambda x: keras.ops.celu(x, 2.0),
        "hardsigmoid": keras.ops.hard_sigmoid, "hardswish": keras.ops.hard_swish, "hardshrink": keras.ops.hard_shrink,
        "softshrink": keras.ops.soft_shrink, "pow0": lambda x: tf.pow(x, tf.constant(0.0, tf.float64)), "sqrt": tf.sqrt,
        "sqrtrelu": lambda x: tf.sqrt(n.relu(x)), "sqrtsquare": lambda x: tf.sqrt(x * x), "norm": tf.norm, "std": tf.math.reduce_std,
        "atan2": lambda x: tf.atan2(x[0], x[1]), "amax": tf.reduce_max, "maximum": lambda x: tf.maximum(x[0], x[1]),
        "topk": lambda x: tf.math.top_k(x, 1)[0], "maxpool": lambda x: n.max_pool2d(x[None, None, :, None], [1, 2], [1, 2], "VALID"),
        "prod": tf.reduce_prod,
    }

    def gradient(name, point):
        x = tf.constant(point, dtype=tf.float64)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f[name](x)
        return tape.gradient(y, x).numpy().tolist()

    return f"{tf.__version__}, Keras {keras.__version__}", f, gradient


def with_jax():
    import jax
    import jax.numpy as np

    jax.config.update("jax_enable_x64", True)
    n = jax.nn
    f = {
        "relu": n.relu, "relu6": n.relu6, "clip": lambda x: np.clip(x, -1.0, 1.0), "hardtanh": n.hard_tanh, "max0": lambda x: np.maximum(x, 0.0),
        "clip0": lambda x: np.clip(x, 0.0), "abs": np.abs, "leaky": lambda x: n.leaky_relu(x, 0.1), "elu": lambda x: n.elu(x, 1.5),
        "selu": n.selu, "celu": lambda x: n.celu(x, 2.0), "hardsigmoid": n.hard_sigmoid, "hardswish": n.hard_swish,
        "pow0": lambda x: np.power(x, 0.0), "sqrt": np.sqrt, "sqrtrelu": lambda x: np.sqrt(n.relu(x)), "sqrtsquare": lambda x: np.sqrt(x * x),
        "norm": np.linalg.norm, "std": np.std, "atan2": lambda x: np.arctan2(x[0], x[1]), "amax": np.max,
        "maximum": lambda x: np.maximum(x[0], x[1]), "topk": lambda x: jax.lax.top_k(x, 1)[0],
        "maxpool": lambda x: jax.lax.reduce_window(x, -np.inf, jax.lax.max, (2,), (2,), "VALID"), "prod": np.prod,
    }

    def gradient(name, point):
        return jax.grad(lambda x: f[name](x).sum())(np.array(point)).tolist()

    return jax.__version__, f, gradient


version, functions, gradient = {"torch": with_torch, "tensorflow": with_tensorflow, "jax": with_jax}[sys.argv[1]]()
print(sys.argv[1], version)
for row, (name, point) in ROWS.items():
    print(f"{row}: {[round(v, 6) for v in gradient(name, point)] if name in functions else 'none'}")
