# SPDX-License-Identifier: BSD-3-Clause
"""losses_more.json: losses of margins, angles, quantiles, counts and amounts in float64; keras.losses where Keras has them, otherwise
formulas in PyTorch, checked against scikit-learn, torch.distributions or numpy; gradients by autograd."""
from common import array, case, grid, normal, np, rng, uniform, use_keras, write

keras, torch = use_keras()
from keras.src.losses.loss import reduce_weighted_values
from sklearn.metrics import mean_pinball_loss, mean_tweedie_deviance

random = rng(30)
cases = []


def of_keras(kind):
    return lambda t, p, **options: kind(**options).call(t, p)


def quantile(t, p, quantile):
    return torch.maximum(quantile * (t - p), (quantile - 1) * (t - p)).mean(-1)


def tweedie(t, p, power):
    return 2 * (t ** (2 - power) / ((1 - power) * (2 - power)) - t * p ** (1 - power) / (1 - power) + p ** (2 - power) / (2 - power)).mean(-1)


def softplus(x):
    return torch.clamp(x, min=0) + torch.log1p(torch.exp(-torch.abs(x)))


def negative_binomial(t, p):
    mean, dispersion = softplus(p[..., 0]), softplus(p[..., 1]).clamp(min=1e-8)
    return -torch.distributions.NegativeBinomial(1 / dispersion, logits=torch.log(mean * dispersion), validate_args=False).log_prob(t)


def zero_inflated_lognormal(t, p):
    positive = t > 0
    scale = softplus(p[..., 2]).clamp(min=1e-7**0.5)
    safe = torch.where(positive, t, torch.ones_like(t))
    value = torch.distributions.LogNormal(p[..., 1], scale).log_prob(safe)
    return torch.where(positive, softplus(-p[..., 0]) - value, softplus(p[..., 0]))


LOSSES = {
    "hinge": of_keras(keras.losses.Hinge), "squared_hinge": of_keras(keras.losses.SquaredHinge),
    "categorical_hinge": of_keras(keras.losses.CategoricalHinge), "cosine_similarity": of_keras(keras.losses.CosineSimilarity),
    "binary_focal_crossentropy": of_keras(keras.losses.BinaryFocalCrossentropy),
    "categorical_focal_crossentropy": of_keras(keras.losses.CategoricalFocalCrossentropy),
    "quantile": quantile, "tweedie": tweedie, "negative_binomial": negative_binomial, "zero_inflated_lognormal": zero_inflated_lognormal,
}


def add(loss, suffix, y_true, y_pred, weights=None, mask=None, note=None, **options):
    pred, truth = torch.tensor(y_pred, requires_grad=True), torch.tensor(y_true)
    losses = LOSSES[loss](truth, pred, **options)
    value = reduce_weighted_values(losses, None if weights is None else torch.tensor(weights), None if mask is None else torch.tensor(mask),
                                   "sum_over_batch_size", "float64")
    value.backward()
    if weights is None and mask is None:
        flat = (y_true.reshape(-1), y_pred.reshape(-1))
        if loss == "quantile":
            np.testing.assert_allclose(float(value.detach()), mean_pinball_loss(*flat, alpha=options["quantile"]), rtol=1e-12)
        if loss == "tweedie":
            np.testing.assert_allclose(float(value.detach()), mean_tweedie_deviance(*flat, power=options["power"]), rtol=1e-10)
    h = 2.0**-18
    f = lambda p: float(reduce_weighted_values(LOSSES[loss](truth, torch.tensor(p), **options), None if weights is None else torch.tensor(weights),
                                               None if mask is None else torch.tensor(mask), "sum_over_batch_size", "float64"))
    for i in np.ndindex(y_pred.shape) if suffix != "_short" else ():
        up, down = y_pred.copy(), y_pred.copy()
        up[i] += h
        down[i] -= h
        right, left = (f(up) - f(y_pred)) / h, (f(y_pred) - f(down)) / h
        if abs(right - left) < 1e-4 * max(1, abs(right)):
            assert abs((right + left) / 2 - float(pred.grad[i])) < 3e-6 * max(1, abs(right)), (loss, suffix, i, right, left, pred.grad[i])
    cases.append(case(loss + suffix, loss, note, options, {"loss": float(value.detach())},
                      {"y_true": y_true, "y_pred": y_pred, "sample_weight": weights, "mask": mask, "losses": losses, "dy_pred": pred.grad}))


