# SPDX-License-Identifier: BSD-3-Clause
"""tied_scores.json: 40 training steps of a next-item model whose table of items reads the history and scores the answers, in float64."""
import torch

from common import case, normal, np, rng, write

random = rng(37)
ITEMS, SIZE, LENGTH, ROWS, BATCH, EPOCHS = 9, 4, 3, 64, 16, 10

x = random.integers(0, ITEMS, (ROWS, LENGTH))
y = (x[:, -1] * 2 + x[:, 0]) % ITEMS
start = {"table": normal(random, ITEMS, SIZE, scale=0.5), "kernel": normal(random, SIZE, SIZE, scale=0.5), "bias": normal(random, ITEMS, scale=0.25)}
history, truth = torch.tensor(x), torch.tensor(y)


def train(use_bias):
    p = {k: torch.nn.Parameter(torch.tensor(v)) for k, v in start.items() if use_bias or k != "bias"}
    optimizer = torch.optim.SGD(p.values(), lr=0.25, momentum=0.5)
    losses = []
    for _ in range(EPOCHS):
        for i in range(0, ROWS, BATCH):
            state = torch.tanh(torch.nn.functional.embedding(history[i:i + BATCH], p["table"]).mean(1) @ p["kernel"])
            logits = torch.nn.functional.linear(state, p["table"], p["bias"] if use_bias else None)
            loss = torch.nn.functional.cross_entropy(logits, truth[i:i + BATCH])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return {**{k: v.detach().numpy() for k, v in p.items()}, "losses": np.array(losses)}


write("tied_scores", ("torch",), [
    "ids (64, 3) -> Embedding(9, 4) -> mean over steps -> Dense(4, tanh, no bias) -> scores x E' (+ bias) of all 9 items, cross-entropy from logits, SGD 0.25 with momentum 0.5, batches of 16 in order, 10 epochs.",
    "data: x, y and the first table (9, 4), kernel (4, 4), bias (9). The others: the same after training, and losses, of each batch before its step.",
], [
    case("data", tensors={"x": x.astype(np.float64), "y": y.astype(np.float64), **start}),
    case("with bias", tensors=train(True)),
    case("without", tensors=train(False)),
])
