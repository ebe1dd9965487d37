"""Eigenvalues by NumPy (LAPACK), on request: a peer for spectra.ts, which writes one line a request.

    python lapack_spectra.py FOLDER

`make COUNT ORDER` writes Gram matrices of random rows whose columns fall in size, float64, to FOLDER/ORDER-INDEX.bin;
`all COUNT ORDER` takes all their eigenvalues and answers with the seconds and those of the first, as JSON.
"""

import json
import sys
import time

import numpy as np


def main(folder):
    matrices = {}
    for line in sys.stdin:
        command, count, order = line.split()
        count, order = int(count), int(order)
        if command == "make":
            random = np.random.default_rng(order)
            for index in range(count):
                rows = random.standard_normal((2 * order, order)) * np.logspace(0, -3, order)
                matrices[order, index] = rows.T @ rows
                matrices[order, index].tofile(f"{folder}/{order}-{index}.bin")
            answer = {}
        else:
            start = time.perf_counter()
            values = [np.linalg.eigvalsh(matrices[order, index]) for index in range(count)]
            answer = {"seconds": time.perf_counter() - start, "values": values[0][::-1].tolist()}
        print(json.dumps(answer), flush=True)


main(sys.argv[1])
