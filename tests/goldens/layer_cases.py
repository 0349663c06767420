# SPDX-License-Identifier: BSD-3-Clause
"""What the scripts of layers share: one layer with given weights, its output and all gradients."""
import json

from common import array, case, normal, np, rng, use_keras

keras, torch = use_keras()
layers = keras.layers
cases = []
LENGTHS = [5, 3, 1]
MASK = np.array([[t < n for t in range(5)] for n in LENGTHS])


random = rng(31)


def tensor(x):
    return torch.tensor(x, requires_grad=True)


def add(name, kind, config, y, dy, xs, parameters, mask=None, note=None):
    """Gradients of sum(y dy); parameters: our name -> (Keras variable or torch parameter, shape of ours)."""
    y.backward(torch.tensor(dy))
    tensors = {}
    for i, x in enumerate(xs):
        tensors[f"x{i}"] = array(x)
        tensors[f"dx{i}"] = array(x.grad) if x.grad is not None else np.zeros(tuple(x.shape))
    for ours, (variable, shape) in parameters.items():
        value = variable.value if hasattr(variable, "value") else variable
        arrange = (lambda a: array(a).T if shape == "turned" else array(a).reshape(shape)) if shape is not None else array
        tensors[ours] = arrange(value)
        tensors["d:" + ours] = arrange(value.grad)
    if mask is not None:
        tensors["mask"] = mask.astype(np.float64)
    cases.append(case(name, kind, note, None, None, {**tensors, "y": array(y), "dy": dy}, {"config": [json.dumps(config)]}))


def keras_case(name, layer, config, xs, names, mask=None, **kwargs):
    """A layer of one input; names: ours for each of its weights."""
    x = [tensor(x) for x in xs]
    layer.build(x[0].shape)
    for variable in layer.trainable_weights:
        variable.assign(normal(random, *variable.shape, scale=0.5))
    if mask is not None:
        kwargs["mask"] = torch.tensor(mask)
    y = layer(x[0], **kwargs) if len(x) == 1 else layer(*x, **kwargs)
    if isinstance(y, (list, tuple)):
        y = torch.cat(list(y), -1)
    dy = normal(random, *y.shape)
    if mask is not None and y.ndim == 3 and y.shape[1] == mask.shape[1]:  # what padding gives is not compared
        dy = dy * mask[:, :, None]
        y = y * torch.tensor(mask[:, :, None])
    parameters = {ours: (v, shape) for (ours, shape), v in zip(names, layer.trainable_weights)}
    add(name, config.pop("type"), config, y, dy, x, parameters, mask)


def sequence():
    return normal(random, 3, 5, 2)


NOTES = [
    "strings config: the fields of our layer, as JSON; the group is its type",
    "x0, parameters by our names, dy and, for masked cases, mask (rows, steps) give y; dx0 and d:name are gradients of sum(y dy)",
    "masked cases: y and dy are 0 in masked steps of the output, which are not compared",
]
