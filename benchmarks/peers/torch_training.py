"""Seconds of steps of training by PyTorch, as one would write it: prints them as JSON.

    python torch_training.py BATCH WIDTH STEPS
"""

import json
import sys
import time

import torch


def main(batch, width, steps):
    net = torch.nn.Sequential(
        torch.nn.Linear(784, width),
        torch.nn.ReLU(),
        torch.nn.Linear(width, width),
        torch.nn.ReLU(),
        torch.nn.Linear(width, 10),
    )
    optimizer = torch.optim.SGD(net.parameters(), 1e-3, momentum=0.9)
    x = torch.rand(batch, 784)
    y = torch.randint(0, 10, (batch,))
    times = []
    for _ in range(steps):
        start = time.perf_counter()
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        loss.item()
        times.append(time.perf_counter() - start)
    print(json.dumps(times))


main(*map(int, sys.argv[1:]))
