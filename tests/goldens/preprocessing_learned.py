# SPDX-License-Identifier: BSD-3-Clause
"""preprocessing_learned.json: neighbours, directions, selection, encoders of categories and of time, outliers: scikit-learn and pandas."""
import itertools
import warnings

from common import case, column, grid, normal, np, write
from preprocessing_common import NAN, constant, full, missing, new_missing, numbers, random

import pandas as pd
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_selection import SelectKBest, VarianceThreshold, chi2, f_classif, f_regression, mutual_info_classif, mutual_info_regression
from sklearn.impute import KNNImputer
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.preprocessing import TargetEncoder

warnings.simplefilter("ignore")
cases = []

# Imputer ---------------------------------------------------------------------------------------------------------------------------
gaps = normal(random, 17, 4)
gaps[random.uniform(size=gaps.shape) < 0.3] = NAN
gaps[5] = NAN
gaps_new = normal(random, 7, 4)
gaps_new[random.uniform(size=gaps_new.shape) < 0.4] = NAN
gaps_new[0] = [NAN, 1, NAN, NAN]
gaps_new[1] = gaps[0]
for options in ({}, {"n_neighbors": 2}, {"n_neighbors": 3, "weights": "distance"}, {"n_neighbors": 30}, {"add_indicator": True}):
    fitted = KNNImputer(**options).fit(gaps)
    numbers(cases, f"knn_imputer_{len(cases)}", fitted, gaps, gaps_new, options, inverse=False)

# Directions ------------------------------------------------------------------------------------------------------------------------
mixed = grid(normal(random, 31, 4) @ np.array([[3, 1, 0, 0], [0, 2, 1, 0], [0, 0, 1, 0.5], [1, 0, 0, 0.25]]) + [10, -5, 0, 100])
for name, x, options in (("", mixed, {}), ("_two", mixed, {"n_components": 2}), ("_share", mixed, {"n_components": 0.9}), ("_whiten", mixed, {"n_components": 3, "whiten": True}), ("_wide", mixed[:3], {}),
                         ("_one_column", mixed[:, :1], {})):
    fitted = PCA(svd_solver="full", **options).fit(x)
    if name == "_wide":  # the last direction of three centred rows is arbitrary
        fitted = PCA(n_components=2, svd_solver="full").fit(x)
        options = {"n_components": 2}
    numbers(cases, "pca" + name, fitted, x, mixed[5:8, : x.shape[1]] + 1, options, names=True, components=fitted.components_, mean=fitted.mean_, explained_variance=fitted.explained_variance_,
            ratio=fitted.explained_variance_ratio_, singular_values=fitted.singular_values_, noise=[fitted.noise_variance_])
for k in (1, 3):
    fitted = TruncatedSVD(n_components=k, algorithm="arpack", tol=1e-14).fit(mixed)
    numbers(cases, f"svd_{k}", fitted, mixed, mixed[:3] + 1, {"n_components": k}, names=True, components=fitted.components_, explained_variance=fitted.explained_variance_, ratio=fitted.explained_variance_ratio_,
            singular_values=fitted.singular_values_)

# Selection -------------------------------------------------------------------------------------------------------------------------
for threshold in (0.0, 0.5):
    x = np.concatenate([full, constant[:, 1:2]], axis=1)
    fitted = VarianceThreshold(threshold=threshold).fit(x)
    numbers(cases, f"variance_threshold_{threshold}", fitted, x, x[:2] + 1, {"threshold": threshold}, variances=fitted.variances_)
rows = 60
x = normal(random, rows, 5)
quantity = grid(2 * x[:, 1] - x[:, 3] + 0.5 * random.normal(size=rows))
classes = (quantity > 0).astype(float) + (quantity > 1.5)
fine = random.normal(size=(rows, 5))  # not on a grid: no two values or distances are equal
fine_quantity = 2 * fine[:, 1] - fine[:, 3] + 0.5 * random.normal(size=rows)
fine_classes = (fine_quantity > 0).astype(float) + (fine_quantity > 1.5)
counts = grid(np.abs(np.round(x * 2 + classes[:, None] * [0, 1, 2, 0, 0])))
levels = np.clip(np.round(x + classes[:, None] * [0, 1, 1, 0, 0]), -1, 1)  # scikit-learn measures within groups of fewer than 2 k rows inexactly
for name, score, data, y in (("f_classif", f_classif, x, classes), ("f_regression", f_regression, x, quantity), ("chi2", chi2, counts, classes),
                             ("mutual_info_classif", lambda a, b: mutual_info_classif(a, b, random_state=0), fine, fine_classes), ("mutual_info_regression", lambda a, b: mutual_info_regression(a, b, random_state=0), fine, fine_quantity),
                             ("mutual_info_classif_discrete", lambda a, b: mutual_info_classif(a, b, discrete_features=True), levels, classes),
                             ("mutual_info_regression_discrete", lambda a, b: mutual_info_regression(a, b, discrete_features=True, random_state=0), levels, fine_quantity)):
    fitted = SelectKBest(score, k=2).fit(data, y)
    numbers(cases, f"select_{name}", fitted, data, data[:3], {"score": name.replace("_discrete", ""), "discrete": "discrete" in name, "k": 2}, y=y, names=True, scores=fitted.scores_)

