# SPDX-License-Identifier: BSD-3-Clause
"""activations.json: keras.activations in float64, gradients by torch autograd, exact values by mpmath."""
from common import case, grid, normal, np, rng, tensor, use_keras, write

keras, torch = use_keras()
import mpmath as mp

mp.mp.dps = 60
random = rng(1)

EDGES = [0, 2.0**-10, -(2.0**-10), 0.125, -0.125, 0.5, -0.5, 1, -1, 1.5, -1.5, 2, -2, 2.75, -2.75, 3.25, -3.25, 4, -4, 6, -6, 8, -8,
         12, -12, 18, -18, 40, -40, 80, -80]
FAR = [100, -100, 300, -300, 1000, -1000]  # exponential leaves the range of float there


def sigmoid(x):
    return 1 / (1 + mp.exp(-x)) if x >= 0 else mp.exp(x) / (1 + mp.exp(x))


def softplus(x):
    return mp.log1p(mp.exp(-abs(x))) + max(x, mp.mpf(0))


SCALE, ALPHA = mp.mpf("1.0507009873554804934193349852946"), mp.mpf("1.6732632423543772848170429916717")
normal_density = lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)
normal_below = lambda x: mp.erfc(-x / mp.sqrt(2)) / 2


def mish_slope(x):
    t = mp.tanh(softplus(x))
    return t + x * (1 - t * t) * sigmoid(x)


def selu_slope(x):
    return SCALE if x > 0 else SCALE * ALPHA * mp.exp(x)


