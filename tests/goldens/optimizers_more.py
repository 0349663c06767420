# SPDX-License-Identifier: BSD-3-Clause
"""optimizers_more.json: 20 steps of more keras.optimizers in float64 on the gradients of optimizers.json, checked against plain numpy; also
weight decay, averaged weights, accumulated gradients and schedules within optimizers."""
import json

from common import FOLDER, array, case, np, use_keras, write

keras, torch = use_keras()
STEPS = 20
problem = next(c for c in json.loads((FOLDER / "optimizers.json").read_text())["cases"] if c["name"] == "problem")["tensors"]
read = lambda name: np.array(problem[name]["data"], dtype=np.float64).reshape(problem[name]["shape"])
start = {k: read(f"{k}_start") for k in "ab"}
gradients = {k: read(f"{k}_gradients") for k in "ab"}
cases = []


def keras_run(optimizer):
    variables = [keras.Variable(v, dtype="float64", name=k) for k, v in start.items()]
    optimizer.build(variables)
    history = {k: [] for k in start}
    for t in range(STEPS):
        optimizer.apply([torch.tensor(gradients[k][t]) for k in start], variables)
        for k, v in zip(start, variables):
            history[k].append(array(v.value).copy())
    optimizer.finalize_variable_values(variables)
    return {k: np.array(v) for k, v in history.items()}, {k: array(v.value).copy() for k, v in zip(start, variables)}


def step(kind, w, g, s, t, lr, o):
    """One step in numpy; s is a dictionary of states."""
    get = lambda name, initial=0.0: s.setdefault(name, np.full_like(w, initial))
    if kind == "SGD":
        return w - lr * g
    if kind == "Adagrad":
        s["v"] = get("v", o["initial_accumulator_value"]) + g**2
        return w - lr * g / np.sqrt(s["v"] + o["epsilon"])
    if kind == "Adadelta":
        s["v"] = o["rho"] * get("v") + (1 - o["rho"]) * g**2
        d = np.sqrt(get("d") + o["epsilon"]) / np.sqrt(s["v"] + o["epsilon"]) * g
        s["d"] = o["rho"] * s["d"] + (1 - o["rho"]) * d**2
        return w - lr * d
    if kind == "Lion":
        c = np.sign(o["beta_1"] * get("m") + (1 - o["beta_1"]) * g)
        s["m"] = o["beta_2"] * s["m"] + (1 - o["beta_2"]) * g
        return w - lr * c
    if kind == "Ftrl":
        p = -o["learning_rate_power"]
        l2 = o["l2_regularization_strength"] + o["beta"] / (2 * lr)
        n = get("n", o["initial_accumulator_value"])
        s["z"] = get("z") + g + 2 * o["l2_shrinkage_regularization_strength"] * w - ((n + g**2) ** p - n**p) / lr * w
        s["n"] = n + g**2
        l1 = o["l1_regularization_strength"]
        return -np.sign(s["z"]) * np.maximum(np.abs(s["z"]) - l1, 0) / (s["n"] ** p / lr + 2 * l2)
    b1, b2 = o["beta_1"], o["beta_2"]
    s["m"] = b1 * get("m") + (1 - b1) * g
    if kind == "Adamax":
        s["u"] = np.maximum(b2 * get("u"), np.abs(g))
        return w - lr / (1 - b1**t) * s["m"] / (s["u"] + o["epsilon"])
    s["v"] = b2 * get("v") + (1 - b2) * g**2
    if kind == "Adam":
        return w - lr * np.sqrt(1 - b2**t) / (1 - b1**t) * s["m"] / (np.sqrt(s["v"]) + o["epsilon"])
    mu = lambda t: b1 * (1 - 0.5 * 0.96**t)
    product = np.prod([mu(i) for i in range(1, t + 1)])
    m = mu(t + 1) * s["m"] / (1 - product * mu(t + 1)) + (1 - mu(t)) * g / (1 - product)
    return w - lr * m / (np.sqrt(s["v"] / (1 - b2**t)) + o["epsilon"])


DEFAULTS = {
    "SGD": {}, "Adam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "Adagrad": {"initial_accumulator_value": 0.1, "epsilon": 1e-7}, "Adadelta": {"rho": 0.95, "epsilon": 1e-7},
    "Adamax": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}, "Nadam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "Ftrl": {"learning_rate_power": -0.5, "initial_accumulator_value": 0.1, "l1_regularization_strength": 0.0, "l2_regularization_strength": 0.0,
             "l2_shrinkage_regularization_strength": 0.0, "beta": 0.0},
    "Lion": {"beta_1": 0.9, "beta_2": 0.99},
}


