# SPDX-License-Identifier: BSD-3-Clause
"""metrics.json: sklearn.metrics."""
import warnings

from common import case, grid, normal, np, rng, uniform, write

import sklearn.metrics as sk
from sklearn.calibration import calibration_curve

warnings.simplefilter("ignore")
random = rng(6)
cases = []
NAN = float("nan")


def flat_report(truth, predicted, weights, **options):
    report = sk.classification_report(truth, predicted, sample_weight=weights, output_dict=True, zero_division=0, **options)
    out = {}
    for row, values in report.items():
        for key, value in (values.items() if isinstance(values, dict) else [("", values)]):
            out[f"report/{row}" + (f"/{key}" if key else "")] = value
    return out


def averages(truth, predicted, weights, labels=None):
    out = {}
    for average in ("macro", "micro", "weighted"):
        for name, f in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
            out[f"{name}_{average}"] = f(truth, predicted, average=average, sample_weight=weights, zero_division=0, labels=labels)
    return out


def expected_calibration_error(truth, p, weights, n_bins):
    w = np.ones(len(p)) if weights is None else weights
    bins = np.searchsorted(np.linspace(0, 1, n_bins + 1)[1:-1], p)
    error = 0
    for b in range(n_bins):
        own = bins == b
        if w[own].sum() > 0:
            error += w[own].sum() / w.sum() * abs(np.average(truth[own], weights=w[own]) - np.average(p[own], weights=w[own]))
    return error


def binary(name, truth, p, weights=None, curves=True, note=None):
    truth, p = np.asarray(truth, dtype=float), np.asarray(p, dtype=float)
    predicted = (p > 0.5).astype(float)
    both = len(set(truth[weights > 0] if weights is not None else truth)) == 2
    scalars = {
        "accuracy": sk.accuracy_score(truth, predicted, sample_weight=weights),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, predicted, sample_weight=weights),
        "precision": sk.precision_score(truth, predicted, sample_weight=weights, zero_division=0),
        "recall": sk.recall_score(truth, predicted, sample_weight=weights, zero_division=0),
        "f1": sk.f1_score(truth, predicted, sample_weight=weights, zero_division=0),
        "matthews_corrcoef": sk.matthews_corrcoef(truth, predicted, sample_weight=weights),
        "cohen_kappa": sk.cohen_kappa_score(truth, predicted, sample_weight=weights, labels=[0, 1]),
        "log_loss": sk.log_loss(truth, p, sample_weight=weights, labels=[0, 1]),
        "brier_score": sk.brier_score_loss(truth, p, sample_weight=weights, pos_label=1),
        "roc_auc": sk.roc_auc_score(truth, p, sample_weight=weights) if both else NAN,
        "average_precision": sk.average_precision_score(truth, p, sample_weight=weights) if truth.any() else NAN,
        "expected_calibration_error_10": expected_calibration_error(truth, p, weights, 10),
        "expected_calibration_error_5": expected_calibration_error(truth, p, weights, 5),
        **averages(truth, predicted, weights),
        **flat_report(truth, predicted, weights, labels=[0, 1]),
    }
    tensors = {"y_true": truth, "y_prob": p, "sample_weight": weights,
               "confusion_matrix": sk.confusion_matrix(truth, predicted, labels=[0, 1], sample_weight=weights).astype(float)}
    if both:
        precision, recall, thresholds = sk.precision_recall_curve(truth, p, sample_weight=weights)
        scalars["pr_auc_trapezoid"] = sk.auc(recall, precision)
        if curves:
            tensors.update(pr_precision=precision, pr_recall=recall, pr_thresholds=thresholds)
            for drop in (False, True):
                fpr, tpr, thresholds = sk.roc_curve(truth, p, sample_weight=weights, drop_intermediate=drop)
                tag = "_dropped" if drop else ""
                tensors.update({f"roc_fpr{tag}": fpr, f"roc_tpr{tag}": tpr, f"roc_thresholds{tag}": thresholds})
        if curves and weights is None:
            for strategy in ("uniform", "quantile"):
                for n_bins in (5, 10):
                    true, mean = calibration_curve(truth, p, n_bins=n_bins, strategy=strategy)
                    tensors.update({f"calibration_{strategy}_{n_bins}_true": true, f"calibration_{strategy}_{n_bins}_pred": mean})
    cases.append(case(name, "binary", note, {"threshold": 0.5}, scalars, tensors))


