# SPDX-License-Identifier: BSD-3-Clause
"""preprocessing_scalers.json: scalers, quantile and power transforms, bins, products and functions of sklearn.preprocessing."""
import itertools
import warnings

from common import case, grid, normal, np, uniform, write
from preprocessing_common import constant, full, holes, missing, new, new_missing, numbers, random, tied

import scipy.special
import scipy.stats
from sklearn.preprocessing import Binarizer, FunctionTransformer, KBinsDiscretizer, MaxAbsScaler, Normalizer, PolynomialFeatures, PowerTransformer, QuantileTransformer, RobustScaler

warnings.simplefilter("ignore")
cases = []

# Scalers ---------------------------------------------------------------------------------------------------------------------------
for name, x, z in (("", full, new), ("_missing", missing, new_missing), ("_constant", constant, new)):
    fitted = MaxAbsScaler().fit(x)
    numbers(cases, "max_abs_scaler" + name, fitted, x, z, max_abs=fitted.max_abs_, scale=fitted.scale_)
for name, x, z, options in (("", full, new, {}), ("_missing", missing, new_missing, {}), ("_constant", constant, new, {}), ("_tied", tied, new, {}),
                            ("_no_centering", full, new, {"with_centering": False}), ("_no_scaling", full, new, {"with_scaling": False}),
                            ("_range", full, new, {"quantile_range": (10.0, 80.0)}), ("_unit_variance", missing, new, {"unit_variance": True, "quantile_range": (5.0, 95.0)})):
    fitted = RobustScaler(**options).fit(x)
    learned = {k: v for k, v in (("center", fitted.center_), ("scale", fitted.scale_)) if v is not None}
    numbers(cases, "robust_scaler" + name, fitted, x, z, {k: list(v) if isinstance(v, tuple) else v for k, v in options.items()}, **learned)
for name, x, options in (("l2", full, {}), ("l1", full, {"norm": "l1"}), ("max", full, {"norm": "max"}), ("zero", np.vstack([full[:2], np.zeros((1, 3))]), {})):
    numbers(cases, "normalizer_" + name, Normalizer(**options).fit(x), x, new, options, inverse=False)
for threshold in (0.0, 2.5):
    numbers(cases, f"binarizer_{threshold}", Binarizer(threshold=threshold).fit(full), full, constant[:4], {"threshold": threshold}, inverse=False)

# Quantiles and powers --------------------------------------------------------------------------------------------------------------
for distribution in ("uniform", "normal"):
    for name, x, z, n in (("", full, new, 1000), ("_few", full, new, 5), ("_missing", missing, new_missing, 10), ("_tied", tied, new, 1000), ("_constant", constant, new, 7),
                          ("_one_row", full[:1], new, 1000)):
        fitted = QuantileTransformer(n_quantiles=n, output_distribution=distribution, subsample=None).fit(x)
        numbers(cases, f"quantile_{distribution}{name}", fitted, x, z, {"n_quantiles": n, "output_distribution": distribution}, quantiles=fitted.quantiles_.T)
skewed = np.stack([np.exp(full[:, 0]), np.abs(full[:, 1]) ** 1.5, np.exp(4 * (full[:, 2] + 3))], axis=1)
skewed = grid(np.minimum(skewed, 2.0**13) + 2.0**-10, 10)
skewed_new = grid(np.abs(new) + 0.5)
for method, x, z in (("yeo-johnson", full, new), ("yeo-johnson", missing, new_missing), ("yeo-johnson", constant, new), ("box-cox", skewed, skewed_new),
                     ("box-cox", holes(skewed, (2, 1)), skewed_new), ("yeo-johnson", np.concatenate([skewed, -skewed]), new)):
    for standardize in (True, False):
        fitted = PowerTransformer(method=method, standardize=standardize).fit(x)
        numbers(cases, f"power_{len(cases)}", fitted, x, z, {"method": method, "standardize": standardize}, lambdas=fitted.lambdas_)
lambdas = np.array([-3, -1, -0.5, -1e-9, 0, 1e-9, 0.3, 1, 1.7, 2 - 1e-9, 2, 2.5, 4])
points = np.array([-1000, -3.5, -1, -1e-3, -1e-9, 0, 1e-9, 1e-3, 0.5, 1, 3, 50, 1000.0])
positive = points[points > 0]
cases.append(case("power_functions", "power functions", tensors={
    "lambdas": lambdas, "points": points, "positive": positive,
    "yeo_johnson": np.array([scipy.stats.yeojohnson(points, l) for l in lambdas]), "box_cox": np.array([scipy.special.boxcox(positive, l) for l in lambdas])}))
