# SPDX-License-Identifier: BSD-3-Clause
"""losses.json: keras.losses in float64; gradients by torch autograd; every value again from its formula in numpy."""
from common import array, case, grid, normal, np, rng, uniform, use_keras, write

keras, torch = use_keras()
from keras.src.losses.loss import reduce_weighted_values

random = rng(3)
cases = []
EPSILON = 1e-7


def logsumexp(x):
    top = x.max(-1, keepdims=True)
    return top + np.log(np.exp(x - top).sum(-1, keepdims=True))


def bce(t, p, from_logits=False, label_smoothing=0.0):
    t = t * (1 - label_smoothing) + label_smoothing / 2
    if from_logits:
        return (np.maximum(p, 0) - t * p + np.log1p(np.exp(-np.abs(p)))).mean(-1)
    p = np.clip(p, EPSILON, 1 - EPSILON)
    return -(t * np.log(p) + (1 - t) * np.log1p(-p)).mean(-1)


def cce(t, p, from_logits=False, label_smoothing=0.0):
    t = t * (1 - label_smoothing) + label_smoothing / t.shape[-1]
    if from_logits:
        return -(t * (p - logsumexp(p))).sum(-1)
    return -(t * np.log(np.clip(p / p.sum(-1, keepdims=True), EPSILON, 1 - EPSILON))).sum(-1)


def one_hot(ids, classes):
    return np.eye(classes)[np.asarray(ids, dtype=int)]


# name: (Keras class, formula of the unreduced losses)
LOSSES = {
    "mean_squared_error": (keras.losses.MeanSquaredError, lambda t, p: ((p - t) ** 2).mean(-1)),
    "mean_absolute_error": (keras.losses.MeanAbsoluteError, lambda t, p: np.abs(p - t).mean(-1)),
    "log_cosh": (keras.losses.LogCosh, lambda t, p: (np.logaddexp(p - t, t - p) - np.log(2)).mean(-1)),
    "huber": (keras.losses.Huber, lambda t, p, delta=1.0: np.where(
        np.abs(p - t) <= delta, (p - t) ** 2 / 2, delta * (np.abs(p - t) - delta / 2)).mean(-1)),
    "binary_crossentropy": (keras.losses.BinaryCrossentropy, bce),
    "categorical_crossentropy": (keras.losses.CategoricalCrossentropy, cce),
    "sparse_categorical_crossentropy": (keras.losses.SparseCategoricalCrossentropy,
                                        lambda t, p, **o: cce(one_hot(t, p.shape[-1]), p, **o)),
    "kl_divergence": (keras.losses.KLDivergence, lambda t, p: (
        np.clip(t, EPSILON, 1) * np.log(np.clip(t, EPSILON, 1) / np.clip(p, EPSILON, 1))).sum(-1)),
    "poisson": (keras.losses.Poisson, lambda t, p: (p - t * np.log(p + EPSILON)).mean(-1)),
}


def add(loss, suffix, y_true, y_pred, weights=None, mask=None, note=None, **options):
    kind, formula = LOSSES[loss]
    pred = torch.tensor(y_pred, requires_grad=True)
    truth = torch.tensor(y_true)
    instance = kind(**options)
    losses = instance.call(truth, pred)
    value = reduce_weighted_values(losses, None if weights is None else torch.tensor(weights), None if mask is None else torch.tensor(mask),
                                   "sum_over_batch_size", "float64")
    if mask is None:
        assert value == instance(truth, pred, None if weights is None else torch.tensor(weights))
    value.backward()
    again = formula(y_true, y_pred, **options)
    np.testing.assert_allclose(array(losses), again, rtol=1e-10, atol=1e-14, err_msg=loss + suffix)
    w = np.ones(again.shape) if weights is None else weights * np.ones(again.shape)
    expected = (again * w).sum() / again.size if mask is None else (again * w * mask).sum() / mask.sum()
    np.testing.assert_allclose(float(value.detach()), expected, rtol=1e-10, atol=1e-14)
    check_gradient(lambda p: (formula(y_true, p, **options) * (w if mask is None else w * mask)).sum() / (again.size if mask is None else mask.sum()),
                   y_pred, array(pred.grad), loss + suffix)
    cases.append(case(loss + suffix, loss, note, options, {"loss": float(value.detach())},
                      {"y_true": y_true.astype(np.float64), "y_pred": y_pred, "sample_weight": weights, "mask": mask, "losses": losses, "dy_pred": pred.grad}))