def scores(n, ties=False):
    truth = (random.random(n) < 0.4).astype(float)
    p = 1 / (1 + np.exp(-(truth * 1.5 - 0.75 + random.normal(size=n))))
    return truth, grid(p, 3 if ties else 10)


binary("binary", *scores(40))
binary("binary_ties", *scores(40, ties=True), note="scores are multiples of 1/8; 0.5 itself is not above the threshold")
t, p = scores(30)
binary("binary_weighted", t, p, uniform(random, 0.25, 3, 30))
t, p = scores(30, ties=True)
binary("binary_weighted_ties", t, p, uniform(random, 0.25, 3, 30))
t, p = scores(30)
w = uniform(random, 0.25, 3, 30)
w[::4] = 0
binary("binary_zero_weights", t, p, w, curves=False)
binary("binary_perfect", [0, 0, 1, 1, 1], [0.125, 0.25, 0.75, 0.875, 1])
binary("binary_inverted", [1, 1, 0, 0, 0], [0.125, 0.25, 0.75, 0.875, 1])
binary("binary_constant_score", [0, 1, 1, 0, 1], [0.25] * 5)
binary("binary_none_predicted", [0, 1, 1, 0, 1, 0, 0], grid([0.125, 0.25, 0.5, 0.0625, 0.4, 0.3, 0.5]), note="precision and f1 have nothing to divide by: 0")
binary("binary_certain", [0, 1, 1, 0, 1], [0, 1, 0, 1, 0.5], note="log_loss clips probabilities to [eps, 1 - eps], eps = 2.220446049250313e-16")
binary("binary_only_negatives", [0, 0, 0], [0.25, 0.5, 0.75], note="roc_auc and average_precision are undefined: nan here")
binary("binary_only_positives", [1, 1, 1], [0.25, 0.5, 0.75], note="roc_auc is undefined: nan here")
binary("binary_one_row", [1], [0.75])


def multiclass(name, truth, p, weights=None, note=None):
    truth = np.asarray(truth, dtype=int)
    classes = p.shape[1]
    labels = list(range(classes))
    predicted = p.argmax(1)
    scalars = {
        "accuracy": sk.accuracy_score(truth, predicted, sample_weight=weights),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, predicted, sample_weight=weights),
        "matthews_corrcoef": sk.matthews_corrcoef(truth, predicted, sample_weight=weights),
        "cohen_kappa": sk.cohen_kappa_score(truth, predicted, sample_weight=weights, labels=labels),
        "log_loss": sk.log_loss(truth, p, sample_weight=weights, labels=labels),
        **averages(truth, predicted, weights, labels),
        **flat_report(truth, predicted, weights, labels=labels),
    }
    if classes > 2:
        scalars["top_2_accuracy"] = sk.top_k_accuracy_score(truth, p, k=2, sample_weight=weights, labels=labels)
    for average in ("macro", "weighted"):
        if classes > 2 and set(truth) == set(labels):
            scalars[f"roc_auc_ovr_{average}"] = sk.roc_auc_score(truth, p, multi_class="ovr", average=average, sample_weight=weights)
            if weights is None:
                scalars[f"roc_auc_ovo_{average}"] = sk.roc_auc_score(truth, p, multi_class="ovo", average=average)
    tensors = {"y_true": truth.astype(float), "y_prob": p, "sample_weight": weights, "y_one_hot": np.eye(classes)[truth],
               "confusion_matrix": sk.confusion_matrix(truth, predicted, labels=labels, sample_weight=weights).astype(float)}
    for key, f in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
        tensors[f"{key}_per_class"] = f(truth, predicted, average=None, labels=labels, sample_weight=weights, zero_division=0)
    if set(truth) == set(labels):
        tensors["roc_auc_per_class"] = sk.roc_auc_score(np.eye(classes)[truth], p, average=None, sample_weight=weights)
        tensors["average_precision_per_class"] = sk.average_precision_score(np.eye(classes)[truth], p, average=None, sample_weight=weights)
        scalars["average_precision_macro"] = sk.average_precision_score(np.eye(classes)[truth], p, average="macro", sample_weight=weights)
    cases.append(case(name, "multiclass", note, None, scalars, tensors))


