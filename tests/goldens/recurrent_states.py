# SPDX-License-Identifier: BSD-3-Clause
"""recurrent_states.json: first and last states, and activations, of recurrent layers of Keras, in float64."""
from common import normal, np, write
from layer_cases import MASK, NOTES, add, cases, keras, keras_case, random, sequence, tensor, torch

layers = keras.layers

RNN = [("kernel", None), ("recurrent_kernel", None), ("bias", None)]


def first_state(kind, states, tail, mask):
    """A second input x1, the states side by side."""
    layer = getattr(layers, kind)(3, return_sequences=True)
    x, first = tensor(sequence()), tensor(normal(random, 3, 3 * states))
    layer.build(x.shape)
    for variable in layer.trainable_weights:
        variable.assign(normal(random, *variable.shape, scale=0.5))
    real = np.ones((3, 5), dtype=bool) if mask is None else mask
    y = layer(x, initial_state=list(torch.split(first, 3, dim=1)), mask=None if mask is None else torch.tensor(mask))
    dy = normal(random, *y.shape) * real[:, :, None]
    parameters = {ours: (v, None) for (ours, _), v in zip(RNN, layer.trainable_weights)}
    add(kind.lower() + "_first_state" + tail, kind, {"units": 3, "return_sequences": True}, y * torch.tensor(real[:, :, None]), dy, [x, first], parameters, mask)


for mask in (None, MASK):
    tail = "" if mask is None else "_masked"
    for kind, states in (("LSTM", 2), ("GRU", 1), ("SimpleRNN", 1)):
        first_state(kind, states, tail, mask)
        keras_case(kind.lower() + "_state" + tail, getattr(layers, kind)(2, return_state=True),
                   {"type": kind, "units": 2, "return_state": True}, [sequence()], RNN, mask)
    for kind, name, options in (
            ("LSTM", "lstm_silu", {"activation": "silu", "recurrent_activation": "elu"}),
            ("GRU", "gru_gelu", {"activation": "gelu", "recurrent_activation": "softsign"}),
            ("GRU", "gru_before_softsign", {"activation": "softsign", "recurrent_activation": "silu", "reset_after": False}),
            ("SimpleRNN", "simple_rnn_mish", {"activation": "mish"})):
        keras_case(name + tail, getattr(layers, kind)(2, **options), {"type": kind, "units": 2, **options}, [sequence()], RNN, mask)

write("recurrent_states", ["keras", "torch"], NOTES + ["cases with x1: the second input is the first state, h or h | c"], cases)