def check_gradient(f, x, gradient, name):
    """Central differences where both sides agree, that is, away from kinks and clips."""
    h = 2.0**-18
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        middle = f(x)
        right, left = (f(up) - middle) / h, (middle - f(down)) / h
        if abs(right - left) < 1e-4 * max(1, abs(right)) and np.isfinite(right):
            assert abs((right + left) / 2 - gradient[i]) < 2e-6 * max(1, abs(gradient[i])), (name, i, right, left, gradient[i])


def variants(loss, make, **options):
    """Rows, one output, steps; each plain and weighted; steps masked."""
    tag = "".join(f"_{k if v is True else f'{k}_{v}'}" for k, v in options.items())
    rows = lambda: uniform(random, 0, 2, 5) * np.array([1, 1, 0, 1, 1])
    t, p = make(5, 3)
    add(loss, tag, t, p, **options)
    add(loss, tag + "_weighted", t, p, rows(), note="sample_weight is one number a row", **options)
    if loss not in ("categorical_crossentropy", "sparse_categorical_crossentropy", "kl_divergence"):
        t, p = make(7, 1)
        add(loss, tag + "_one_output", t, p, **options)
    t, p = make(2, 3, 3)
    add(loss, tag + "_steps", t, p, **options)
    if not options or options == {"from_logits": True}:
        add(loss, tag + "_steps_row_weighted", t, p, uniform(random, 0, 2, 2, 1), note="sample_weight is one number a row", **options)
        add(loss, tag + "_steps_weighted", t, p, uniform(random, 0, 2, 2, 3), note="sample_weight is one number a step", **options)
        mask = np.array([[1, 1, 1], [1, 0, 0]], dtype=bool)
        add(loss, tag + "_steps_masked", t, p, None, mask, **options)
        add(loss, tag + "_steps_weighted_masked", t, p, uniform(random, 0, 2, 2, 3), mask, **options)


def regression(*shape):
    t, p = normal(random, *shape, scale=1.5), normal(random, *shape, scale=1.5)
    p.ravel()[1] = t.ravel()[1]  # no error: the gradient of |.| is 0
    return t, p


def labels(*shape):
    return (random.random(shape) < 0.5).astype(np.float64)


def probabilities(*shape):
    return grid(np.clip(random.random(shape), 0.01, 0.99))


def distribution(*shape):
    return grid(random.dirichlet(np.ones(shape[-1]) * 2, shape[:-1]), 12)


def classes(*shape):
    return random.integers(0, shape[-1], shape[:-1])


for loss in ("mean_squared_error", "mean_absolute_error", "log_cosh"):
    variants(loss, regression)
variants("huber", regression)
variants("huber", regression, delta=0.5)
variants("poisson", lambda *s: (random.poisson(2.0, s).astype(np.float64), uniform(random, 0.25, 4, *s)))
variants("kl_divergence", lambda *s: (distribution(*s), distribution(*s)))
for smoothing in ({}, {"label_smoothing": 0.1}):
    variants("binary_crossentropy", lambda *s: (labels(*s), normal(random, *s, scale=2)), from_logits=True, **smoothing)
    variants("binary_crossentropy", lambda *s: (labels(*s), probabilities(*s)), **smoothing)
    variants("categorical_crossentropy", lambda *s: (one_hot(classes(*s), s[-1]), normal(random, *s, scale=2)), from_logits=True, **smoothing)
    variants("categorical_crossentropy", lambda *s: (one_hot(classes(*s), s[-1]), distribution(*s)), **smoothing)
variants("sparse_categorical_crossentropy", lambda *s: (classes(*s), normal(random, *s, scale=2)), from_logits=True)
variants("sparse_categorical_crossentropy", lambda *s: (classes(*s), distribution(*s)))

# Extremes. Each row of losses is one position, so that nothing hides behind a sum.
far = np.array([0, 2.0**-10, 20, -20, 40, -40, 200, -200]).reshape(-1, 1)
for smoothing in ({}, {"label_smoothing": 0.1}):
    for truth in (0.0, 1.0, 0.25):
        tag = f"_extreme_truth_{truth:g}" + ("_label_smoothing" if smoothing else "")
        add("binary_crossentropy", "_from_logits" + tag, np.full(far.shape, truth), far, from_logits=True, **smoothing)
edge = np.array([0, 2.0**-40, 2.0**-24, 2.0**-23, 2.0**-20, 0.5, 1 - 2.0**-20, 1 - 2.0**-24, 1]).reshape(-1, 1)
for truth in (0.0, 1.0):
    add("binary_crossentropy", f"_extreme_truth_{truth:g}", np.full(edge.shape, truth), edge,
        note="probabilities are clipped to [1e-7, 1 - 1e-7]; beyond, the gradient is 0")
