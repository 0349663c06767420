# SPDX-License-Identifier: BSD-3-Clause
"""trajectory.json: 100 training steps of the network 5-64-1 (relu, sigmoid, binary crossentropy, Adam) in float64."""
from common import array, case, grid, normal, np, rng, uniform, use_keras, write

keras, torch = use_keras()
random = rng(5)
ROWS, BATCH, STEPS, KEPT = 160, 32, 100, (1, 10, 50, 100)

x = normal(random, ROWS, 5)
y = (random.random(ROWS) < 1 / (1 + np.exp(-(x @ [1.5, -1, 0.5, 0, 0] + x[:, 3] * x[:, 4])))).astype(np.float64).reshape(-1, 1)
start = {"kernel0": uniform(random, -0.25, 0.25, 5, 64), "bias0": normal(random, 64, scale=0.05),
         "kernel1": uniform(random, -0.25, 0.25, 64, 1), "bias1": grid([0.125])}


def batch(step):
    first = step * BATCH % ROWS
    return torch.tensor(x[first:first + BATCH]), torch.tensor(y[first:first + BATCH])


def train(eps_at):
    p = {k: torch.nn.Parameter(torch.tensor(v)) for k, v in start.items()}
    optimizer = torch.optim.Adam(p.values(), lr=1e-3)
    kept, losses = {}, []
    for t in range(1, STEPS + 1):
        features, truth = batch(t - 1)
        logits = torch.relu(features @ p["kernel0"] + p["bias0"]) @ p["kernel1"] + p["bias1"]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.param_groups[0]["eps"] = eps_at(t)
        optimizer.step()
        losses.append(loss.item())
        if t in KEPT:
            kept.update({f"{k}_{t}": v.detach().numpy().copy() for k, v in p.items()})
    return {**kept, "losses": np.array(losses)}


as_keras = train(lambda t: 1e-7 / (1 - 0.999**t) ** 0.5)
as_torch = train(lambda t: 1e-8)

model = keras.Sequential([keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1, activation="sigmoid")])
model.build((None, 5))
model.set_weights(list(start.values()))
model.compile(keras.optimizers.Adam(1e-3), keras.losses.BinaryCrossentropy(), jit_compile=False)
for t in range(1, STEPS + 1):
    model.train_on_batch(*[array(v) for v in batch(t - 1)])
    if t in KEPT:
        for k, v in zip(start, model.get_weights()):
            np.testing.assert_allclose(as_keras[f"{k}_{t}"], v, rtol=1e-9, atol=1e-12)

print("Keras and PyTorch differ by", max(np.abs(as_keras[f"{k}_100"] - as_torch[f"{k}_100"]).max() for k in start))
options = {"optimizer": "Adam", "learning_rate": 1e-3, "beta_1": 0.9, "beta_2": 0.999, "batch_size": BATCH, "steps": STEPS, "shuffle": False, "epochs": STEPS * BATCH // ROWS}
write("trajectory", ("keras", "torch"), [
    "Dense 5 -> 64 relu, Dense 64 -> 1 sigmoid, binary crossentropy (mean), Adam 1e-3. x (160, 5), y (160, 1), batches of 32 rows in order, 5 an epoch, 20 epochs, no shuffling: 100 steps.",
    "Case data: x, y and the initial kernel0 (5, 64), bias0, kernel1 (64, 1), bias1. The others: NAME_t after step t (1, 10, 50, 100) and losses, the loss of each step's batch before the step.",
    "keras: epsilon 1e-7 in w -= lr sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon). Computed by torch.optim.Adam with eps = 1e-7 / sqrt(1 - beta_2^t) set before step t, which is the same update, and checked against keras train_on_batch.",
    "torch: torch.optim.Adam with its eps 1e-8: w -= lr / (1 - beta_1^t) m / (sqrt(v / (1 - beta_2^t)) + eps), that is, Keras' update with epsilon = 1e-8 sqrt(1 - beta_2^t).",
], [
    case("data", tensors={"x": x, "y": y, **start}),
    case("keras", options={**options, "epsilon": 1e-7}, tensors=as_keras),
    case("torch", options={**options, "eps": 1e-8}, tensors=as_torch),
])
