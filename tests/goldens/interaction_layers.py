# SPDX-License-Identifier: BSD-3-Clause
"""interaction_layers.json: layers that merge, multiply or look up, of Keras or torch where they have them, else their formulas in torch, in float64."""
import math

from common import normal, np, write
from layer_cases import NOTES, add, cases, keras, random, tensor, torch

layers = keras.layers


def weight(*shape):
    return torch.tensor(normal(random, *shape, scale=0.5), requires_grad=True)


def ids(high, *shape):
    return torch.tensor(random.integers(0, high, shape).astype(np.float64))


def philox(key, counter, stream):
    """Philox 4x32-10 of Salmon and others 2011: the low 64 bits of the block of that counter."""
    c = [counter & 0xFFFFFFFF, counter >> 32, stream & 0xFFFFFFFF, stream >> 32]
    k = [key & 0xFFFFFFFF, key >> 32]
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & 0xFFFFFFFF, (a >> 32) ^ c[3] ^ k[1], a & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c[1] << 32 | c[0]


def split_mix(z):
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
    return z ^ z >> 31


def check(name, kind, config, y, xs, parameters=()):
    add(name, kind, config, y, normal(random, *y.shape), xs, {ours: (value, None) for ours, value in dict(parameters).items()})


# Merges, of rows and of steps.
for shape in ((4,), (3, 4)):
    tail = f"_{len(shape)}d"
    for kind in ("Add", "Multiply", "Average", "Maximum", "Minimum"):
        xs = [tensor(normal(random, 5, *shape)) for _ in range(3)]
        check(kind.lower() + tail, kind, {}, getattr(layers, kind)()(xs), xs)
    xs = [tensor(normal(random, 5, *shape)) for _ in range(2)]
    check("subtract" + tail, "Subtract", {}, layers.Subtract()(xs), xs)
    for axis in (-1, 1):
        xs = [tensor(normal(random, 5, *shape)) for _ in range(3)]
        check(f"concatenate{tail}_axis_{axis}", "Concatenate", {"axis": axis}, layers.Concatenate(axis)(xs), xs)
for name, a, b, axes in (("rows", (4,), (4,), (1, 1)), ("steps", (3, 4), (2, 4), (2, 2)), ("steps_row", (3, 4), (4,), (2, 1))):
    for normalize in (False, True):
        xs = [tensor(normal(random, 5, *a)), tensor(normal(random, 5, *b))]
        y = layers.Dot(axes, normalize=normalize)(xs)
        check(f"dot_{name}" + ("_normalized" if normalize else ""), "Dot", {"normalize": normalize}, y, xs)

# One input, other order or length.
x = tensor(normal(random, 5, 3, 4))
check("permute", "Permute", {"dims": [2, 1]}, layers.Permute((2, 1))(x), [x])
x = tensor(normal(random, 5, 4))
check("repeat", "RepeatVector", {"n": 3}, layers.RepeatVector(3)(x), [x])
x = tensor(normal(random, 5, 3, 4))
check("unit", "UnitNormalization", {}, layers.UnitNormalization(-1)(x), [x])
x, alpha = tensor(normal(random, 5, 3, 4)), weight(3, 4)
check("prelu", "PReLU", {}, torch.where(x < 0, alpha * x, x), [x], {"alpha": alpha})

# Look-up.
for kind, shape in (("ids", (5, 3)), ("steps_of_ids", (5, 2, 3))):
    layer = layers.Embedding(7, 4, dtype="float64")
    layer.build(shape)
    layer.embeddings.assign(normal(random, 7, 4))
    x = ids(7, *shape)
    y = layer(x.long())
    check("embedding_" + kind, "Embedding", {"input_dim": 7, "output_dim": 4}, y, [x], {"embeddings": layer.embeddings.value})
for combiner in ("mean", "sum", "max"):
    table, x = weight(7, 4), ids(7, 6, 5)
    x[0], x[1] = torch.tensor([0.0] * 5), torch.tensor([3.0, 0, 3, 0, 1])
    y = torch.nn.functional.embedding_bag(x.long(), table, mode=combiner, padding_idx=0)
    check("bag_" + combiner, "EmbeddingBag", {"input_dim": 7, "output_dim": 4, "combiner": combiner}, y, [x], {"embeddings": table})