def variants(loss, make, **options):
    """Rows, steps; each plain and weighted; steps masked."""
    tag = "".join(f"_{k if v is True else f'{k}_{v}'}" for k, v in options.items())
    add(loss, tag, *make(5, 3), **options)
    add(loss, tag + "_weighted", *make(5, 3), uniform(random, 0, 2, 5) * np.array([1, 1, 0, 1, 1]), **options)
    add(loss, tag + "_steps", *make(2, 3, 3), **options)
    mask = np.array([[1, 1, 1], [1, 0, 0]], dtype=bool)
    add(loss, tag + "_steps_weighted_masked", *make(2, 3, 3), uniform(random, 0, 2, 2, 3), mask, **options)


def labels(*shape):
    return (random.random(shape) < 0.5).astype(np.float64)


def one_hot(*shape):
    return np.eye(shape[-1])[random.integers(0, shape[-1], shape[:-1])]


def both(*shape):
    """Labels with both classes in every batch, so that Keras tells 0 and 1 from -1 and 1."""
    t = labels(*shape)
    t.ravel()[:2] = 0, 1
    return t


for loss in ("hinge", "squared_hinge"):
    variants(loss, lambda *s: (both(*s), normal(random, *s)))
    add(loss, "_signs", 2 * both(7, 1) - 1, normal(random, 7, 1, scale=2))
variants("categorical_hinge", lambda *s: (one_hot(*s), normal(random, *s)))
variants("cosine_similarity", lambda *s: (normal(random, *s), normal(random, *s)))
add("cosine_similarity", "_short", grid([[0, 0], [3, 4], [1, 0], [-2, 0]]), np.array([[1.0, 2], [2.0**-29, 0], [0, 2.0**-30], [3, 0]]),
    note="vectors shorter than 1e-7 count as that long; the gradient flows through the length only above it")
variants("quantile", lambda *s: (normal(random, *s), normal(random, *s) + 2.0**-11), quantile=0.9)
variants("quantile", lambda *s: (normal(random, *s), normal(random, *s) + 2.0**-11), quantile=0.25)
amounts = lambda *s: (grid(random.gamma(1.5, 2, s)) * labels(*s), uniform(random, 0.25, 6, *s))
variants("tweedie", amounts, power=1.5)
variants("tweedie", amounts, power=1.125)
for options in ({}, {"gamma": 0.5, "alpha": 0.75}, {"apply_class_balancing": True, "gamma": 3.0}, {"label_smoothing": 0.1}, {"gamma": 0.0}):
    full = len(options) == 0
    run = variants if full else lambda loss, make, **o: add(loss, "".join(f"_{k if v is True else f'{k}_{v}'}" for k, v in o.items()), *make(5, 3), **o)
    run("binary_focal_crossentropy", lambda *s: (labels(*s), normal(random, *s, scale=2)), from_logits=True, **options)
    run("binary_focal_crossentropy", lambda *s: (labels(*s), grid(np.clip(random.random(s), 0.01, 0.99))), **options)
    if "apply_class_balancing" in options:
        continue
    run("categorical_focal_crossentropy", lambda *s: (one_hot(*s), normal(random, *s, scale=2)), from_logits=True, **options)
    run("categorical_focal_crossentropy", lambda *s: (one_hot(*s), grid(random.dirichlet(np.ones(s[-1]) * 2, s[:-1]), 12)), **options)
add("binary_focal_crossentropy", "_soft_truth", uniform(random, 0, 1, 5, 3), normal(random, 5, 3, scale=2), from_logits=True)
add("categorical_focal_crossentropy", "_soft_truth", grid(random.dirichlet(np.ones(3), 5), 12), normal(random, 5, 3, scale=2), from_logits=True)


def raw(width, truth):
    def make(*shape):
        return truth(shape[:-1]), normal(random, *shape[:-1], width, scale=1.5)
    return make


variants("negative_binomial", raw(2, lambda s: random.negative_binomial(1.5, 0.3, s).astype(np.float64)))
add("negative_binomial", "_wide", np.array([0.0, 3, 1000, 12, 0, 250]), grid([[5, 3], [0.25, 20], [900, 2], [14, -4], [-6, -3], [240, -3]]),
    note="dispersions from 0.02 to 20; smaller ones cost torch its digits")
variants("zero_inflated_lognormal", raw(3, lambda s: grid(random.lognormal(1, 1, s)) * labels(*s)))

write("losses_more", ("keras", "torch", "scikit-learn"), [
    "Fields as in losses.json. losses is the mean over the last axis for hinge, squared_hinge, binary_focal_crossentropy, quantile and tweedie; otherwise one number for the whole last axis.",
    "quantile: (1 - q) (p - t) above the truth, q (t - p) below. tweedie: the unit deviance.",
    "negative_binomial: mean softplus(p_0), variance mean + softplus(p_1) mean^2. zero_inflated_lognormal: probability sigmoid(p_0), location p_1, scale softplus(p_2), at least sqrt(1e-7).",
    "hinge, squared_hinge: truths 0 and 1 count as -1 and 1.",
], cases)