def add(name, kind, schedule=None, note=None, **options):
    shown = {"learning_rate": 0.01 if kind == "SGD" else 0.001, **options}
    weights, final = keras_run(getattr(keras.optimizers, kind)(**{**shown, **({"learning_rate": schedule} if schedule else {})}))
    o = {**DEFAULTS[kind], **options}
    w, s = {k: v.copy() for k, v in start.items()}, {k: {} for k in start}
    every, updates = options.get("gradient_accumulation_steps", 1), 0
    for t in range(STEPS):
        lr = float(schedule(t)) if schedule else shown["learning_rate"]
        if (t + 1) % every == 0:
            updates += 1
            for k in w:
                g = gradients[k][t + 1 - every : t + 1].mean(0)
                if "clipnorm" in options:
                    g = g * min(1, options["clipnorm"] / max(np.sqrt((g**2).sum()), 1e-300))
                w[k] = step(kind, w[k] * (1 - options.get("weight_decay", 0) * lr), g, s[k], updates, lr, o)
                if options.get("use_ema"):
                    momentum = options.get("ema_momentum", 0.99) if updates > 1 else 0
                    s[k]["ema"] = momentum * s[k].get("ema", 0) + (1 - momentum) * w[k]
                    if options.get("ema_overwrite_frequency") and updates % options["ema_overwrite_frequency"] == 0:
                        w[k] = s[k]["ema"].copy()
        for k in w:
            np.testing.assert_allclose(weights[k][t], w[k], rtol=1e-11, atol=1e-13, err_msg=f"{name} {k} {t}")
    tensors = {f"{k}_weights": v for k, v in weights.items()}
    if options.get("use_ema"):
        for k in w:
            np.testing.assert_allclose(final[k], s[k]["ema"], rtol=1e-11, atol=1e-13)
        tensors.update({f"{k}_final": v for k, v in final.items()})
    cases.append(case(name, kind, note, shown, tensors=tensors))


add("adagrad", "Adagrad")
add("adagrad_options", "Adagrad", learning_rate=0.1, initial_accumulator_value=0.5, epsilon=1e-3)
add("adadelta", "Adadelta")
add("adadelta_options", "Adadelta", learning_rate=1.0, rho=0.8, epsilon=1e-3)
add("adamax", "Adamax")
add("adamax_options", "Adamax", learning_rate=0.05, beta_1=0.8, beta_2=0.95, epsilon=1e-3)
add("nadam", "Nadam")
add("nadam_options", "Nadam", learning_rate=0.05, beta_1=0.8, beta_2=0.95, epsilon=1e-3)
add("ftrl", "Ftrl")
add("ftrl_l1", "Ftrl", learning_rate=0.5, l1_regularization_strength=0.75)
add("ftrl_options", "Ftrl", learning_rate=0.2, learning_rate_power=-0.75, initial_accumulator_value=0.5, l1_regularization_strength=0.125,
    l2_regularization_strength=0.25, l2_shrinkage_regularization_strength=0.125, beta=0.5)
add("ftrl_constant_rate", "Ftrl", learning_rate=0.2, learning_rate_power=0.0)
add("lion", "Lion")
add("lion_options", "Lion", learning_rate=0.01, beta_1=0.8, beta_2=0.95, weight_decay=0.5)
add("adam_weight_decay", "Adam", learning_rate=0.05, weight_decay=0.1)
add("adagrad_weight_decay_clipnorm", "Adagrad", learning_rate=0.05, weight_decay=0.1, clipnorm=0.75)
add("sgd_ema", "SGD", learning_rate=0.05, use_ema=True, ema_momentum=0.9, note="final: the weights after finalize_variable_values")
add("sgd_ema_overwrite", "SGD", learning_rate=0.05, use_ema=True, ema_momentum=0.75, ema_overwrite_frequency=3)
add("sgd_accumulation", "SGD", learning_rate=0.05, gradient_accumulation_steps=4, clipnorm=0.25)
add("adam_accumulation", "Adam", learning_rate=0.05, gradient_accumulation_steps=3, weight_decay=0.1)
schedules = keras.optimizers.schedules
add("adam_exponential_decay", "Adam", schedules.ExponentialDecay(0.05, 4, 0.5), "learning_rate = ExponentialDecay(0.05, 4, 0.5)")
add("sgd_accumulation_decay", "SGD", schedules.InverseTimeDecay(0.125, 4, 0.5), "learning_rate = InverseTimeDecay(0.125, 4, 0.5): it counts every call",
    gradient_accumulation_steps=2)

write("optimizers_more", ("keras", "torch"), [
    "Start and gradients are those of case \"problem\" of optimizers.json; a_weights, b_weights after each of the 20 steps.",
    "Adagrad and Ftrl add initial_accumulator_value to the sum of squares; epsilon stands within the root.",
    "Ftrl starts from its states, not from the weights: the first step forgets them.",
    "Nadam: momentum factors beta_1 (1 - 0.96^t / 2).",
    "use_ema: mean = momentum mean + (1 - momentum) w after each update, w itself after the first.",
], cases)