p = np.concatenate([10.0 ** np.arange(-300, 0, 23), np.linspace(0.01, 0.99, 33), 1 - 10.0 ** np.arange(-15, -2)])
z = np.concatenate([-np.arange(0, 38, 2.5), np.arange(0.5, 8, 0.5)])
d = np.concatenate([np.arange(1, 40), [1e3, 1e6, 0.1, 0.5, 1.5, 7.25]])
cases.append(case("distributions", "distributions", tensors={"p": p, "normal_quantile": scipy.special.ndtri(p), "z": z, "normal_cdf": scipy.special.ndtr(z), "d": d.astype(float), "digamma": scipy.special.digamma(d)}))

# Bins ------------------------------------------------------------------------------------------------------------------------------
lumps = np.concatenate([normal(random, 20, 2), normal(random, 13, 2) * 0.25 + 6, normal(random, 17, 2) * 0.5 - [9, 3]])
for strategy, (name, x, z), encode in itertools.product(("uniform", "quantile", "kmeans"), (("", full, new), ("_lumps", lumps, new[:, :2]), ("_constant", constant, new), ("_tied", tied, new)), ("ordinal", "onehot-dense")):
    if (encode == "onehot-dense" and name != "") or (strategy == "kmeans" and name in ("_constant", "_tied")):
        continue
    options = {"strategy": strategy, "encode": encode, "n_bins": 4 if name == "_lumps" else 5, "quantile_method": "averaged_inverted_cdf"}
    for method in ("averaged_inverted_cdf", "linear") if strategy == "quantile" else (None,):
        fitted = KBinsDiscretizer(**{**options, "quantile_method": method or "averaged_inverted_cdf"}).fit(x)
        # the middle of an endless bin is nan: those of constant columns are left out
        edges = np.concatenate(fitted.bin_edges_)
        numbers(cases, f"bins_{strategy}_{method}{name}_{encode}", fitted, x, z, {**options, "quantile_method": "interpolated" if method == "linear" else method}, inverse=name != "_constant", edges=edges)

# Products, functions, binarized ----------------------------------------------------------------------------------------------------
for options in ({}, {"degree": 3}, {"degree": 3, "interaction_only": True}, {"include_bias": False}, {"degree": 1}, {"degree": 4, "interaction_only": True, "include_bias": False}, {"degree": 0}):
    fitted = PolynomialFeatures(**options).fit(full[:4])
    numbers(cases, f"polynomial_{len(cases)}", fitted, full[:4], new[:2], options, inverse=False, names=True)
functions = {"log": (np.log, np.exp), "log1p": (np.log1p, np.expm1), "exp": (np.exp, np.log), "expm1": (np.expm1, np.log1p), "sqrt": (np.sqrt, np.square), "square": (np.square, np.sqrt),
             "cbrt": (np.cbrt, lambda v: v**3), "reciprocal": (np.reciprocal, np.reciprocal), "logit": (scipy.special.logit, scipy.special.expit), "logistic": (scipy.special.expit, scipy.special.logit),
             "asinh": (np.arcsinh, np.sinh), "abs": (np.abs, None), "sign": (np.sign, None), "sin": (np.sin, None), "cos": (np.cos, None), "identity": (None, None)}
for name, (forward, backward) in functions.items():
    x = uniform(random, 0.05, 0.95, 5, 2)
    fitted = FunctionTransformer(forward, backward, check_inverse=False).fit(x)
    numbers(cases, f"function_{name}", fitted, x, x[:1], {"function": name}, inverse=backward is not None)

write("preprocessing_scalers", ("scikit-learn", "scipy"), [
    "Fit on x, y = transform(x), y_new = transform(x_new), inverse = inverse_transform(y); nan is missing. Other tensors are what was learnt. Options are those of scikit-learn.",
    "QuantileTransformer uses all rows (subsample None); quantiles has one row a column. KBinsDiscretizer: edges of all columns, one after the other; a constant column has the edges -inf and inf.",
    "PowerTransformer: lambdas are found by a minimiser that stops at about 1e-8; power functions: one row a lambda.",
], cases)
