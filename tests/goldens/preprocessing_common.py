# SPDX-License-Identifier: BSD-3-Clause
"""What the scripts of the transformers share: data with holes and ties, and a case of a fitted transformer."""
from common import case, normal, np, rng

random = rng(21)
NAN = float("nan")


def holes(x, *places):
    x = x.copy()
    for place in places:
        x[place] = NAN
    return x


def numbers(cases, name, fitted, x, x_new, options=None, note=None, inverse=True, names=False, y=None, **learned):
    """A case of a transformer of numbers that is fitted already."""
    out = fitted.transform(x)
    tensors = {"x": x, "y": out, "x_new": x_new, "y_new": fitted.transform(x_new), **{k: np.asarray(v, dtype=np.float64) for k, v in learned.items()}}
    if inverse:
        tensors["inverse"] = fitted.inverse_transform(out)
    if y is not None:
        tensors["target"] = np.asarray(y, dtype=np.float64)
    cases.append(case(name, type(fitted).__name__, note, options, None, tensors, {"feature_names": fitted.get_feature_names_out()} if names else None))


full = normal(random, 13, 3) * [1, 8, 0.25] + [0, 100, -3]
new = normal(random, 6, 3) * [3, 16, 1] + [0, 100, -3]
missing, new_missing = holes(full, (0, 0), (3, 0), (3, 1), (6, 2)), holes(new, (1, 1))
constant = np.concatenate([full[:, :1], np.full((13, 1), 2.5), np.zeros((13, 1))], axis=1)
tied = np.round(full / [0.5, 4, 0.25]) * [0.5, 4, 0.25]
