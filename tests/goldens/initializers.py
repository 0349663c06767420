# SPDX-License-Identifier: BSD-3-Clause
"""initializers.json: fans, limits and standard deviations of keras.initializers, by their formulas and checked on large draws."""
from common import case, np, use_keras, write

keras, torch = use_keras()
from keras.src.initializers.random_initializers import compute_fans

CUT = 0.87962566103423978  # standard deviation of the normal distribution cut at +-2
SHAPES = [(1,), (5,), (5, 64), (64, 1), (7, 3), (1, 1), (3, 4, 6), (3, 3, 5, 8)]
NAMES = {"glorot_uniform": keras.initializers.GlorotUniform, "glorot_normal": keras.initializers.GlorotNormal,
         "he_uniform": keras.initializers.HeUniform, "he_normal": keras.initializers.HeNormal,
         "lecun_uniform": keras.initializers.LecunUniform, "lecun_normal": keras.initializers.LecunNormal}
cases = []


def numbers(kind, shape):
    fan_in, fan_out = compute_fans(shape)
    fan = {"fan_in": fan_in, "fan_avg": (fan_in + fan_out) / 2}[kind.mode]
    stddev = (kind.scale / max(1.0, fan)) ** 0.5
    out = {"fan_in": fan_in, "fan_out": fan_out, "stddev": stddev}
    if kind.distribution == "uniform":
        out["limit"] = 3**0.5 * stddev
    else:
        out["untruncated_stddev"] = stddev / CUT
        out["limit"] = 2 * stddev / CUT
    return out


for name, make in NAMES.items():
    for shape in SHAPES:
        kind = make(seed=1)
        cases.append(case(f"{name}_{'x'.join(map(str, shape))}", name, options={"shape": list(shape), "distribution": kind.distribution.replace("_normal", " normal")},
                          scalars=numbers(kind, shape)))
    shape = (400, 700)
    draw, expected = np.asarray(make(seed=1)(shape)), numbers(make(seed=1), shape)
    # Keras on PyTorch draws four times, not until within the cut: about 4 in a million values lie beyond it.
    inside = np.abs(draw) <= expected["limit"] * (1 + 1e-6)
    assert abs(draw.std() / expected["stddev"] - 1) < 0.01 and (~inside).sum() < 10 and np.abs(draw[inside]).max() > 0.98 * expected["limit"], name

for name, make in {"random_uniform": keras.initializers.RandomUniform, "random_normal": keras.initializers.RandomNormal,
                   "truncated_normal": keras.initializers.TruncatedNormal, "orthogonal": keras.initializers.Orthogonal}.items():
    config = make().get_config()
    cases.append(case(name, "defaults", scalars={k: v for k, v in config.items() if k != "seed"}))

for shape in ((5, 5), (8, 3), (3, 8), (2, 3, 4)):
    q = np.asarray(keras.initializers.Orthogonal(gain=1.5, seed=1)(shape), dtype=np.float64).reshape(-1, shape[-1])
    tall = q.shape[0] >= q.shape[1]
    gram = q.T @ q if tall else q @ q.T
    assert np.abs(gram - 2.25 * np.eye(len(gram))).max() < 1e-5
    cases.append(case(f"orthogonal_{'x'.join(map(str, shape))}", "orthogonal", "Q^T Q (columns) or Q Q^T (rows) of the matrix (all axes but the last, last) is gain^2 times the identity",
                      {"shape": list(shape), "gain": 1.5, "orthonormal": "columns" if tall else "rows"}))

write("initializers", ("keras", "torch"), [
    "stddev is the standard deviation of the values, limit the greatest magnitude. Uniform: limit = sqrt(3) stddev.",
    "Truncated normal: drawn with untruncated_stddev = stddev / 0.87962566103423978, and again beyond two of those, so that the values have stddev.",
    "Fans: (n) -> n, n; (in, out); (field..., in, out) -> field in, field out. glorot averages the fans, he and lecun take fan_in; the fan is at least 1.",
    "Defaults as keras.initializers has them: random_uniform +-0.05, random_normal and truncated_normal mean 0, stddev 0.05 (untruncated), orthogonal gain 1.",
], cases)