def chances(truth, classes, bits=10):
    p = random.dirichlet(np.ones(classes), len(truth)) * 0.6 + np.eye(classes)[truth] * 0.25 + 0.15 / classes
    p = grid(p, bits)
    p[:, -1] = 1 - p[:, :-1].sum(1)
    assert (p >= 0).all()
    return p


t = random.integers(0, 3, 30)
multiclass("multiclass", t, chances(t, 3))
t = random.integers(0, 4, 30)
multiclass("multiclass_ties", t, chances(t, 4, 3), note="probabilities are multiples of 1/8; argmax takes the first of equals")
t = random.integers(0, 3, 25)
multiclass("multiclass_weighted", t, chances(t, 3), uniform(random, 0.25, 3, 25))
t = random.integers(0, 3, 20)
p = chances(t, 4)
p[:, 2] += p[:, 3]
p[:, 3] = 0
multiclass("multiclass_absent_class", t, p, note="class 3 is neither true nor predicted; averages are over all four")
multiclass("multiclass_two_classes", [0, 1, 1, 0, 1], grid([[0.75, 0.25], [0.5, 0.5], [0.125, 0.875], [0.375, 0.625], [0, 1]]))


def regression(name, truth, predicted, weights=None, note=None):
    r = dict(sample_weight=weights)
    scalars = {
        "mean_squared_error": sk.mean_squared_error(truth, predicted, **r),
        "root_mean_squared_error": sk.root_mean_squared_error(truth, predicted, **r),
        "mean_absolute_error": sk.mean_absolute_error(truth, predicted, **r),
        "r2": sk.r2_score(truth, predicted, **r),
        "median_absolute_error": sk.median_absolute_error(truth, predicted, **r),
        "explained_variance": sk.explained_variance_score(truth, predicted, **r),
        "max_error": sk.max_error(truth, predicted) if truth.ndim == 1 else None,
        "mean_absolute_percentage_error": sk.mean_absolute_percentage_error(truth, predicted, **r),
    }
    tensors = {"y_true": truth, "y_pred": predicted, "sample_weight": weights}
    if truth.ndim == 2:
        tensors["r2_per_output"] = sk.r2_score(truth, predicted, multioutput="raw_values", **r)
    cases.append(case(name, "regression", note, None, {k: v for k, v in scalars.items() if v is not None}, tensors))


def errors(*shape):
    truth = normal(random, *shape, scale=3)
    return truth, grid(truth + random.normal(size=shape))


regression("regression", *errors(25))
t, p = errors(20)
regression("regression_weighted", t, p, uniform(random, 0.25, 3, 20))
regression("regression_outputs", *errors(15, 3), note="errors and r2 are the plain means over the outputs; root_mean_squared_error is the mean of the outputs' roots")
regression("regression_constant_truth", np.full(5, 2.5), normal(random, 5), note="r2 is 0 where the truth does not vary and is missed")
regression("regression_constant_truth_hit", np.full(5, 2.5), np.full(5, 2.5), note="r2 is 1 where the truth does not vary and is hit")

write("metrics", ("scikit-learn",), [
    "binary: y_true 0/1, y_prob the score; a row is predicted positive where y_prob > 0.5. confusion_matrix has truths as rows, [[tn, fp], [fn, tp]]. Undefined values are nan.",
    "zero_division is 0: precision, recall and F1 with nothing to divide by are 0.",
    "f1_macro and so on average over the classes present in truth or prediction (binary), over all classes (multiclass). report/CLASS/KEY is classification_report(output_dict=True) over all classes; with all labels given, its accuracy line may be called \"micro avg\", when labels are missing from the data.",
    "average_precision is the sum of recall gains times precision; pr_auc_trapezoid is auc(recall, precision) of precision_recall_curve, another number.",
    "roc_* are without, roc_*_dropped with drop_intermediate; the first threshold is inf. pr_* end in precision 1, recall 0, which has no threshold.",
    "log_loss clips to the eps of double; brier_score is mean((y - p)^2), for binary.",
    "expected_calibration_error_n = sum over bins of weight share times |mean truth - mean y_prob|; n equal bins of [0, 1], closed at the right, as calibration_curve(strategy=\"uniform\"). calibration_* are prob_true and prob_pred of calibration_curve.",
    "roc_auc_ovr_macro averages class c against the rest, _weighted by the classes' frequencies; roc_auc_ovo_macro averages over pairs (Hand and Till).",
], cases)
