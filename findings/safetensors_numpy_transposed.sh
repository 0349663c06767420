#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# safetensors 0.8.0: safetensors.numpy.save of an array that is not row-major (a transpose, a Fortran array) writes the shape of the array
# and the numbers in the order of its memory, without a word: what is read back, here or in another language, is another matrix. Kernels
# that a converter transposes are such arrays; numpy.ascontiguousarray before saving mends it.
# Seen: saved [[0, 3], [1, 4], [2, 5]], read [[0, 1], [2, 3], [4, 5]]
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet safetensors==0.8.0 numpy==2.4.6
"$work/venv/bin/python" - <<'PYTHON'
import numpy as np
from safetensors.numpy import load, save

kernel = np.arange(6, dtype=np.float32).reshape(2, 3).T
read = load(save({"kernel": kernel}))["kernel"]
whole = load(save({"kernel": np.ascontiguousarray(kernel)}))["kernel"]
print(f"saved {kernel.astype(int).tolist()}, read {read.astype(int).tolist()}")
assert read.shape == kernel.shape and not np.array_equal(read, kernel) and np.array_equal(whole, kernel)
PYTHON
