"""Golden values of metrics, by PyTorch in float64, NumPy and SciPy, which share no code with this project.

Made with Python 3.11, torch 2.13.0, numpy 2.4.6, scipy 1.17.1: python metrics.py > metrics.json
"""

import json
import math
import sys

import numpy as np
import torch
from scipy import optimize, stats

torch.set_default_dtype(torch.float64)
rng = np.random.default_rng(7)
SIZES = [4, 8, 7, 2]
weights = [np.round(rng.normal(size=(o, i)) * math.sqrt(2 / i), 3) for i, o in zip(SIZES, SIZES[1:])]
biases = [np.round(rng.normal(size=o) * 0.3 + 0.3, 3) for o in SIZES[1:]]
samples = np.round(rng.normal(size=(12, SIZES[0])), 3)


def network(x, power=1):
    h = x
    for layer, (w, b) in enumerate(zip(weights, biases)):
        w = torch.tensor(w) if power == 1 else torch.tensor(w) ** 2
        h = h @ w.T + (torch.tensor(b) if power == 1 else 0)
        if layer < len(weights) - 1:
            h = torch.relu(h)
    return h


x = torch.tensor(samples)
jacobians = torch.stack([torch.autograd.functional.jacobian(network, sample) for sample in x])  # n, K, d
rows = jacobians.numpy()
n, outputs, d_in = rows.shape


def coherence(r):
    return float(np.sum(r.mean(0) ** 2) / np.mean(np.sum(r**2, 1)))


correlations = np.corrcoef(rows.sum(1))
eigenvalues = np.linalg.eigvalsh(correlations).clip(0)
k = 1e-5


def length(points):
    return float(torch.linalg.vector_norm(points[1:] - points[:-1], dim=1).sum())


angles = torch.linspace(0, math.pi / 2, 201)[:, None]
ratios = {}
for i in range(n):
    for j in range(n):
        if i != j:
            arc = torch.cos(angles) * x[i] + torch.sin(angles) * x[j]
            ratios[f"{i},{j}"] = length(network(arc)) / length(arc)


def power_law(values):
    """The fit of Clauset et al., with a numerical maximum of the likelihood and SciPy's Kolmogorov-Smirnov test."""
    best = None
    for x_min in np.unique(values)[:-1]:
        tail = values[values >= x_min]

        def loss(alpha):
            return -np.sum(np.log((alpha - 1) / x_min) - alpha * np.log(tail / x_min))

        alpha = optimize.minimize_scalar(loss, bounds=(1 + 1e-9, 1000), method="bounded", options={"xatol": 1e-12}).x
        distance = stats.kstest(tail, lambda x: 1 - (x / x_min) ** (1 - alpha)).statistic
        if best is None or distance < best[1] - 1e-9:
            best = (alpha, distance, x_min)
    return best


def spectrum_values(name, sigma):
    sigma = np.array(sigma, dtype=float)
    p1 = sigma / sigma.sum() + 1e-7
    p2 = sigma**2 / (sigma**2).sum()
    alpha, distance, x_min = power_law((sigma / sigma[0]) ** 2)
    share = np.cumsum(sigma**2) / (sigma**2).sum()
    return {
        "name": name,
        "singularValues": sigma.tolist(),
        "rankme": float(np.exp(-(p1 * np.log(p1)).sum())),
        "spectral-entropy": float(-(p2 * np.log(p2)).sum() / math.log(len(sigma))),
        "schatten-norm": float((sigma**4).sum() ** 0.25),
        "explained-directions": int(np.argmax(share >= 0.99)) + 1,
        "power-law-exponent": float(alpha),
        "power-law-distance": float(distance),
        "power-law-from": float(x_min),
    }


i = np.arange(1, 201)
json.dump(
    {
        "weights": [w.tolist() for w in weights],
        "biases": [b.tolist() for b in biases],
        "samples": samples.tolist(),
        "frobenius-sensitivity": float(np.mean([np.linalg.norm(j) for j in rows])),
        "local-lipschitz": float(max(np.linalg.norm(j, 2) for j in rows)),
        "row-coherence": [coherence(rows[:, output]) for output in range(outputs)],
        "jacob-cov": float(-np.sum(np.log(eigenvalues + k) + 1 / (eigenvalues + k))),
        "path-norm": float(torch.sqrt(network(torch.ones(1, d_in), power=2).sum())),
        "trajectory-lengths": ratios,
        "activation-patterns": len({j.tobytes() for j in rows}),
        "spectra": [
            spectrum_values("1/i", 1 / i),
            spectrum_values("1/sqrt(i)", 1 / np.sqrt(i)),
            spectrum_values("exponential", np.exp(-i / 30)),
            spectrum_values("random", np.sort(np.round(rng.pareto(1.5, 80) + 0.01, 4))[::-1]),
        ],
    },
    sys.stdout,
)
