# SPDX-License-Identifier: BSD-3-Clause
"""preprocessing_real.json: statistics of transformed public data sets, from the folder in FORETELL_DATA; no rows of the data are in it."""
import os
import pathlib
import warnings

from common import case, np, write

import pandas as pd
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_selection import SelectKBest, VarianceThreshold, chi2, f_classif, f_regression, mutual_info_classif
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (KBinsDiscretizer, MaxAbsScaler, MinMaxScaler, Normalizer, OneHotEncoder, OrdinalEncoder, PolynomialFeatures, PowerTransformer, QuantileTransformer,
                                   RobustScaler, StandardScaler, TargetEncoder)

warnings.simplefilter("ignore")
data = pathlib.Path(os.environ["FORETELL_DATA"])
sets = {
    "adult": ("adult/adult_train.csv.gz", "age fnlwgt education_num capital_gain capital_loss hours_per_week", "workclass education marital_status occupation native_country", "class"),
    "online_shoppers": ("online-shoppers/online_shoppers_intention.csv", "Administrative Informational_Duration ProductRelated ProductRelated_Duration BounceRates ExitRates PageValues",
                        "Month VisitorType Weekend Browser Region", "Revenue"),
    "telco_churn": ("telco-churn/Telco-Customer-Churn.csv", "tenure MonthlyCharges TotalCharges", "gender InternetService Contract PaymentMethod MultipleLines", "Churn"),
    "hillstrom": ("hillstrom/hillstrom.csv.gz", "recency history mens newbie", "history_segment zip_code channel", "segment"),
    "bike_sharing": ("bike-sharing-hourly/bike.csv", "season mnth hr temp atemp hum windspeed", "weekday weathersit hr mnth", "cnt"),
}


def statistics(y):
    """One row a column: how many values there are, their mean, their mean square, and their mean weighted by the row."""
    y = np.asarray(y, dtype=np.float64)
    weight = (np.arange(len(y)) * 7919 % 1009 / 1009)[:, None]
    there = ~np.isnan(y)
    n = np.maximum(there.sum(axis=0), 1)
    return np.stack([there.sum(axis=0).astype(float), np.nansum(y, axis=0) / n, np.nansum(y * y, axis=0) / n, np.nansum(y * weight, axis=0) / n], axis=1)


cases = []
for name, (path, numbers, kinds, target) in sets.items():
    numbers, kinds = numbers.split(), kinds.split()
    table = pd.read_csv(data / path, na_values=[" "])
    x = table[numbers].astype(float)
    c = pd.DataFrame({k: table[k].map({True: "TRUE", False: "FALSE"}) if table[k].dtype == bool else table[k] for k in kinds})
    for k in kinds:
        if not pd.api.types.is_numeric_dtype(c[k]):
            c[k] = c[k].astype(object).where(c[k].notna(), np.nan)
    y = table[target].to_numpy()
    classes = np.unique(y, return_inverse=True)[1].astype(float)
    continuous = name == "bike_sharing"
    fill = lambda *rest: make_pipeline(SimpleImputer(strategy="median"), *rest)
    folds = (KFold if continuous else StratifiedKFold)(5)
    target_type = "continuous" if continuous else "multiclass" if len(np.unique(y)) > 2 else "binary"
    transforms = {
        "standard_scaler": (x, StandardScaler()), "min_max_scaler": (x, MinMaxScaler()), "max_abs_scaler": (x, MaxAbsScaler()), "robust_scaler": (x, RobustScaler()),
        "quantile_uniform": (x, QuantileTransformer(subsample=None)), "quantile_normal": (x, QuantileTransformer(subsample=None, output_distribution="normal", n_quantiles=100)),
        "power": (x, PowerTransformer()), "power_box_cox": (x.abs() + 1, PowerTransformer(method="box-cox")), "normalizer": (x, fill(Normalizer())), "knn_imputer": (x, KNNImputer(n_neighbors=3)),
        "bins_uniform": (x, fill(KBinsDiscretizer(strategy="uniform", encode="ordinal"))), "bins_quantile": (x, fill(KBinsDiscretizer(strategy="quantile", encode="onehot-dense", quantile_method="averaged_inverted_cdf"))),
        "bins_linear": (x, fill(KBinsDiscretizer(n_bins=10, strategy="quantile", encode="ordinal", quantile_method="linear", subsample=None))), "simple_imputer": (x, SimpleImputer()),
        "polynomial": (x, fill(StandardScaler(), PolynomialFeatures(include_bias=False))), "pca": (x, fill(StandardScaler(), PCA(n_components=2, svd_solver="full", whiten=True))),
        "svd": (x, fill(TruncatedSVD(n_components=1, algorithm="arpack", tol=1e-14))), "variance_threshold": (x, VarianceThreshold(1.0)),
        "select_f": (x, fill(SelectKBest(f_regression if continuous else f_classif, k=2))), "select_chi2": (x, fill(SelectKBest(chi2, k=2))),
        "one_hot": (c, OneHotEncoder(sparse_output=False)), "one_hot_rare": (c, OneHotEncoder(sparse_output=False, min_frequency=0.05, max_categories=6, drop="first")),
        "ordinal": (c, OrdinalEncoder(encoded_missing_value=-1)), "target": (c, TargetEncoder(cv=folds, target_type=target_type)), "target_smooth": (c, TargetEncoder(cv=folds, smooth=20.0, target_type=target_type)),
    }
    if name == "bike_sharing":
        transforms["bins_kmeans"] = (x.drop(columns="season"), KBinsDiscretizer(strategy="kmeans", encode="ordinal"))
    if not continuous:
        transforms["select_mutual_info"] = (c, make_pipeline(OrdinalEncoder(encoded_missing_value=-1), SelectKBest(lambda a, b: mutual_info_classif(a, b, discrete_features=True), k=2)))
    for kind, (given, transformer) in transforms.items():
        values = given if kind.startswith(("one_hot", "ordinal", "target", "select_mutual")) else given.to_numpy()
        supervised = kind.startswith(("select", "target"))
        labels = (y.astype(float) if continuous else classes) if supervised else None
        out = transformer.fit_transform(values, labels)
        tensors = {"statistics": statistics(out)}
        if kind.startswith("target"):
            tensors["transformed"] = statistics(transformer.transform(values))
        if kind.startswith("select"):
            tensors["scores"] = transformer[-1].scores_
        if kind.startswith("power"):
            tensors["lambdas"] = transformer.lambdas_
        cases.append(case(f"{name}_{kind}", kind, None, {"set": name, "path": path, "target": target, "continuous": continuous}, None, tensors, {"columns": list(given.columns)}))
    deviations = np.abs((x - x.mean()) / x.std(ddof=0))
    cases.append(case(f"{name}_cleaning", "cleaning", None, {"set": name, "path": path}, {"unique": float(len(table.drop_duplicates())), "unique_kinds": float(len(table.drop_duplicates(kinds))),
                      "within_3": float((~(deviations > 3).any(axis=1)).sum())}, None, {"numbers": numbers, "kinds": kinds}))

write("preprocessing_real", ("scikit-learn", "pandas"), [
    "statistics: one row a column of fit_transform (transformed: of transform): how many values are not missing, their mean, mean square, and mean weighted by row * 7919 % 1009 / 1009.",
    "The transformer behind each group is written out in preprocessing_real.py; classes are the sorted values of the target. cleaning: rows without duplicates, without duplicates of kinds, within 3 standard deviations in all numbers.",
], cases)