far = grid([[0, 0, 0], [40, 0, -40], [-40, 0, 40], [200, -200, 0], [-200, 200, 0], [1000, 0, 999], [-1000, -1000, -1000]])
for smoothing in ({}, {"label_smoothing": 0.1}):
    add("categorical_crossentropy", "_from_logits_extreme" + ("_label_smoothing" if smoothing else ""), one_hot(np.zeros(len(far)), 3), far,
        from_logits=True, **smoothing)
add("categorical_crossentropy", "_from_logits_soft_truth", distribution(5, 3), normal(random, 5, 3, scale=2), from_logits=True)
add("categorical_crossentropy", "_soft_truth", distribution(5, 3), distribution(5, 3))
add("categorical_crossentropy", "_unnormalised", one_hot([0, 2, 1, 1], 3), uniform(random, 0.25, 2, 4, 3),
    note="a prediction is divided by its sum first, and the gradient flows through that")
certain = np.array([[1, 0, 0], [0, 1, 0], [0, 0.5, 0.5], [0.25, 0.75, 0]])
add("categorical_crossentropy", "_extreme", one_hot([0, 0, 1, 2], 3), certain, note="probabilities are clipped to [1e-7, 1 - 1e-7]")
add("sparse_categorical_crossentropy", "_from_logits_extreme", np.array([0, 0, 0, 1, 1, 2, 2]), far, from_logits=True)
add("sparse_categorical_crossentropy", "_extreme", np.array([0, 0, 1, 2]), certain, note="probabilities are clipped to [1e-7, 1 - 1e-7]")
add("kl_divergence", "_extreme", np.array([[1, 0, 0], [0.5, 0.5, 0], [0, 0, 1]], dtype=float), np.array([[0, 0.5, 0.5], [0.5, 0.5, 0], [0, 0, 1]]),
    note="truth and prediction are both clipped to [1e-7, 1]; below, the gradient is 0")
add("poisson", "_extreme", np.array([[0.0], [0], [3], [1000]]), np.array([[0.0], [5], [2.0**-20], [800]]), note="log(y_pred + 1e-7)")
add("huber", "_extreme", np.zeros((6, 1)), grid([[0], [0.5], [1], [-1], [1000], [-1000]]))
add("huber", "_delta_0.5_extreme", np.zeros((6, 1)), grid([[0], [0.5], [-0.5], [1], [1000], [-1000]]), delta=0.5)


def log_cosh_extreme():
    p = grid([[0], [2.0**-10], [-(2.0**-10)], [0.25], [12], [-12], [40], [-40], [1000], [-1000]])
    import mpmath as mp

    mp.mp.dps = 60
    exact = [mp.mpf(float(v)) for v in p[:, 0]]
    losses = np.array([float(abs(v) + mp.log1p(mp.exp(-2 * abs(v))) - mp.log(2)) for v in exact])
    gradient = np.array([[float(mp.tanh(v) / len(exact))] for v in exact])
    cases.append(case("log_cosh_extreme", "log_cosh",
                      "exact values: the formula of Keras, x + softplus(-2 x) - log 2, loses small x to cancellation and, on PyTorch, exp(2 x) for x < -10",
                      None, {"loss": losses.mean()}, {"y_true": np.zeros_like(p), "y_pred": p, "losses": losses, "dy_pred": gradient}))


log_cosh_extreme()

write("losses", ("keras", "torch", "mpmath"), [
    "losses has one value a position: a row of y_pred without its last axis. It is the mean over the last axis for mean_squared_error, mean_absolute_error, log_cosh, huber, binary_crossentropy and poisson, and the sum over it for the crossentropies of classes and kl_divergence.",
    "loss = sum(losses) / positions; with sample_weight loss = sum(sample_weight losses) / positions, never divided by the sum of the weights (reduction sum_over_batch_size of Keras 3); sample_weight has one number a row, or (rows, 1), or (rows, steps).",
    "With mask (1 = counts): loss = sum(mask sample_weight losses) / sum(mask).",
    "dy_pred is the gradient of loss with respect to y_pred, which are logits where options say from_logits.",
    "Probabilities are clipped with Keras' epsilon 1e-7 in double as well. Gradients vanish outside the clip and pass at its ends.",
    "Label smoothing s: binary t (1 - s) + s / 2, categorical t (1 - s) + s / classes.",
], cases)