# Categories ------------------------------------------------------------------------------------------------------------------------
rows = 41
city = [["Oslo", "Rome", "Bern", None, "Lima"][int(v)] for v in random.choice(5, rows, p=[0.35, 0.3, 0.2, 0.1, 0.05])]
region = [float(v) for v in random.integers(1, 4, rows)]
city_new, region_new = ["Rome", "Paris", None, "Oslo"], [2.0, 9.0, 1.0, 3.0]
table, later = pd.DataFrame({"city": pd.Series(city, dtype=object).where(pd.notna(city), np.nan), "region": region}), pd.DataFrame({"city": pd.Series(city_new, dtype=object).where(pd.notna(city_new), np.nan), "region": region_new})
amount = grid(np.array([{"Oslo": 3, "Rome": 1, "Bern": 0, None: -2, "Lima": 5}[c] for c in city]) + normal(random, rows))
yes = (amount > 1).astype(float)
three = [["low", "mid", "top"][int(v > 0) + int(v > 2)] for v in amount]
tables = {"x": [column("city", city), column("region", region)], "x_new": [column("city", city_new), column("region", region_new)]}
for (name, y), (smooth, cv) in itertools.product((("continuous", amount), ("binary", yes), ("multiclass", three)), (("auto", 5), (0.0, 3), (12.5, 4))):
    splitter = (KFold if name == "continuous" else StratifiedKFold)(cv)
    fitted = TargetEncoder(target_type=name, smooth=smooth, cv=splitter)
    out = fitted.fit_transform(table, y)
    words = {"feature_names": fitted.get_feature_names_out()}
    if name == "multiclass":
        words["target"] = y
    cases.append(case(f"target_{name}_{smooth}_{cv}", "TargetEncoder", None, {"smooth": None if smooth == "auto" else smooth, "cv": cv}, None,
                      {"y_learned": out, "y": fitted.transform(table), "y_new": fitted.transform(later), "target_mean": np.atleast_1d(fitted.target_mean_), **({} if name == "multiclass" else {"target": y})}, words, tables))
seen = table.city.value_counts(dropna=False)
cases.append(case("count", "CountEncoder", tensors={"y": np.array([float(seen[c]) for c in table.city]), "y_new": np.array([float(seen[c]) if c in seen.index else 0.0 for c in later.city])}, tables={k: v[:1] for k, v in tables.items()}))
for n, sign in ((4, True), (8, False), (64, True)):
    words = ["Oslo", "Rome", "", "a", "ab", "abc", "abcd", "abcde", "北京", "naïve", "a longer text of some words"]
    hashed = FeatureHasher(n_features=n, input_type="string", alternate_sign=sign).transform([[w] for w in words]).toarray()
    cases.append(case(f"hashing_{n}", "HashingEncoder", options={"n_features": n, "alternate_sign": sign}, tensors={"y": hashed}, strings={"words": words}))

# Outliers and time -----------------------------------------------------------------------------------------------------------------
for name, low, high in (("quantile", *np.nanquantile(missing, [0.1, 0.85], axis=0)), ("iqr", *(lambda q: (q[0] - 1.5 * (q[1] - q[0]), q[1] + 1.5 * (q[1] - q[0])))(np.nanquantile(missing, [0.25, 0.75], axis=0)))):
    cases.append(case(f"winsorizer_{name}", "Winsorizer", tensors={"x": missing, "y": np.clip(missing, low, high), "x_new": new_missing, "y_new": np.clip(new_missing, low, high)}))
stamps = pd.to_datetime(["1970-01-01 00:00:00", "1999-12-31 23:59:59", "2000-02-29 12:30:15", "1900-02-28 01:02:03", "1900-03-01 00:00:00", "2024-12-30 05:06:07", "2021-01-03 18:00:00", "2020-12-31 00:00:01",
                         "1969-12-31 23:59:59", "2400-02-29 06:07:08", "1753-01-01 00:00:00", "2016-01-01 10:00:00", "2026-07-04 21:45:00", "2010-01-03 00:00:00", "1600-02-29 00:00:00"]).as_unit("s")
seconds = np.array([float(s.timestamp()) for s in stamps])
parts = {"year": stamps.year, "quarter": stamps.quarter, "month": stamps.month, "week": stamps.isocalendar().week, "day": stamps.day, "day_of_year": stamps.dayofyear, "weekday": stamps.weekday, "hour": stamps.hour,
         "minute": stamps.minute, "second": stamps.second, "is_weekend": stamps.weekday >= 5, "is_month_start": stamps.is_month_start, "is_month_end": stamps.is_month_end}
cases.append(case("calendar", "CalendarEncoder", tensors={"x": seconds, "y": np.stack([np.asarray(v, dtype=np.float64) for v in parts.values()], axis=1)}, strings={"parts": parts}))

write("preprocessing_learned", ("scikit-learn", "pandas"), [
    "Fit on x (with target where there is one), y = transform(x), y_new = transform(x_new), inverse = inverse_transform(y); nan is missing. Other tensors are what was learnt. Options are those of scikit-learn.",
    "PCA with the full solver; TruncatedSVD with arpack.",
    "TargetEncoder: y_learned = fit_transform(x, target) with folds that are not shuffled; y and y_new = transform.",
    "CountEncoder and CalendarEncoder: pandas. Winsorizer: numpy.nanquantile and clip. HashingEncoder: FeatureHasher of each text alone.",
], cases)
