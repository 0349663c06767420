# SPDX-License-Identifier: BSD-3-Clause
"""What the golden scripts share: the file layout, versions, and inputs on a grid that float represents exactly."""
import json
import math
import os
import pathlib

os.environ["KERAS_BACKEND"] = "torch"
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np

FOLDER = pathlib.Path(__file__).parent
SEED = 20250117


def rng(stream):
    return np.random.Generator(np.random.PCG64([SEED, stream]))


def grid(values, bits=10):
    """Rounded to multiples of 2^-bits, so that double and float tests start from the same numbers."""
    values = np.round(np.asarray(values, dtype=np.float64) * 2.0**bits) / 2.0**bits
    assert np.all(values.astype(np.float32).astype(np.float64) == values)
    return values + 0.0  # no negative zeros


def normal(random, *shape, scale=1.0):
    return grid(random.normal(size=shape) * scale)


def uniform(random, low, high, *shape):
    return grid(random.uniform(low, high, size=shape))


def array(value):
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    return np.asarray(value)


def plain(value):
    """A Python number, or the text that stands for one that JSON does not have."""
    value = float(value)
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def tensor(value, where=""):
    value = array(value)
    if value.dtype.kind == "f":
        assert value.dtype == np.float64, f"{where} {value.dtype}: goldens are computed in float64"
    return {"shape": list(value.shape), "data": [plain(v) for v in value.astype(np.float64).ravel()]}


def column(name, values, is_text=False):
    """A column of numbers or of strings, the latter when there are any or `is_text`; None and NaN are missing."""
    values = [None if v is None or (isinstance(v, float) and math.isnan(v)) else v for v in values]
    is_text = is_text or any(isinstance(v, str) for v in values)
    assert all(v is None or isinstance(v, str) == is_text for v in values)
    return {"name": name, "kind": "string" if is_text else "number", "values": [v if v is None or is_text else plain(v) for v in values]}


def case(name, group=None, note=None, options=None, scalars=None, tensors=None, strings=None, tables=None):
    out = {"name": name}
    if group:
        out["group"] = group
    if note:
        out["note"] = note
    if options:
        out["options"] = {k: v for k, v in options.items() if v is not None}
    if scalars:
        out["scalars"] = {k: plain(v) for k, v in scalars.items()}
    if tensors:
        out["tensors"] = {k: tensor(v, f"{name}: {k}") for k, v in tensors.items() if v is not None}
    if strings:
        out["strings"] = {k: [None if s is None else str(s) for s in v] for k, v in strings.items()}
    if tables:
        out["tables"] = tables
    return out


def versions(*packages):
    import importlib.metadata
    import platform

    found = {"python": platform.python_version()}
    for package in ("numpy", *packages):
        found[package] = importlib.metadata.version(package)
    return found


def write(family, packages, notes, cases):
    names = [c["name"] for c in cases]
    assert len(names) == len(set(names)), "case names are unique"
    dump = lambda value: json.dumps(value, ensure_ascii=False, allow_nan=False)
    lines = ["{", f' "family": {dump(family)},', f' "versions": {dump(versions(*packages))},', f' "seed": {SEED},', ' "notes": [']
    lines += [f"  {dump(note)}{',' if i + 1 < len(notes) else ''}" for i, note in enumerate(notes)]
    lines += [" ],", ' "cases": [']
    for i, c in enumerate(cases):
        fields = []
        for key, value in c.items():
            if key in ("tensors", "strings", "tables"):
                inner = ",\n".join(f"    {dump(k)}: {dump(v)}" for k, v in value.items())
                fields.append(f"   {dump(key)}: {{\n{inner}\n   }}")
            else:
                fields.append(f"   {dump(key)}: {dump(value)}")
        lines.append("  {\n" + ",\n".join(fields) + "\n  }" + ("," if i + 1 < len(cases) else ""))
    lines += [" ]", "}", ""]
    text = "\n".join(lines)
    json.loads(text)
    assert len(text) < 200_000, f"{family}: goldens stay small"
    path = FOLDER / f"{family}.json"
    path.write_text(text, encoding="utf-8")
    print(f"{path.name}: {len(cases)} cases, {len(text) / 1000:.0f} kB")


def use_keras():
    import keras
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    assert keras.config.backend() == "torch"
    # Keras promotes float64 to float32 in matmul, maximum, var and others, whatever floatx says; here it does not.
    from keras.src.backend.common import dtypes

    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"
    two = torch.ones(2, 2)
    for name in ("matmul", "maximum"):
        assert getattr(keras.ops, name)(two, two).dtype == torch.float64, name
    assert keras.ops.var(two).dtype == torch.float64
    return keras, torch
