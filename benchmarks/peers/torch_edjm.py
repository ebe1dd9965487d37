"""Singular values of every output's EDJM by PyTorch, as one would write it: prints those of output 0 as JSON.

    python torch_edjm.py MODEL.onnx SAMPLES.npy

One forward pass a batch, one backward pass an output, Gram matrices summed in float64, eigenvalues by LAPACK.
The weights are read from the .onnx file with the onnx package if it is installed; timings do not depend on them.
"""

import json
import sys

import numpy as np
import onnx
import onnx.numpy_helper
import torch

BATCH = 500


def load(path):
    weights = [torch.tensor(onnx.numpy_helper.to_array(t)) for t in onnx.load(path).graph.initializer]
    layers = []
    for weight, bias in zip(weights[0::2], weights[1::2]):
        layer = torch.nn.Linear(weight.shape[1], weight.shape[0])
        layer.weight.data, layer.bias.data = weight, bias
        layers += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1]).requires_grad_(False)


def main(model, data):
    net = load(model)
    samples = np.load(data, mmap_mode="r")
    grams = None
    for start in range(0, len(samples), BATCH):
        x = torch.tensor(np.array(samples[start : start + BATCH]), requires_grad=True)
        y = net(x)
        if grams is None:
            grams = torch.zeros(y.shape[1], x.shape[1], x.shape[1], dtype=torch.float64)
        for k in range(y.shape[1]):
            (rows,) = torch.autograd.grad(y[:, k].sum(), x, retain_graph=True)
            grams[k] += rows.T @ rows
    spectra = [np.sqrt(np.maximum(np.linalg.eigvalsh(g.numpy()), 0))[::-1] for g in grams]
    json.dump(spectra[0].tolist(), sys.stdout)


main(*sys.argv[1:])