# name: (keras function, options, value, slope)
ELEMENTWISE = {
    "linear": (keras.activations.linear, {}, lambda x: x, lambda x: mp.mpf(1)),
    "relu": (keras.activations.relu, {}, lambda x: max(x, mp.mpf(0)), lambda x: mp.mpf(x > 0)),
    "leaky_relu": (lambda x: keras.activations.leaky_relu(x, 0.2), {"alpha": 0.2}, lambda x: x if x > 0 else mp.mpf(0.2) * x,
                   lambda x: mp.mpf(1) if x > 0 else mp.mpf(0.2)),
    "elu": (lambda x: keras.activations.elu(x, 1.0), {"alpha": 1.0}, lambda x: x if x > 0 else mp.expm1(x),
            lambda x: mp.mpf(1) if x > 0 else mp.exp(x)),
    "elu_half": (lambda x: keras.activations.elu(x, 0.5), {"alpha": 0.5}, lambda x: x if x > 0 else mp.expm1(x) / 2,
                 lambda x: mp.mpf(1) if x > 0 else mp.exp(x) / 2),
    "selu": (keras.activations.selu, {}, lambda x: SCALE * x if x > 0 else SCALE * ALPHA * mp.expm1(x), selu_slope),
    "gelu": (keras.activations.gelu, {}, lambda x: x * normal_below(x), lambda x: normal_below(x) + x * normal_density(x)),
    "silu": (keras.activations.silu, {}, lambda x: x * sigmoid(x), lambda x: sigmoid(x) * (1 + x * sigmoid(-x))),
    "softplus": (keras.activations.softplus, {}, softplus, sigmoid),
    "softsign": (keras.activations.softsign, {}, lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2),
    "hard_sigmoid": (lambda x: keras.ops.relu6(x + 3) / 6, {}, lambda x: min(max(x + 3, mp.mpf(0)), mp.mpf(6)) / 6,
                     lambda x: mp.mpf(-3 < x < 3) / 6),
    "mish": (keras.activations.mish, {}, lambda x: x * mp.tanh(softplus(x)), mish_slope),
    "exponential": (keras.activations.exponential, {}, mp.exp, mp.exp),
    "tanh": (keras.activations.tanh, {}, mp.tanh, lambda x: mp.sech(x) ** 2),
    "sigmoid": (keras.activations.sigmoid, {}, sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
}


def with_gradient(function, x, dy):
    x = torch.tensor(x, requires_grad=True)
    y = function(x)
    y.backward(torch.tensor(dy))
    return y.detach().numpy(), x.grad.numpy()


def exact(function, x):
    return np.array([float(function(mp.mpf(float(v)))) for v in x.ravel()]).reshape(x.shape)


def check(name, keras_value, exact_value, atol):
    np.testing.assert_allclose(keras_value, exact_value, rtol=1e-10, atol=atol, err_msg=name)


cases = []


def elementwise(name):
    function, options, value, slope = ELEMENTWISE[name]
    x = grid(np.concatenate([EDGES, [] if name == "exponential" else FAR, random.normal(size=18) * 2]))
    x = x[: len(x) // 5 * 5].reshape(5, -1)
    dy = normal(random, *x.shape)
    y, dx = with_gradient(function, x, dy)
    y_exact = exact(value, x)
    dx_exact = np.array([float(mp.mpf(float(d)) * slope(mp.mpf(float(v)))) for v, d in zip(x.ravel(), dy.ravel())]).reshape(x.shape)
    atol = 1e-13 if name == "squareplus" else 1e-15  # Keras' own formula cancels below 0
    check(name, y, y_exact, atol)
    check(name, dx, dx_exact, atol)
    cases.append(case(name, "elementwise", options={"activation": name.split("_half")[0], **options},
                      tensors={"x": x, "y": y, "dy": dy, "dx": dx, "y_exact": y_exact, "dx_exact": dx_exact}))


for name in list(ELEMENTWISE):
    elementwise(name)

# Where the slope jumps, Keras on PyTorch takes the left one, or 0.
for name, at in {"relu": [0], "leaky_relu": [0], "elu": [0], "elu_half": [0], "selu": [0], "hard_sigmoid": [-3, 3]}.items():
    x, dy = grid(at), np.ones(len(at))
    y, dx = with_gradient(ELEMENTWISE[name][0], x, dy)
    cases.append(case(name + "_kink", "kinks", note="the slope jumps at these x; dx is the convention of Keras on PyTorch",
                      options={"activation": name.split("_half")[0], **ELEMENTWISE[name][1]},
                      tensors={"x": x, "y": y, "dy": dy, "dx": dx}))


def softmax_exact(x, dy, logarithm):
    ys, dxs = [], []
    for row, drow in zip(x.reshape(-1, x.shape[-1]), dy.reshape(-1, x.shape[-1])):
        v, d = [mp.mpf(float(a)) for a in row], [mp.mpf(float(a)) for a in drow]
        total = sum(mp.exp(a) for a in v)
        p = [mp.exp(a) / total for a in v]
        if logarithm:
            y = [a - mp.log(total) for a in v]
            dx = [a - b * sum(d) for a, b in zip(d, p)]
        else:
            y = p
            dot = sum(a * b for a, b in zip(d, p))
            dx = [a * (b - dot) for a, b in zip(p, d)]
        ys.append([float(a) for a in y])
        dxs.append([float(a) for a in dx])
    return np.array(ys).reshape(x.shape), np.array(dxs).reshape(x.shape)


ROWS = {
    "": normal(random, 7, 5, scale=2),
    "_one_class": normal(random, 3, 1),
    "_steps": normal(random, 3, 4, 3, scale=2),
    "_extreme": grid([[0, 0, 0], [1000, 0, -1000], [-1000, -1000, -1000], [1000, 1000, 999], [40, -40, 0], [80, 81, 79.5], [-200, 200, 199]]),
}
for name in ("softmax", "log_softmax"):
    for suffix, x in ROWS.items():
        dy = normal(random, *x.shape)
        y, dx = with_gradient(getattr(keras.activations, name), x, dy)
        y_exact, dx_exact = softmax_exact(x, dy, name == "log_softmax")
        check(name + suffix, y, y_exact, 1e-15)
        check(name + suffix, dx, dx_exact, 1e-15)
        cases.append(case(name + suffix, "rowwise", options={"activation": name},
                          tensors={"x": x, "y": y, "dy": dy, "dx": dx, "y_exact": y_exact, "dx_exact": dx_exact}))

# Behind the others, whose random numbers stay as they were.
ELEMENTWISE["squareplus"] = (keras.activations.squareplus, {}, lambda x: (x + mp.sqrt(x * x + 4)) / 2,
                             lambda x: (1 + x / mp.sqrt(x * x + 4)) / 2)
elementwise("squareplus")

write("activations", ("keras", "torch", "mpmath"), [
    "y = f(x) and dx = dy f'(x) as Keras computes them in float64; y_exact and dx_exact are the same from 60 digits, rounded once.",
    "The two agree within 1e-10 relative + 1e-15 absolute; saturated slopes such as sigmoid' at 18 have no more digits in Keras.",
    "softplus of Keras on PyTorch is x itself above 20, so its slope is off by exp(-x) there: x avoids 20 to 36.",
    "hard_sigmoid is relu6(x + 3) / 6 by autograd: the derivative of PyTorch's own hardsigmoid has 1/6 in float32 only.",
    "exponential has |x| <= 80, within the range of float.",
    "squareplus of Keras is (x + sqrt(x^2 + 4)) / 2 as it stands, which cancels below 0: there the two agree within 1e-13.",
    "Over the last axis: softmax, log_softmax.",
], cases)
