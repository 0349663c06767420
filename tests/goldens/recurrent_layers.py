# SPDX-License-Identifier: BSD-3-Clause
"""recurrent_layers.json: recurrent layers of Keras, in float64."""
from common import write
from layer_cases import MASK, NOTES, cases, keras, keras_case, sequence

layers = keras.layers

RNN = [("kernel", None), ("recurrent_kernel", None), ("bias", None)]
for mask in (None, MASK):
    tail = "" if mask is None else "_masked"
    for sequences in (False, True):
        for back in (False, True):
            end = tail + ("_sequences" if sequences else "") + ("_backwards" if back else "")
            options = {"return_sequences": sequences, "go_backwards": back}
            if mask is not None and back and sequences:
                continue  # Keras leaves what it gives for padding in front
            for kind, more in (("LSTM", {}), ("GRU", {}), ("GRU", {"reset_after": False}), ("SimpleRNN", {})):
                if mask is not None and back and not sequences and more:
                    continue
                name = kind.lower() + ("_before" if more else "") + end
                keras_case(name, getattr(layers, kind)(3, **options, **more), {"type": kind, "units": 3, **options, **more}, [sequence()], RNN, mask)
    keras_case("lstm_state" + tail, layers.LSTM(2, return_state=True), {"type": "LSTM", "units": 2, "return_state": True}, [sequence()], RNN, mask)
    keras_case("lstm_activations" + tail, layers.LSTM(2, activation="softplus", recurrent_activation="tanh", use_bias=False),
               {"type": "LSTM", "units": 2, "activation": "softplus", "recurrent_activation": "tanh", "use_bias": False}, [sequence()], RNN, mask)
    for mode in ("concat", "sum", "mul", "ave"):
        both = layers.Bidirectional(layers.GRU(2, return_sequences=mode in ("sum", "ave")), merge_mode=mode)
        names = [(f"{way}/{n}", s) for way in ("forward", "backward") for n, s in RNN]
        keras_case(f"bidirectional_{mode}{tail}", both,
                   {"type": "Bidirectional", "layer": {"type": "GRU", "units": 2, "return_sequences": mode in ("sum", "ave")}, "merge_mode": mode}, [sequence()], names, mask)

write("recurrent_layers", ["keras", "torch"], NOTES, cases)
