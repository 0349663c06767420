#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# keras 3.15.1: a model that was compiled with Huber(delta=5) and saved is compiled with delta 1 once it is loaded, without a word;
# get_config of the loss does not have it. A prediction of 0 for a truth of 10 costs 5 * 10 - 12.5 = 37.5 before and 1 * 10 - 0.5 = 9.5
# after, so that a run that goes on from a file minimises something else.
# Seen: before 37.5, after 9.5; {'name': 'huber_loss', 'reduction': 'sum_over_batch_size'}
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet keras==3.15.1 jax==0.10.2 numpy==2.4.6
cd "$work"
KERAS_BACKEND=jax venv/bin/python - <<'PYTHON'
import keras
import numpy as np

model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1, use_bias=False)])
model.compile("sgd", keras.losses.Huber(delta=5.0))
x, y = np.zeros((4, 1)), np.full((4, 1), 10.0)
before = model.evaluate(x, y, verbose=0)
model.save("spend.keras")
loaded = keras.saving.load_model("spend.keras")
after = loaded.evaluate(x, y, verbose=0)
print(f"before {before}, after {after}; {loaded.loss.get_config()}")
assert abs(before - 37.5) < 1e-4 and abs(after - 9.5) < 1e-4 and "delta" not in loaded.loss.get_config()
PYTHON
