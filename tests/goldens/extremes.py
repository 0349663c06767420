# SPDX-License-Identifier: BSD-3-Clause
"""Columns that transformers stumble over, as scikit-learn transforms them: far from zero, hardly spread, constant, huge."""
import warnings

from sklearn.decomposition import PCA
from sklearn.preprocessing import KBinsDiscretizer, MaxAbsScaler, MinMaxScaler, Normalizer, PowerTransformer, QuantileTransformer, RobustScaler, StandardScaler

from common import case, np, rng, write

random = rng(77)
i = np.arange(20.0)
years = 1950 + np.floor(60 * np.sqrt(random.uniform(size=40)))  # ever more of them: the power that is likeliest lies beyond what a double bears
columns = {
    "unix_seconds": 1.7e9 + 86400 * np.arange(50.0),
    "offset_1e5": 1e5 + i,
    "offset_1e6": 1e6 + 1000 * i,
    "calendar_years": np.arange(1950.0, 2010.0),
    "seven_years": np.arange(2019.0, 2026.0),
    "years_more_and_more": years,
    "before_zero": -1.7e9 - 86400 * i,
    "skewed_far_out": np.round(1000 * np.exp(0.2 * random.exponential(size=30)) * 1024) / 1024,
    "tiny_spread": 1 + i * 2.0**-30,
    "tiny_numbers": 2.0**-20 * (1 + i),
    "constant": np.full(6, 7.25),
    "zeros": np.zeros(5),
    "one_row": np.array([3.5]),
    "large": 1e100 * (1 + i),
    "holes": np.where(i % 3 == 1, np.nan, 1.7e9 + i),
}
transformers = {
    "standard": ("StandardScaler", {}, lambda: StandardScaler()),
    "min_max": ("MinMaxScaler", {}, lambda: MinMaxScaler()),
    "max_abs": ("MaxAbsScaler", {}, lambda: MaxAbsScaler()),
    "robust": ("RobustScaler", {}, lambda: RobustScaler()),
    "normalizer": ("Normalizer", {}, lambda: Normalizer()),
    "quantile": ("QuantileTransformer", {"output_distribution": "uniform"}, lambda: QuantileTransformer(n_quantiles=10)),
    "quantile_normal": ("QuantileTransformer", {"output_distribution": "normal"}, lambda: QuantileTransformer(n_quantiles=10, output_distribution="normal")),
    "yeo_johnson": ("PowerTransformer", {"method": "yeo_johnson"}, lambda: PowerTransformer()),
    "box_cox": ("PowerTransformer", {"method": "box_cox"}, lambda: PowerTransformer(method="box-cox")),
    "bins_quantile": ("KBinsDiscretizer", {"strategy": "quantile"}, lambda: KBinsDiscretizer(n_bins=4, encode="ordinal", quantile_method="averaged_inverted_cdf")),
    "bins_uniform": ("KBinsDiscretizer", {"strategy": "uniform"}, lambda: KBinsDiscretizer(n_bins=4, encode="ordinal", strategy="uniform")),
    "pca": ("PCA", {}, lambda: PCA()),
}
# Where the rules differ on purpose: narrow columns, of which scikit-learn makes one value or one bin.
differs = {("quantile_normal", "tiny_spread"), ("bins_quantile", "tiny_spread")}
# Where its search finds the power: elsewhere the likelihood is flat within the rounding of its sums.
found = {"unix_seconds", "calendar_years", "seven_years", "years_more_and_more", "skewed_far_out", "large"}

cases, without = [], []
for name, (group, options, make) in transformers.items():
    for kind, values in columns.items():
        if (name, kind) in differs:
            continue
        x = values.reshape(-1, 1)
        scalars = None
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                fitted = make().fit(x)
                y = fitted.transform(x)
            except ValueError as error:
                without.append(f"{name} of {kind} raises")
                continue
        if not np.array_equal(np.isnan(x), ~np.isfinite(y)):
            without.append(f"{name} of {kind} is not finite")
            continue
        if group == "PowerTransformer":
            if np.nanstd(x) > 0 and abs(np.nanstd(y) - 1) > 1e-6:
                without.append(f"{name} of {kind} has no variance of 1")
                continue
            scalars = {"lambda": fitted.lambdas_[0]} if kind in found else None
        cases.append(case(f"{name}_{kind}", group, None, options, scalars, {"x": x, "y": y}))

notes = [
    "x is one column; the transformer is fitted on it and y is what it makes of it.",
    "PowerTransformer: lambda where its search finds it, to 2 to 4 digits; elsewhere the likelihood is flat in double, and y hardly depends on it.",
    "Left out, as scikit-learn has no finite answer: " + ", ".join(without) + ".",
    "Left out, as the rules differ: " + ", ".join(f"{a} of {b}" for a, b in sorted(differs)) + ".",
]
write("extremes", ["scikit-learn", "scipy"], notes, cases)
