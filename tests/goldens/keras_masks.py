# SPDX-License-Identifier: BSD-3-Clause
"""keras_masks.json: what Keras' layers make of padding, also where they forget the mask; on JAX, in float64."""
import os

from common import array, case, normal, np, rng, write

os.environ["KERAS_BACKEND"] = "jax"
import jax

jax.config.update("jax_enable_x64", True)
import keras

keras.config.set_floatx("float64")
from keras.src.backend.common import dtypes

dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"  # as in common.py: no detour through float
layers = keras.layers
random = rng(91)
MASK = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [1, 0, 1, 0, 1], [0, 0, 0, 0, 0]])
ids = np.where(MASK, np.arange(1, 21).reshape(4, 5), 0)
table = normal(random, 21, 2)  # row 0 is what padding looks like
x = table[ids]
cases = []

def add(name, group, layer, weights=(), **call):
    """The layer behind an Embedding with mask_zero; weights: our names and shapes of its own."""
    steps = keras.Input((5,), dtype="int64")
    embedding = layers.Embedding(21, 2, mask_zero=True)
    e = embedding(steps)
    y = layer(e, e, **call) if group == "MultiHeadAttention" else layer(e)
    model = keras.Model(steps, y)
    embedding.set_weights([table])
    values = [normal(random, *np.shape(w), scale=0.5) for w in layer.get_weights()]
    if weights:
        layer.set_weights(values)
    parameters = {ours: v if shape is None else v.reshape(shape) for (ours, shape), v in zip(weights, values)}
    out = array(model(ids))
    assert out.dtype == np.float64
    cases.append(case(name, group, None, None, None, {"x": x, "mask": MASK.astype(np.float64), **parameters, "y": out}))

attention = [(f"{p}/{n}", s) for p, w in (("query", 6), ("key", 6), ("value", 6)) for n, s in (("kernel", (2, w)), ("bias", (w,)))]
attention += [("attention_output/kernel", (6, 2)), ("attention_output/bias", (2,))]
for causal in (False, True):
    tail = "_causal" if causal else ""
    add("attention" + tail, "MultiHeadAttention", layers.MultiHeadAttention(2, 3), attention, use_causal_mask=causal)
    add("attention_with_dropout" + tail, "MultiHeadAttention", layers.MultiHeadAttention(2, 3, dropout=0.25), attention, use_causal_mask=causal)
add("max", "MaxPooling1D", layers.MaxPooling1D(2, padding="same"))
add("average", "AveragePooling1D", layers.AveragePooling1D(2, strides=1))
add("global_max", "GlobalMaxPooling1D", layers.GlobalMaxPooling1D())
add("global_average", "GlobalAveragePooling1D", layers.GlobalAveragePooling1D())
add("up", "UpSampling1D", layers.UpSampling1D(2))
add("zeros", "ZeroPadding1D", layers.ZeroPadding1D((1, 2)))
add("crop", "Cropping1D", layers.Cropping1D((1, 1)))
add("conv", "Conv1D", layers.Conv1D(3, 2), [("kernel", (2, 2, 3)), ("bias", (3,))])
add("conv_same", "Conv1D", layers.Conv1D(3, 3, padding="same"), [("kernel", (3, 2, 3)), ("bias", (3,))])
add("depthwise", "DepthwiseConv1D", layers.DepthwiseConv1D(2), [("kernel", (2, 2, 1)), ("bias", (2,))])
add("separable", "SeparableConv1D", layers.SeparableConv1D(3, 2), [("depthwise_kernel", (2, 2, 1)), ("pointwise_kernel", (2, 3)), ("bias", (3,))])
rnn = lambda u, gates: [("kernel", (2, gates * u)), ("recurrent_kernel", (u, gates * u)), ("bias", None)]
add("lstm", "LSTM", layers.LSTM(2, return_sequences=True), rnn(2, 4))
add("gru", "GRU", layers.GRU(2, return_sequences=True), rnn(2, 3))
add("simple_rnn", "SimpleRNN", layers.SimpleRNN(2, return_sequences=True), rnn(2, 1))
add("lstm_backwards", "LSTM", layers.LSTM(2, return_sequences=True, go_backwards=True), rnn(2, 4))
both = [(f"{way}/{n}", s) for way in ("forward", "backward") for n, s in rnn(2, 4)]
add("bidirectional", "Bidirectional", layers.Bidirectional(layers.LSTM(2, return_sequences=True)), both)
add("bidirectional_last", "Bidirectional", layers.Bidirectional(layers.LSTM(2)), both)

add("unit_normalization", "UnitNormalization", layers.UnitNormalization())

write("keras_masks", ["keras", "jax"], [
    "x comes from an Embedding with mask_zero, mask says which steps are real; y is the layer's answer in inference",
    "windows, GlobalMaxPooling1D and resampling layers forget the mask; GlobalAveragePooling1D is NaN of no step",
    "MultiHeadAttention: a query that is padding or has no key takes the mean of all values; with dropout, nothing but the bias; without, JAX computes the shares in float",
], cases)
