# SPDX-License-Identifier: BSD-3-Clause
"""optimizers.json: 20 steps of keras.optimizers in float64 on given gradients, checked against plain numpy; torch.optim where told."""
from common import array, case, normal, np, rng, use_keras, write

keras, torch = use_keras()
random = rng(4)
STEPS = 20
SHAPES = {"a": (2, 3), "b": (5,)}
start = {k: normal(random, *s) for k, s in SHAPES.items()}
# Norms from tiny to large, so that clipping does and does not bite; variable b has small gradients, some exactly zero.
gradients = {k: normal(random, STEPS, *s) * (2.0 ** random.integers(-3, 3, STEPS)).reshape((-1,) + (1,) * len(s)) for k, s in SHAPES.items()}
gradients["b"] *= 0.25
gradients["b"][3:6] = 0
gradients["b"][:, 2] = 0


def keras_run(optimizer):
    variables = [keras.Variable(v, dtype="float64", name=k) for k, v in start.items()]
    optimizer.build(variables)
    assert all(v.dtype == "float64" for v in optimizer.variables if "iteration" not in v.path), "state in float64"
    history = {k: [] for k in start}
    for t in range(STEPS):
        optimizer.apply([torch.tensor(gradients[k][t]) for k in start], variables)
        for k, v in zip(start, variables):
            history[k].append(array(v.value).copy())
    return {k: np.array(v) for k, v in history.items()}


def torch_run(make, before_step=None):
    parameters = {k: torch.nn.Parameter(torch.tensor(v)) for k, v in start.items()}
    optimizer = make(list(parameters.values()))
    history = {k: [] for k in start}
    for t in range(STEPS):
        for k, p in parameters.items():
            p.grad = torch.tensor(gradients[k][t])
        if before_step:
            before_step(optimizer, parameters.values(), t + 1)
        optimizer.step()
        for k, p in parameters.items():
            history[k].append(p.detach().numpy().copy())
    return {k: np.array(v) for k, v in history.items()}


def numpy_run(kind, learning_rate, momentum=0.0, nesterov=False, beta_1=0.9, beta_2=0.999, epsilon=1e-7, rho=0.9, centered=False,
              weight_decay=0.0, clipnorm=None, global_clipnorm=None, clipvalue=None):
    w = {k: v.copy() for k, v in start.items()}
    m, v, c = ({k: np.zeros_like(x) for k, x in w.items()} for _ in range(3))
    history = {k: [] for k in start}
    for t in range(STEPS):
        g = {k: gradients[k][t].copy() for k in w}
        total = np.sqrt(sum((x**2).sum() for x in g.values()))
        for k in w:
            x = g[k]
            if clipvalue:
                x = np.clip(x, -clipvalue, clipvalue)
            if clipnorm:
                x = x * min(1, clipnorm / max(np.sqrt((x**2).sum()), 1e-300))
            if global_clipnorm:
                x = x * min(1, global_clipnorm / total)
            w[k] = w[k] * (1 - weight_decay * learning_rate)
            if kind == "SGD":
                m[k] = momentum * m[k] - learning_rate * x
                w[k] = w[k] + (momentum * m[k] - learning_rate * x if nesterov else m[k])
            elif kind == "Adam":
                m[k] = beta_1 * m[k] + (1 - beta_1) * x
                v[k] = beta_2 * v[k] + (1 - beta_2) * x**2
                rate = learning_rate * np.sqrt(1 - beta_2 ** (t + 1)) / (1 - beta_1 ** (t + 1))
                w[k] = w[k] - rate * m[k] / (np.sqrt(v[k]) + epsilon)
            else:
                v[k] = rho * v[k] + (1 - rho) * x**2
                c[k] = rho * c[k] + (1 - rho) * x
                m[k] = momentum * m[k] + learning_rate * x / np.sqrt(v[k] - (c[k] ** 2 if centered else 0) + epsilon)
                w[k] = w[k] - m[k]
            history[k].append(w[k].copy())
    return {k: np.array(x) for k, x in history.items()}


cases = [case("problem", "problem", "initial weights and the gradients of each step, shared by all cases",
              tensors={**{f"{k}_start": v for k, v in start.items()}, **{f"{k}_gradients": v for k, v in gradients.items()}})]
KINDS = {"SGD": keras.optimizers.SGD, "Adam": keras.optimizers.Adam, "AdamW": keras.optimizers.AdamW, "RMSprop": keras.optimizers.RMSprop}


def same(a, b, name):
    for k in a:
        np.testing.assert_allclose(a[k], b[k], rtol=1e-11, atol=1e-13, err_msg=f"{name} {k}")


def add(name, kind, torch_optimizer=None, **options):
    weights = keras_run(KINDS[kind](**options))
    defaults = {"SGD": 0.01, "Adam": 0.001, "AdamW": 0.001, "RMSprop": 0.001}
    shown = {"learning_rate": defaults[kind], **({"weight_decay": 0.004} if kind == "AdamW" else {}), **options}
    same(weights, numpy_run("Adam" if kind == "AdamW" else kind, **shown), name)
    if torch_optimizer:
        same(weights, torch_run(*torch_optimizer), name + " in torch")
    cases.append(case(name, kind, "torch.optim gives the same" if torch_optimizer else None, shown, tensors={f"{k}_weights": v for k, v in weights.items()}))


