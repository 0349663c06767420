#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# keras 3.15.1: predict with the callback SwapEMAWeights answers with the averaged weights, as meant, but does not put the trained ones back,
# as evaluate does: from then on the model has the averages and the optimizer the trained weights in their place. Every later predict, save
# and train_on_batch goes on from there, without a word.
# Seen: trained 4.88; after evaluate 4.88; after predict 2.432, and the averages of the optimizer are 4.88
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet keras==3.15.1 jax==0.10.2 numpy==2.4.6
KERAS_BACKEND=jax "$work/venv/bin/python" - <<'PYTHON'
import keras
import numpy as np

x, y = np.ones((4, 1), np.float32), np.full((4, 1), 10, np.float32)
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
model.compile(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9), "mse")
for _ in range(3):
    model.train_on_batch(x, y)
swap = keras.callbacks.SwapEMAWeights()
number = lambda weight: round(float(np.asarray(weight).ravel()[0]), 4)
trained = number(model.get_weights()[0])
model.evaluate(x, y, verbose=0, callbacks=[swap])
evaluated = number(model.get_weights()[0])
answer = number(model.predict(x[:1], verbose=0, callbacks=[swap]))
predicted, averages = number(model.get_weights()[0]), number(model.optimizer._model_variables_moving_average[0])
print(f"trained {trained}; after evaluate {evaluated}; after predict {predicted}, and the averages of the optimizer are {averages}")
assert trained == evaluated == averages == 4.88 and answer == predicted == 2.432
PYTHON
