# SPDX-License-Identifier: BSD-3-Clause
"""layers.json: keras.layers in float64 with given parameters; gradients by torch autograd."""
from common import array, case, grid, normal, np, rng, uniform, use_keras, write

keras, torch = use_keras()
random = rng(2)
cases = []


def run(layer, inputs, parameters, dy, training, mask=None):
    """Output, gradients of the inputs and of the parameters, of a built layer whose weights have been set."""
    xs = [torch.tensor(x, requires_grad=True) for x in inputs]
    kwargs = {} if training is None else {"training": training}
    if mask is not None:
        kwargs["mask"] = torch.tensor(mask)
    y = layer(xs if len(xs) > 1 else xs[0], **kwargs)
    y.backward(torch.tensor(dy))
    tensors = {}
    for i, x in enumerate(xs):
        suffix = "" if len(xs) == 1 else str(i)
        tensors["x" + suffix] = inputs[i]
        tensors["dx" + suffix] = x.grad
    for name, variable in parameters.items():
        tensors[name] = variable
        tensors["d" + name] = getattr(layer, name if name != "kernel" else "_kernel").value.grad
    check(layer, xs, parameters, dy, y, training, mask, tensors)
    return {**tensors, "dy": dy, "y": y}


def check(layer, xs, parameters, dy, y, training, mask, tensors):
    """The same in plain PyTorch: Keras must not have left float64 anywhere."""
    xs = [x.detach().clone().requires_grad_() for x in xs]
    p = {name: torch.tensor(value, requires_grad=True) for name, value in parameters.items()}
    if isinstance(layer, keras.layers.Dense):
        z = xs[0] @ p["kernel"] + p.get("bias", 0)
        name = layer.activation.__name__
        again = z if name == "linear" else torch.softmax(z, -1) if name == "softmax" else getattr(torch, name, getattr(torch.nn.functional, name, None))(z)
    elif isinstance(layer, keras.layers.Concatenate):
        again = torch.cat(xs, layer.axis)
    elif isinstance(layer, keras.layers.Add):
        again = sum(xs)
    else:
        x = xs[0]
        if isinstance(layer, keras.layers.LayerNormalization):
            mean, variance = x.mean(-1, keepdim=True), x.var(-1, correction=0, keepdim=True)
        elif training:
            rows = x[torch.tensor(mask)] if mask is not None else x.reshape(-1, x.shape[-1])
            mean, variance = rows.mean(0), rows.var(0, correction=0)
        else:
            mean, variance = layer.moving_mean.value, layer.moving_variance.value
        again = (x - mean) / torch.sqrt(variance + layer.epsilon) * p.get("gamma", 1) + p.get("beta", 0)
    again.backward(torch.tensor(dy))
    same = lambda a, b: np.testing.assert_allclose(array(a), array(b), rtol=1e-11, atol=1e-13)
    same(y, again)
    for i, x in enumerate(xs):
        same(tensors["dx" + ("" if len(xs) == 1 else str(i))], x.grad)
    for name, value in p.items():
        same(tensors["d" + name], value.grad)


def dense(name, shape, units, activation, use_bias):
    layer = keras.layers.Dense(units, activation=activation, use_bias=use_bias)
    layer.build(shape)
    parameters = {"kernel": normal(random, shape[-1], units, scale=0.7)}
    if use_bias:
        parameters["bias"] = normal(random, units, scale=0.5)
    layer.set_weights(list(parameters.values()))
    x, dy = normal(random, *shape), normal(random, *shape[:-1], units)
    cases.append(case(name, "Dense", options={"units": units, "activation": activation, "use_bias": use_bias},
                      tensors=run(layer, [x], parameters, dy, None)))


for activation in ("linear", "relu", "gelu", "softmax", "tanh", "sigmoid"):
    for use_bias in (True, False):
        if use_bias or activation in ("linear", "relu", "gelu", "softmax"):
            dense(f"dense_{activation}{'' if use_bias else '_no_bias'}", (7, 5), 3, activation, use_bias)
for activation in ("linear", "relu", "gelu", "softmax"):
    dense(f"dense_steps_{activation}", (3, 4, 5), 8, activation, True)
dense("dense_steps_no_bias", (3, 4, 5), 3, "relu", False)
dense("dense_one_feature", (5, 1), 8, "silu", True)
dense("dense_one_unit", (6, 8), 1, "sigmoid", True)
dense("dense_one_row", (1, 3), 5, "softmax", True)


