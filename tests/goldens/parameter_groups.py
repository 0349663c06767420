# SPDX-License-Identifier: BSD-3-Clause
"""parameter_groups.json: 30 steps of torch.optim.AdamW on two layers, each in a parameter group of its own, in float64."""
import torch

from common import case, normal, np, rng, write

random = rng(41)
STEPS = 30
x, y = normal(random, 16, 5), normal(random, 16, 2)
start = {"kernel0": normal(random, 5, 4, scale=0.5), "bias0": normal(random, 4), "kernel1": normal(random, 4, 2, scale=0.5), "bias1": normal(random, 2)}
p = {k: torch.nn.Parameter(torch.tensor(v)) for k, v in start.items()}
optimizer = torch.optim.AdamW([
    {"params": [p["kernel0"], p["bias0"]], "lr": 1e-3, "weight_decay": 0.05},
    {"params": [p["kernel1"], p["bias1"]], "lr": 1e-2, "weight_decay": 0},
])
losses = []
for t in range(1, STEPS + 1):
    loss = ((torch.tanh(torch.tensor(x) @ p["kernel0"] + p["bias0"]) @ p["kernel1"] + p["bias1"] - torch.tensor(y)) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    for group in optimizer.param_groups:
        group["eps"] = 1e-7 / (1 - 0.999**t) ** 0.5  # which makes it the epsilon of Keras' update
    optimizer.step()
    losses.append(loss.item())

write("parameter_groups", ("torch",), [
    "Dense 5 -> 4 tanh, Dense 4 -> 2, mean squared error, AdamW 1e-2 with weight_decay 0.05 on all 16 rows; the first layer at a tenth of the rate, the second without decay",
], [
    case("data", tensors={"x": x, "y": y, **start}),
    case("torch", tensors={**{k: v.detach().numpy() for k, v in p.items()}, "losses": np.array(losses)}),
])
