# SPDX-License-Identifier: BSD-3-Clause
"""metrics_more.json: sklearn.metrics of numbers, of the k greatest scores and of rankings; plain numpy where scikit-learn has none."""
import warnings

from common import case, grid, normal, np, rng, uniform, write

import sklearn.metrics as sk

warnings.simplefilter("ignore")
random = rng(60)
cases = []


def regression(name, truth, p, weights=None, note=None):
    """Truth above -1, so that logarithms are defined."""
    w = np.ones(len(truth)) if weights is None else weights
    mean = lambda x: np.average(x.reshape(len(x), -1).mean(1), weights=w)
    scalars = {
        "root_mean_squared_error": sk.root_mean_squared_error(truth, p, sample_weight=weights),
        "root_mean_squared_error_pooled": np.sqrt(mean((truth - p) ** 2)),
        "mean_squared_log_error": sk.mean_squared_log_error(truth, p, sample_weight=weights),
        "root_mean_squared_log_error": sk.root_mean_squared_log_error(truth, p, sample_weight=weights),
        "root_mean_squared_log_error_pooled": np.sqrt(mean((np.log1p(truth) - np.log1p(p)) ** 2)),
        "mean_absolute_percentage_error": sk.mean_absolute_percentage_error(truth, p, sample_weight=weights),
        "symmetric_mean_absolute_percentage_error": mean(np.where(truth == p, 0, 2 * np.abs(truth - p) / np.where(truth == p, 1, np.abs(truth) + np.abs(p)))),
        "r2": sk.r2_score(truth, p, sample_weight=weights),
        **{f"mean_pinball_loss_{a}": sk.mean_pinball_loss(truth, p, alpha=a, sample_weight=weights) for a in (0.1, 0.5, 0.9)},
    }
    tensors = {"y_true": truth, "y_pred": p, "sample_weight": weights}
    if truth.ndim == 1:
        series = grid(random.normal(size=40).cumsum() + 5 * np.sin(np.arange(40)))
        for m in (1, 7):
            e = series[m:] - series[:-m]
            scalars[f"mean_absolute_scaled_error_{m}"] = sk.mean_absolute_error(truth, p, sample_weight=weights) / np.abs(e).mean()
            scalars[f"root_mean_squared_scaled_error_{m}"] = sk.root_mean_squared_error(truth, p, sample_weight=weights) / np.sqrt((e**2).mean())
        tensors["training"] = series
    cases.append(case(name, "regression", note, None, scalars, tensors))


positive = lambda *s: uniform(random, 0.25, 9, *s)
regression("regression", positive(37), positive(37))
regression("regression_weighted", positive(29), positive(29), uniform(random, 0, 2, 29))
regression("regression_outputs", positive(23, 3), positive(23, 3))
regression("regression_outputs_weighted", positive(23, 3), positive(23, 3), uniform(random, 0, 2, 23))
t = positive(11)
regression("regression_perfect", t, t.copy())
regression("regression_zeros", grid([0, 0, 1, 2]), grid([0, 0, 1, 3]), note="a truth and a prediction of 0 agree")


def top_k(name, rows, classes, weights=None):
    truth = random.integers(0, classes, rows)
    truth[:classes] = np.arange(classes)
    scores = grid(random.dirichlet(np.ones(classes), rows), 20)
    scores[:, 0] = 1 - scores[:, 1:].sum(1)
    assert all(len(set(row)) == classes for row in scores)
    labels = list(range(classes))
    scalars = {f"top_{k}": sk.top_k_accuracy_score(truth, scores, k=k, sample_weight=weights, labels=labels) for k in range(1, classes)}
    scalars["brier_score"] = np.average(((np.eye(classes)[truth] - scores) ** 2).sum(1), weights=weights)
    np.testing.assert_allclose(scalars["brier_score"], sk.brier_score_loss(truth, scores, sample_weight=weights, labels=labels))
    cases.append(case(name, "top_k", None, None, scalars, {"y_true": truth.astype(float), "y_one_hot": np.eye(classes)[truth], "y_prob": scores, "sample_weight": weights}))


top_k("top_k", 31, 5)
top_k("top_k_weighted", 17, 4, uniform(random, 0, 2, 17))


def ranking(name, rows, items, graded=False, one=False, weights=None):
    scores = grid(random.permutation(rows * items).reshape(rows, items) / 64)
    gains = (random.random((rows, items)) < 0.3).astype(float) * (random.integers(1, 4, (rows, items)) if graded else 1)
    gains[:, 1] = 1
    if one:
        gains = np.eye(items)[random.integers(0, items, rows)]
    order = np.argsort(-scores, axis=1)
    sorted_gains = np.take_along_axis(gains, order, axis=1)
    relevant = sorted_gains > 0
    average = lambda x: np.average(x, weights=weights)
    scalars = {}
    for k in (1, 3, 5, items):
        top = relevant[:, :k]
        positions = np.arange(1, k + 1)
        first = np.where(top.any(1), top.argmax(1) + 1, np.inf)
        scalars[f"hit_rate@{k}"] = average(top.any(1))
        scalars[f"recall@{k}"] = average(top.sum(1) / relevant.sum(1))
        scalars[f"precision@{k}"] = average(top.sum(1) / k)
        scalars[f"mrr@{k}"] = average(1 / first)
        scalars[f"map@{k}"] = average((top * np.cumsum(top, axis=1) / positions).sum(1) / np.minimum(k, relevant.sum(1)))
        scalars[f"ndcg@{k}"] = sk.ndcg_score(gains, scores, k=k, sample_weight=weights)
        scalars[f"coverage@{k}"] = len(set(order[(weights if weights is not None else np.ones(rows)) > 0][:, :k].ravel())) / items
    np.testing.assert_allclose(scalars[f"map@{items}"], sk.label_ranking_average_precision_score(gains > 0, scores, sample_weight=weights))
    tensors = {"y_true": gains, "y_score": scores, "sample_weight": weights}
    if one:
        tensors["id"] = gains.argmax(1).astype(float)
    cases.append(case(name, "ranking", None, None, scalars, tensors))


ranking("ranking", 13, 11)
ranking("ranking_graded", 13, 11, graded=True)
ranking("ranking_weighted", 11, 13, graded=True, weights=np.where(np.arange(11) % 4 == 0, 0, uniform(random, 0.25, 2, 11)))
ranking("ranking_one_item", 17, 12, one=True)

write("metrics_more", ("scikit-learn",), [
    "regression: scikit-learn's names; pooled: one root over all outputs; symmetric percentage: mean of 2 |t - p| / (|t| + |p|).",
    "mean_absolute_scaled_error_m: mean absolute error over that of training[i] - training[i - m]; root_mean_squared_scaled_error_m alike with roots of squares.",
    "top_k: top_k_accuracy_score; brier_score: squared distances summed over the classes.",
    "ranking: y_true has the gain of each item; ndcg is ndcg_score; map@k divides by min(k, number of relevant); map of all items is label_ranking_average_precision_score.",
], cases)