def normalization(name, group, layer, options, shape, training=None, statistics=None, x=None, mask=None):
    channels = shape[-1]
    layer.build(shape)
    parameters = {}
    if options.get("scale", True):
        parameters["gamma"] = uniform(random, 0.5, 1.5, channels)
    if options.get("center", True):
        parameters["beta"] = normal(random, channels, scale=0.5)
    state = {}
    if statistics:
        state = {"moving_mean": statistics[0], "moving_variance": statistics[1]}
    layer.set_weights(list(parameters.values()) + list(state.values()))
    x = normal(random, *shape, scale=1.5) if x is None else x
    dy = normal(random, *shape)
    tensors = run(layer, [x], parameters, dy, training, mask)
    tensors.update(state)
    if training:
        tensors["new_moving_mean"] = array(layer.moving_mean.value)
        tensors["new_moving_variance"] = array(layer.moving_variance.value)
        assert mask is not None or np.allclose(
            tensors["new_moving_variance"],
            state["moving_variance"] * options["momentum"] + x.reshape(-1, channels).var(axis=0) * (1 - options["momentum"]), rtol=1e-12), "biased variance"
    if mask is not None:
        tensors["mask"] = mask
    shown = dict(options)
    if training is not None:
        shown["training"] = training
    cases.append(case(name, group, options=shown, tensors=tensors))


def batch_normalization(name, shape, training, x=None, mask=None, **options):
    options = {"momentum": 0.99, "epsilon": 1e-3, "center": True, "scale": True, **options}
    channels = shape[-1]
    statistics = (normal(random, channels), uniform(random, 0.25, 2, channels))
    normalization(name, "BatchNormalization", keras.layers.BatchNormalization(**options), options, shape, training, statistics, x, mask)


for training in (True, False):
    mode = "training" if training else "inference"
    batch_normalization(f"batch_normalization_{mode}", (7, 5), training)
    batch_normalization(f"batch_normalization_steps_{mode}", (3, 4, 5), training)
    batch_normalization(f"batch_normalization_momentum_{mode}", (6, 3), training, momentum=0.9, epsilon=1e-5)
    batch_normalization(f"batch_normalization_no_center_{mode}", (5, 3), training, center=False)
    batch_normalization(f"batch_normalization_no_scale_{mode}", (5, 3), training, scale=False)
    batch_normalization(f"batch_normalization_bare_{mode}", (5, 1), training, center=False, scale=False)
batch_normalization("batch_normalization_one_row_training", (1, 3), True)
batch_normalization("batch_normalization_constant_channel_training", (5, 3), True,
                    x=np.concatenate([normal(random, 5, 1), np.full((5, 1), 2.5), normal(random, 5, 1)], axis=1))
keras.config.set_epsilon(0.0)
batch_normalization("batch_normalization_masked_training", (3, 4, 5), True,
                    mask=np.array([[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0]], dtype=bool))
keras.config.set_epsilon(1e-7)


def layer_normalization(name, shape, x=None, **options):
    options = {"epsilon": 1e-3, "center": True, "scale": True, **options}
    normalization(name, "LayerNormalization", keras.layers.LayerNormalization(**options), options, shape, x=x)


layer_normalization("layer_normalization", (7, 5))
layer_normalization("layer_normalization_steps", (3, 4, 5))
layer_normalization("layer_normalization_epsilon", (4, 8), epsilon=1e-6)
layer_normalization("layer_normalization_no_center", (3, 5), center=False)
layer_normalization("layer_normalization_no_scale", (3, 5), scale=False)
layer_normalization("layer_normalization_one_feature", (4, 1))
layer_normalization("layer_normalization_constant_row", (3, 5), x=np.concatenate([np.full((1, 5), 3.0), normal(random, 2, 5)]))

for name, layer, shapes in (
        ("concatenate", keras.layers.Concatenate(), [(4, 3), (4, 1), (4, 5)]),
        ("concatenate_steps", keras.layers.Concatenate(), [(3, 4, 2), (3, 4, 3)]),
        ("concatenate_axis_1", keras.layers.Concatenate(axis=1), [(3, 4, 2), (3, 1, 2)]),
        ("add", keras.layers.Add(), [(4, 5), (4, 5), (4, 5)]),
        ("add_steps", keras.layers.Add(), [(3, 4, 2), (3, 4, 2)])):
    inputs = [normal(random, *shape) for shape in shapes]
    layer.build(shapes)
    shape = tuple(layer.compute_output_shape(shapes))
    group = type(layer).__name__
    cases.append(case(name, group, options={"axis": layer.axis} if group == "Concatenate" else None,
                      tensors=run(layer, inputs, {}, normal(random, *shape), None)))

write("layers", ("keras", "torch"), [
    "x (x0, x1, ... of a merge) goes in, y comes out, dy is the upstream gradient, dNAME the gradient of NAME (dx, dkernel, dbias, dgamma, dbeta).",
    "kernel has shape (features, units); options are those given to the Keras layer.",
    "BatchNormalization in training moves new_moving_mean = moving_mean momentum + mean (1 - momentum), and the variance likewise, with the biased variance (divided by the number of rows times steps).",
    "BatchNormalization normalises by the biased variance of the batch; dx flows through mean and variance.",
    "batch_normalization_masked_training: statistics over the steps whose mask is 1 only; masked steps are still normalised and pass gradient. Keras adds 1e-7 to the number of steps there; that is left out.",
    "The feature axis is the last one.",
], cases)
