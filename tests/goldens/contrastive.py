# SPDX-License-Identifier: BSD-3-Clause
"""contrastive.json: losses of pairs, candidates and batches, written in PyTorch in float64; gradients by autograd."""
from common import case, grid, normal, np, rng, uniform, write

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
random = rng(70)
cases = []


def bpr(t, p, w):
    losses = []
    for row in range(len(t)):
        pairs = [F.softplus(p[row, j] - p[row, i]) for i in range(t.shape[1]) for j in range(t.shape[1]) if t[row, i] > 0 and not t[row, j] > 0]
        losses.append(torch.stack(pairs).mean() if pairs else p[row].sum() * 0)
    return torch.stack(losses)


def log_share(ids, vocabulary):
    return torch.log(torch.log((ids + 2) / (ids + 1)) / np.log(vocabulary + 1))


def sampled_softmax(t, p, w, vocabulary=0):
    z = p - log_share(t, vocabulary) if vocabulary else p
    again = (t == t[:, :1]) & (torch.arange(t.shape[1]) > 0)
    return -torch.log_softmax(z.masked_fill(again, -torch.inf), -1)[:, 0]


def info_nce(t, p, w, temperature=0.1, normalize=True, vocabulary=0):
    q, k = p.chunk(2, -1)
    if normalize:
        q, k = F.normalize(q, dim=-1), F.normalize(k, dim=-1)
    z = q @ k.T / temperature
    if vocabulary:
        z = z - log_share(t, vocabulary)
    same = (t[:, None] == t[None, :]) & ~torch.eye(len(t), dtype=bool)
    return F.cross_entropy(z.masked_fill(same, -torch.inf), torch.arange(len(t)), reduction="none")


def triplet(t, p, w, margin=1.0):
    losses = []
    for i in range(len(t)):
        own = [j for j in range(len(t)) if t[j] == t[i] and j != i]
        other = [j for j in range(len(t)) if t[j] != t[i]]
        far = max(((p[i] - p[j]).norm() for j in own), default=None, key=lambda x: float(x.detach()))
        near = min(((p[i] - p[j]).norm() for j in other), default=None, key=lambda x: float(x.detach()))
        losses.append(p[i].sum() * 0 if far is None or near is None else F.relu(margin + far - near))
    return torch.stack(losses)


LOSSES = {"bpr": bpr, "sampled_softmax": sampled_softmax, "info_nce": info_nce, "triplet": triplet}


def add(group, suffix, truth, prediction, weights=None, **options):
    p = torch.tensor(prediction, requires_grad=True)
    losses = LOSSES[group](torch.tensor(truth), p, None, **options)
    total = (losses if weights is None else losses * torch.tensor(weights)).sum()
    total.backward()
    cases.append(case(group + suffix, group, None, options, {"sum": float(total.detach())},
                      {"y_true": truth.astype(float), "y_pred": prediction, "sample_weight": weights, "dy_pred": p.grad}))


relevant = (random.random((7, 6)) < 0.4).astype(float)
relevant[2] = 0
relevant[3] = 1
add("bpr", "", relevant, normal(random, 7, 6, scale=2))
add("bpr", "_weighted", relevant, normal(random, 7, 6, scale=2), uniform(random, 0, 2, 7))
ids = random.integers(0, 50, (6, 9)).astype(float)
ids[0, 4] = ids[0, 0]
ids[1, 2] = ids[1, 8] = ids[1, 0]
add("sampled_softmax", "", ids, normal(random, 6, 9, scale=2))
add("sampled_softmax", "_log_uniform", ids, normal(random, 6, 9, scale=2), uniform(random, 0, 2, 6), vocabulary=50)
items = np.array([3.0, 7, 3, 0, 19, 7, 4])
add("info_nce", "", items, normal(random, 7, 10))
add("info_nce", "_dot", items, normal(random, 7, 6), np.array([1.0, 0.5, 0, 2, 1, 1, 1]), temperature=1.5, normalize=False)
add("info_nce", "_log_uniform", items, normal(random, 7, 8), temperature=0.5, vocabulary=20)
classes = np.array([0.0, 1, 0, 2, 1, 0, 3, 1])
add("triplet", "", classes, normal(random, 8, 5))
add("triplet", "_margin", classes, normal(random, 8, 3), np.array([1.0, 0.5, 0, 2, 1, 1, 1, 1]), margin=0.25)
write("contrastive", ("torch",), ["sum = sum of sample_weight losses over the rows; dy_pred is its gradient.",
                                  "info_nce: y_pred is query and key one after the other; y_true the item of the key. triplet: y_true is the class."], cases)
