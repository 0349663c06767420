# SPDX-License-Identifier: BSD-3-Clause
"""convolution_layers.json: convolutions and pooling of Keras, in float64."""
from common import normal, write
from layer_cases import MASK, NOTES, cases, keras, keras_case, random, sequence

layers = keras.layers

CONV = [("kernel", None), ("bias", None)]
for padding in ("valid", "same", "causal"):
    for strides, dilation, groups in ((1, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 2)):
        options = {"strides": strides, "padding": padding, "dilation_rate": dilation, "groups": groups, "activation": "tanh"}
        keras_case(f"conv1d_{padding}_{strides}{dilation}{groups}", layers.Conv1D(4, 3, **options), {"type": "Conv1D", "filters": 4, "kernel_size": 3, **options}, [sequence()], CONV)
for padding in ("valid", "same"):
    for strides, dilation, groups in ((1, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 2)):
        options = {"strides": strides, "padding": padding, "dilation_rate": dilation, "groups": groups, "activation": "tanh"}
        ours = {k: v for k, v in options.items() if k not in ("strides", "dilation_rate")}
        keras_case(f"conv2d_{padding}_{strides}{dilation}{groups}", layers.Conv2D(2, (3, 2), **options),
                   {"type": "Conv2D", "filters": 2, "kernel_height": 3, "kernel_width": 2, "strides_height": strides, "strides_width": strides,
                    "dilation_height": dilation, "dilation_width": dilation, **ours}, [normal(random, 2, 6, 5, 2)], CONV)
    depthwise = layers.DepthwiseConv1D(3, padding=padding, depth_multiplier=2, activation="tanh")
    keras_case(f"depthwise_{padding}", depthwise, {"type": "DepthwiseConv1D", "kernel_size": 3, "padding": padding, "depth_multiplier": 2, "activation": "tanh"}, [sequence()], CONV)
    keras_case(f"separable_{padding}", layers.SeparableConv1D(3, 2, padding=padding, depth_multiplier=2),
               {"type": "SeparableConv1D", "filters": 3, "kernel_size": 2, "padding": padding, "depth_multiplier": 2}, [sequence()],
               [("depthwise_kernel", None), ("pointwise_kernel", (4, 3)), ("bias", None)])
    for kind in ("Max", "Average"):
        for strides in (None, 1, 3):
            keras_case(f"{kind.lower()}1d_{padding}_{strides}", getattr(layers, kind + "Pooling1D")(2, strides, padding),
                       {"type": kind + "Pooling1D", "pool_size": 2, "strides": strides or 0, "padding": padding}, [sequence()], [])
        keras_case(f"{kind.lower()}2d_{padding}", getattr(layers, kind + "Pooling2D")((3, 2), 2, padding),
                   {"type": kind + "Pooling2D", "pool_height": 3, "pool_width": 2, "strides": 2, "padding": padding}, [normal(random, 2, 5, 4, 2)], [])
for kind in ("Max", "Average"):
    keras_case(f"global_{kind.lower()}1d", getattr(layers, f"Global{kind}Pooling1D")(), {"type": f"Global{kind}Pooling1D"}, [sequence()], [])
    keras_case(f"global_{kind.lower()}2d", getattr(layers, f"Global{kind}Pooling2D")(), {"type": f"Global{kind}Pooling2D"}, [normal(random, 2, 3, 2, 2)], [])
keras_case("global_average1d_masked", layers.GlobalAveragePooling1D(), {"type": "GlobalAveragePooling1D"}, [sequence()], [], MASK)
keras_case("upsampling1d", layers.UpSampling1D(3), {"type": "UpSampling1D", "size": 3}, [sequence()], [])
keras_case("zero_padding1d", layers.ZeroPadding1D((1, 2)), {"type": "ZeroPadding1D", "left": 1, "right": 2}, [sequence()], [])
keras_case("cropping1d", layers.Cropping1D((1, 2)), {"type": "Cropping1D", "left": 1, "right": 2}, [sequence()], [])

write("convolution_layers", ["keras", "torch"], NOTES, cases)