table = weight(2 + 5 + 3, 4)
x = torch.stack([ids(2, 6), ids(5, 6), ids(3, 6)], 1)
y = torch.nn.functional.embedding(x.long() + torch.tensor([0, 2, 7]), table)
check("fields", "FieldEmbedding", {"input_dims": [2, 5, 3], "output_dim": 4, "oov_slot": False}, y, [x], {"embeddings": table})
table, x = weight(6, 4), tensor(normal(random, 3, 5, 4))
check("positions", "PositionalEmbedding", {"max_length": 6}, x + table[:5], [x], {"embeddings": table})
x = tensor(normal(random, 3, 5, 4))
angle = torch.arange(5, dtype=torch.float64)[:, None] / 10000 ** (torch.tensor([0.0, 0, 2, 2], dtype=torch.float64) / 4)
wave = torch.where(torch.tensor([True, False, True, False]), angle.sin(), angle.cos())
check("waves", "PositionalEmbedding", {"max_length": 6, "sinusoidal": True}, x + wave, [x])
x, c = tensor(normal(random, 5, 3)), weight(3, 4)
angle = 2 * math.pi * c * x[:, :, None]
check("periodic", "PeriodicEmbedding", {"frequencies": 4}, torch.cat([angle.sin(), angle.cos()], -1), [x], {"frequencies": c})
edges = torch.tensor([-1.0, -0.25, 0.5, 2.0], dtype=torch.float64)
x = tensor(normal(random, 7, 3))
share = (x[:, :, None] - edges[:-1]) / (edges[1:] - edges[:-1])
share = torch.cat([share[..., :1].clamp(max=1), share[..., 1:-1].clamp(0, 1), share[..., -1:].clamp(min=0)], -1)
check("piecewise", "PiecewiseLinearEncoding", {"edges": edges.tolist()}, share, [x])

# Products of features.
for thin in (0, 2):
    for two in (False, True):
        xs = [tensor(normal(random, 5, 4)) for _ in range(1 + two)]
        parameters = {"down_kernel": weight(4, thin), "kernel": weight(thin, 4)} if thin else {"kernel": weight(4, 4)}
        parameters["bias"] = weight(4)
        inner = xs[-1] @ parameters["down_kernel"] if thin else xs[-1]
        y = xs[0] * (inner @ parameters["kernel"] + parameters["bias"]) + xs[-1]
        check(f"cross_{thin}" + ("_two" if two else ""), "Cross", {"projection_dim": thin}, y, xs, parameters)
for reduce in (True, False):
    x = tensor(normal(random, 5, 4, 3))
    pairs = sum(x[:, i] * x[:, j] for i in range(4) for j in range(i))
    check("machine" + ("" if reduce else "_vector"), "FactorizationMachine", {"reduce_sum": reduce}, pairs.sum(1, keepdim=True) if reduce else pairs, [x])
x = tensor(normal(random, 5, 4))
parameters = {"experts/kernel": weight(4, 3 * 2), "experts/bias": weight(3 * 2), "gates/kernel": weight(4, 2 * 3), "gates/bias": weight(2 * 3)}
experts = torch.tanh(x @ parameters["experts/kernel"] + parameters["experts/bias"]).reshape(5, 3, 2)
gates = torch.softmax((x @ parameters["gates/kernel"] + parameters["gates/bias"]).reshape(5, 2, 3), -1)
check("experts", "MixtureOfExperts", {"units": 2, "experts": 3, "tasks": 2, "activation": "tanh"}, gates @ experts, [x], parameters)
for softmax in (False, True):
    candidate, history = tensor(normal(random, 5, 4)), tensor(normal(random, 5, 3, 4))
    parameters = {"hidden/kernel": weight(16, 6), "hidden/bias": weight(6), "score/kernel": weight(6, 1), "score/bias": weight(1)}
    c = candidate[:, None].expand_as(history)
    hidden = torch.tanh(torch.cat([history, c, history - c, history * c], -1) @ parameters["hidden/kernel"] + parameters["hidden/bias"])
    score = hidden @ parameters["score/kernel"] + parameters["score/bias"]
    share = torch.softmax(score, 1) if softmax else score
    check("target" + ("_softmax" if softmax else ""), "TargetAttention", {"hidden_units": 6, "activation": "tanh", "softmax": softmax},
          (share * history).sum(1), [candidate, history], parameters)

# Look-up without a vocabulary.
assert philox(0, 0, 0) == 0xE169C58D6627E8D5  # the known answer of the paper's authors
for hashes, seed in ((1, 0), (2, 7), (3, 2**40 + 1)):
    table, x = weight(11, 4), ids(2**24, 5, 3)
    x[0] = torch.tensor([0.0, 1.0, 1.0])
    buckets = [[philox(seed, int(i), split_mix((h + 1) * 0x9E3779B97F4A7C15 % 2**64)) * 11 >> 64 for h in range(hashes)] for i in x.flatten()]
    y = torch.nn.functional.embedding(torch.tensor(buckets).reshape(5, 3, hashes), table).sum(2)
    check(f"hashed_{hashes}", "HashedEmbedding", {"num_buckets": 11, "output_dim": 4, "hashes": hashes, "seed": seed}, y, [x], {"embeddings": table})

write("interaction_layers", ["keras", "torch"], NOTES, cases)