def clip_each(limit):
    return lambda optimizer, parameters, t: [torch.nn.utils.clip_grad_norm_([p], limit) for p in parameters]


add("sgd", "SGD", (lambda p: torch.optim.SGD(p, 0.01),))
add("sgd_momentum", "SGD", (lambda p: torch.optim.SGD(p, 0.05, momentum=0.9),), learning_rate=0.05, momentum=0.9)
add("sgd_nesterov", "SGD", (lambda p: torch.optim.SGD(p, 0.05, momentum=0.9, nesterov=True),), learning_rate=0.05, momentum=0.9, nesterov=True)
add("sgd_weight_decay", "SGD", learning_rate=0.05, weight_decay=0.1)
add("sgd_clipnorm", "SGD", learning_rate=0.05, clipnorm=0.75)
add("sgd_global_clipnorm", "SGD", learning_rate=0.05, global_clipnorm=0.75)
add("sgd_clipvalue", "SGD", (lambda p: torch.optim.SGD(p, 0.05), lambda o, ps, t: torch.nn.utils.clip_grad_value_(ps, 0.25)), learning_rate=0.05, clipvalue=0.25)
add("sgd_momentum_global_clipnorm", "SGD", learning_rate=0.05, momentum=0.9, global_clipnorm=1.5)


def keras_epsilon(epsilon, beta_2=0.999):
    """Adam of torch divides sqrt(v) by sqrt(1 - beta_2^t) before it adds eps: this eps makes both the same at step t."""
    def before(optimizer, parameters, t):
        for group in optimizer.param_groups:
            group["eps"] = epsilon / (1 - beta_2**t) ** 0.5
    return before


add("adam", "Adam", (lambda p: torch.optim.Adam(p, 1e-3), keras_epsilon(1e-7)))
add("adam_options", "Adam", (lambda p: torch.optim.Adam(p, 0.05, betas=(0.8, 0.95)), keras_epsilon(1e-3, 0.95)), learning_rate=0.05, beta_1=0.8, beta_2=0.95, epsilon=1e-3)
add("adam_clipnorm", "Adam", learning_rate=0.05, clipnorm=0.75)
add("adam_global_clipnorm", "Adam", learning_rate=0.05, global_clipnorm=0.75)
add("adam_clipvalue", "Adam", learning_rate=0.05, clipvalue=0.25)
add("adamw", "AdamW", (lambda p: torch.optim.AdamW(p, 1e-3, weight_decay=0.004), keras_epsilon(1e-7)))
add("adamw_options", "AdamW", (lambda p: torch.optim.AdamW(p, 0.05, weight_decay=0.1), keras_epsilon(1e-7)), learning_rate=0.05, weight_decay=0.1)
add("adamw_global_clipnorm", "AdamW", learning_rate=0.05, weight_decay=0.1, global_clipnorm=0.75)
add("rmsprop", "RMSprop")
add("rmsprop_options", "RMSprop", learning_rate=0.01, rho=0.8, epsilon=1e-3)
add("rmsprop_momentum", "RMSprop", learning_rate=0.01, momentum=0.9)
add("rmsprop_centered", "RMSprop", learning_rate=0.01, centered=True)
add("rmsprop_momentum_centered", "RMSprop", learning_rate=0.01, momentum=0.5, centered=True)
add("rmsprop_global_clipnorm", "RMSprop", learning_rate=0.01, global_clipnorm=0.75)

torch_cases = {
    "torch_adam": (lambda p: torch.optim.Adam(p, 1e-3), {"learning_rate": 1e-3, "beta_1": 0.9, "beta_2": 0.999, "eps": 1e-8}),
    "torch_adamw": (lambda p: torch.optim.AdamW(p, 1e-3), {"learning_rate": 1e-3, "beta_1": 0.9, "beta_2": 0.999, "eps": 1e-8, "weight_decay": 0.01}),
    "torch_rmsprop": (lambda p: torch.optim.RMSprop(p, 0.01), {"learning_rate": 0.01, "alpha": 0.99, "eps": 1e-8}),
}
for name, (make, options) in torch_cases.items():
    cases.append(case(name, "torch", "not the formula of Keras: see the notes", options, tensors={f"{k}_weights": v for k, v in torch_run(make).items()}))

write("optimizers", ("keras", "torch"), [
    "Two variables, a (2, 3) and b (5). Case \"problem\" has a_start, b_start and a_gradients, b_gradients (20 steps first); all other cases have a_weights, b_weights after each of the 20 steps.",
    "clipnorm clips each variable by its own norm, global_clipnorm all by the common one: g min(1, limit / norm); clipvalue each element. Clipping by norm of b, which is zero at some steps, stays finite.",
    "Adam: w -= lr sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon), t from 1. AdamW and weight_decay: w -= w weight_decay lr before the step, for every variable; clipping does not see it.",
    "RMSprop: w -= lr g / sqrt(v + epsilon): epsilon within the root; centered: v - mean^2 + epsilon.",
    "Momentum: v = momentum v - lr g, so a changed learning rate does not rescale v.",
    "torch_adam, torch_adamw: w -= lr / (1 - beta_1^t) m / (sqrt(v / (1 - beta_2^t)) + eps), which is Keras with epsilon = eps sqrt(1 - beta_2^t), another number at each step. torch_rmsprop adds eps outside the root.",
], cases)
