# SPDX-License-Identifier: BSD-3-Clause
"""ctc.json: torch.nn.functional.ctc_loss in float64, checked against a sum over all paths where there are few."""
import itertools

from common import case, normal, np, rng, write

import torch

torch.set_default_dtype(torch.float64)
random = rng(50)
cases = []


def collapse(path, blank):
    return [k for k, _ in itertools.groupby(path) if k != blank]


def all_paths(p, labels, blank):
    steps, classes = p.shape
    return -np.log(sum(np.prod(p[range(steps), path]) for path in itertools.product(range(classes), repeat=steps) if collapse(path, blank) == labels))


def add(name, rows, steps, classes, labels, lengths=None, blank=0, weights=None, scale=1.0):
    logits = torch.tensor(normal(random, rows, steps, classes, scale=scale), requires_grad=True)
    lengths = [steps] * rows if lengths is None else lengths
    log_p = torch.log_softmax(logits, -1).transpose(0, 1)
    targets = torch.tensor([k for row in labels for k in row])
    losses = torch.nn.functional.ctc_loss(log_p, targets, torch.tensor(lengths), torch.tensor([len(row) for row in labels]), blank=blank, reduction="none")
    weighted = losses if weights is None else losses * torch.tensor(weights)
    weighted.sum().backward()
    if classes**steps < 5000:
        for r in range(rows):
            p = torch.softmax(logits[r, : lengths[r]], -1).detach().numpy()
            np.testing.assert_allclose(float(losses[r].detach()), all_paths(p, labels[r], blank), rtol=1e-10)
    width = max(1, max(len(row) for row in labels))
    truth = np.full((rows, width), float(blank))
    for r, row in enumerate(labels):
        truth[r, : len(row)] = row
    mask = np.array([[t < n for t in range(steps)] for n in lengths], dtype=float)
    cases.append(case(name, "ctc", None, {"blank": blank}, {"sum": float(weighted.sum().detach())},
                      {"y_true": truth, "y_pred": logits, "mask": mask if min(lengths) < steps else None, "sample_weight": weights, "losses": losses, "dy_pred": logits.grad}))


draw = lambda n, classes, blank=0: [int(k) for k in random.choice([c for c in range(classes) if c != blank], n)]
add("ctc_small", 4, 5, 3, [[1], [1, 2], [2, 2], []])
add("ctc_lengths", 4, 6, 4, [[1, 3], [2], [3, 3], [1, 2, 3]], lengths=[6, 1, 3, 5])
add("ctc_last_blank", 3, 7, 5, [[0, 0, 1], [3], [2, 1, 0, 3]], blank=4, weights=np.array([1.0, 0.5, 2.0]))
add("ctc_long", 3, 40, 11, [draw(12, 11), draw(15, 11), draw(3, 11)], scale=3.0)
add("ctc_sharp", 2, 20, 6, [draw(5, 6), draw(6, 6)], scale=30.0)
add("ctc_one_step", 2, 1, 3, [[2], []])
write("ctc", ("torch",), ["sum = sum of sample_weight losses; dy_pred is its gradient by the logits; y_true is filled up with blank; mask has the real steps."], cases)
