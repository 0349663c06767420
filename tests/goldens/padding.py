# SPDX-License-Identifier: BSD-3-Clause
"""padding.json: keras.utils.pad_sequences."""
from common import case, np, rng, use_keras, write

keras, _ = use_keras()
random = rng(32)
cases = []
for name, lengths in (("several", [3, 0, 7, 1, 4]), ("one", [5]), ("empty_ones", [0, 0])):
    sequences = [random.integers(1, 50, n).astype(np.float64) for n in lengths]
    for longest in (None, 1, 4, 9):
        for padding in ("pre", "post"):
            for truncating in ("pre", "post"):
                y = keras.utils.pad_sequences(sequences, maxlen=longest, dtype="float64", padding=padding, truncating=truncating, value=-1.5)
                cases.append(case(f"{name}_{longest}_{padding}_{truncating}",
                                  options={"max_length": longest or 0, "padding": padding, "truncating": truncating, "value": -1.5, "lengths": lengths},
                                  tensors={"x": np.concatenate(sequences), "y": y}))

write("padding", ["keras"], ["x: the sequences one after the other, as long as lengths say; max_length 0: that of the longest"], cases)
