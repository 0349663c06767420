# SPDX-License-Identifier: BSD-3-Clause
"""learned_weights.json: a network of two heads whose losses weigh themselves (Kendall, Gal and Cipolla 2018), trained by PyTorch.

    python learned_weights.py        (needs torch)
"""
import torch

from common import case, normal, rng, write

random = rng(71)
x, buys, spend = normal(random, 32, 3), (random.random((32, 1)) < 0.4).astype(float), normal(random, 32, 2, scale=3.0)
start = {"kernel_buys": normal(random, 3, 1), "bias_buys": normal(random, 1), "kernel_spend": normal(random, 3, 2), "bias_spend": normal(random, 2)}

p = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in start.items()}
s = {name: torch.zeros(1, dtype=torch.float64, requires_grad=True) for name in ("buys", "spend")}
optimizer = torch.optim.SGD([*p.values(), *s.values()], lr=0.05)
tx, tb, ts = (torch.tensor(v, dtype=torch.float64) for v in (x, buys, spend))
totals = []
for step in range(40):
    i = slice(16 * (step % 2), 16 * (step % 2) + 16)
    bce = torch.nn.functional.binary_cross_entropy_with_logits(tx[i] @ p["kernel_buys"] + p["bias_buys"], tb[i])
    mse = ((tx[i] @ p["kernel_spend"] + p["bias_spend"] - ts[i]) ** 2).mean()
    total = torch.exp(-s["buys"]) * bce + s["buys"] / 2 + torch.exp(-s["spend"]) * 0.5 * mse + s["spend"] / 2
    optimizer.zero_grad()
    total.sum().backward()
    optimizer.step()
    totals.append(float(total.detach()))

write(
    "learned_weights",
    ["torch"],
    ["total = exp(-s1) bce + s1 / 2 + exp(-s2) 0.5 mse + s2 / 2; SGD(lr 0.05), 40 steps of 16 rows in order"],
    [
        case("data", tensors={"x": x, "buys": buys, "spend": spend, **start}),
        case("torch", tensors={**{k: v for k, v in p.items()}, "s_buys": s["buys"], "s_spend": s["spend"], "totals": torch.tensor(totals, dtype=torch.float64)}),
    ],
)
