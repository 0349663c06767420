# SPDX-License-Identifier: BSD-3-Clause
"""preprocessing.json: sklearn.preprocessing, sklearn.impute and sklearn.model_selection."""
import warnings

from common import case, column, grid, normal, np, rng, write

import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split
from sklearn.preprocessing import LabelEncoder, MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

warnings.simplefilter("ignore")
random = rng(7)
cases = []
NAN = float("nan")


def holes(x, *places):
    x = x.copy()
    for place in places:
        x[place] = NAN
    return x


# Scalers ---------------------------------------------------------------------------------------------------------------------------
def scaler(name, make, x, x_new, options, **learned):
    fitted = make(**options).fit(x)
    tensors = {"x": x, "y": fitted.transform(x), "x_new": x_new, "y_new": fitted.transform(x_new), "inverse": fitted.inverse_transform(fitted.transform(x))}
    for key, attribute in learned.items():
        if getattr(fitted, attribute) is not None:
            tensors[key] = np.asarray(getattr(fitted, attribute), dtype=np.float64)
    shown = {k: (list(v) if isinstance(v, tuple) else v) for k, v in options.items()}
    cases.append(case(name, make.__name__, None, shown, None, tensors))


full = normal(random, 7, 3) * [1, 8, 0.25] + [0, 100, -3]
new = normal(random, 4, 3) * [3, 16, 1] + [0, 100, -3]
constant = np.concatenate([full[:, :1], np.full((7, 1), 2.5), np.zeros((7, 1))], axis=1)
missing = holes(full, (0, 0), (3, 0), (3, 1), (6, 2))
sparse_column = holes(full, *[(i, 1) for i in range(7)])
huge = normal(random, 7, 1) * 1e-3 + 2.0**20
huge = np.round(huge * 1024) / 1024
learned = {"mean": "mean_", "scale": "scale_", "variance": "var_", "seen": "n_samples_seen_"}
for name, x, options in (
        ("standard_scaler", full, {}),
        ("standard_scaler_missing", missing, {}),
        ("standard_scaler_constant", constant, {}),
        ("standard_scaler_all_missing", sparse_column, {}),
        ("standard_scaler_no_mean", full, {"with_mean": False}),
        ("standard_scaler_no_std", full, {"with_std": False}),
        ("standard_scaler_one_row", full[:1], {}),
        ("standard_scaler_far_from_zero", np.repeat(huge, 3, axis=1) + [0, 1, 2], {})):
    scaler(name, StandardScaler, x, holes(new, (1, 1)) if "missing" in name else new, options, **learned)
learned = {"data_min": "data_min_", "data_max": "data_max_", "scale": "scale_", "min": "min_"}
for name, x, options in (
        ("min_max_scaler", full, {}),
        ("min_max_scaler_range", full, {"feature_range": (-1, 2)}),
        ("min_max_scaler_clip", full, {"clip": True}),
        ("min_max_scaler_range_clip", full, {"feature_range": (-1, 2), "clip": True}),
        ("min_max_scaler_missing", missing, {}),
        ("min_max_scaler_missing_clip", missing, {"clip": True}),
        ("min_max_scaler_constant", constant, {}),
        ("min_max_scaler_constant_range", constant, {"feature_range": (-1, 2)}),
        ("min_max_scaler_all_missing", sparse_column, {}),
        ("min_max_scaler_one_row", full[:1], {})):
    scaler(name, MinMaxScaler, x, holes(new, (1, 1)) if "missing" in name else new, options, **learned)


# Imputers --------------------------------------------------------------------------------------------------------------------------
def imputer(name, x, x_new, **options):
    fitted = SimpleImputer(**options).fit(x)
    tensors = {"x": x, "y": fitted.transform(x), "x_new": x_new, "y_new": fitted.transform(x_new), "statistics": np.asarray(fitted.statistics_, dtype=np.float64)}
    if options.get("add_indicator"):
        tensors["indicator_features"] = fitted.indicator_.features_.astype(float)
    cases.append(case(name, "SimpleImputer", None, options, None, tensors))


x = holes(grid([[1, 10, 5], [2, 10, 5], [2, 20, 6], [4, 20, 6], [8, 30, 7], [16, 40, 8]]), (1, 0), (0, 1), (5, 1), (2, 2), (3, 2))
y = holes(grid([[3, 7, 1], [5, 9, 2], [6, 1, 3]]), (0, 0), (1, 1), (2, 0), (2, 2))
whole = x.copy()
whole[:, 2] = [1, 2, 3, 4, 5, 6]
for strategy in ("mean", "median", "most_frequent", "constant"):
    more = {"fill_value": -1.5} if strategy == "constant" else {}
    imputer(f"simple_imputer_{strategy}", x, y, strategy=strategy, **more)
    imputer(f"simple_imputer_{strategy}_indicator", whole, np.where(np.isnan(y) & (np.arange(3) == 2), 0.5, y), strategy=strategy, add_indicator=True, **more)
imputer("simple_imputer_constant_default", x, y, strategy="constant")
imputer("simple_imputer_all_missing", holes(x, *[(i, 1) for i in range(6)]), y, strategy="mean")
imputer("simple_imputer_all_missing_kept", holes(x, *[(i, 1) for i in range(6)]), y, strategy="mean", keep_empty_features=True)
imputer("simple_imputer_median_even", holes(grid([[1.0], [2], [4], [8], [0]]), (4, 0)), y[:, :1], strategy="median")


def is_text(values):
    return any(isinstance(v, str) for v in values)


def frame(columns):
    """Missing is NaN, in columns of strings too: scikit-learn takes None for one more category in places."""
    filled = {k: [NAN if v is None else v for v in c] for k, c in columns.items()}
    return pd.DataFrame({k: pd.Series(c, dtype=object if is_text(c) else None) for k, c in filled.items()})


def table(columns):
    return [column(k, list(v)) for k, v in columns.items()]


def string_imputer(name, x, x_new, **options):
    fitted = SimpleImputer(**options).fit(frame(x))
    out = {k: fitted.transform(frame(v)).T.tolist() for k, v in (("y", x), ("y_new", x_new))}
    tables = {"x": table(x), "x_new": table(x_new)}
    for k, v in out.items():
        tables[k] = table(dict(zip(x, v[:len(x)])))
    tensors = None
    if options.get("add_indicator"):
        tensors = {k + "_indicator": np.array(v[len(x):], dtype=np.float64).T for k, v in out.items()}
        tensors["indicator_features"] = fitted.indicator_.features_.astype(float)
    cases.append(case(name, "SimpleImputer strings", None, options, None, tensors, {"statistics": list(fitted.statistics_)}, tables))


words = {"colour": ["red", "blue", None, "blue", "red", "green", None], "size": ["L", None, "S", "M", "M", "L", "L"]}
words_new = {"colour": [None, "violet", "red"], "size": ["XL", None, None]}
string_imputer("simple_imputer_strings_most_frequent", words, words_new, strategy="most_frequent")
string_imputer("simple_imputer_strings_constant", words, words_new, strategy="constant", fill_value="none")
string_imputer("simple_imputer_strings_constant_default", words, words_new, strategy="constant")
string_imputer("simple_imputer_strings_indicator", words, words_new, strategy="most_frequent", add_indicator=True)

# Encoders --------------------------------------------------------------------------------------------------------------------------
visits = {"browser": ["firefox", "chrome", "chrome", "safari", "edge", "chrome", "firefox", "opera", "chrome", "safari"],
          "weekend": ["yes", "no", "no", "yes", "no", "no", "no", "yes", "no", "no"],
          "region": [3, 1, 1, 2, 10, 1, 3, 1, 2, 1]}
visits_missing = {"browser": ["firefox", "chrome", None, "safari", "chrome", None], "region": [3.0, None, 1.0, 3.0, 2.5, 1.0]}
unseen = {"browser": ["chrome", "lynx", "opera"], "weekend": ["no", "yes", "maybe"], "region": [1, 7, 10]}
unseen_missing = {"browser": [None, "lynx", "chrome"], "region": [None, 99.0, 1.0]}
no_missing_fit = {"browser": ["firefox", "chrome", "safari", "chrome"], "region": [3.0, 2.0, 1.0, 3.0]}


def encoder(name, make, x, x_new, **options):
    fixed = {"sparse_output": False} if make is OneHotEncoder else {}
    fitted = make(**fixed, **options).fit(frame(x))
    tensors = {"y": fitted.transform(frame(x))}
    shown = dict(options)
    try:
        tensors["y_new"] = fitted.transform(frame(x_new))
    except ValueError:
        shown["new_is_error"] = True
    for key, value in list(shown.items()):
        if isinstance(value, float) and np.isnan(value):
            shown[key] = "nan"
    learnt = lambda lists: [column(k, [] if c is None else list(c), is_text(v)) for (k, v), c in zip(x.items(), lists)]
    tables = {"x": table(x), "x_new": table(x_new), "categories": learnt(fitted.categories_)}
    strings = {"feature_names": list(fitted.get_feature_names_out(list(x)))}
    tensors = {k: np.asarray(v, dtype=np.float64) for k, v in tensors.items()}
    infrequent = getattr(fitted, "infrequent_categories_", None) if options.keys() & {"min_frequency", "max_categories"} else None
    if infrequent is not None:
        tables["infrequent"] = learnt(infrequent)
    if make is OneHotEncoder and options.get("drop") and fitted.drop_idx_ is not None:
        tensors["drop_index"] = np.array([NAN if i is None else float(i) for i in fitted.drop_idx_])
    cases.append(case(name, make.__name__, None, shown, None, tensors, strings, tables))


for name, options in {
        "ignore": {"handle_unknown": "ignore"},
        "error": {},
        "drop_first": {"drop": "first"},
        "drop_first_ignore": {"drop": "first", "handle_unknown": "ignore"},
        "drop_if_binary": {"drop": "if_binary"},
        "min_frequency_2": {"min_frequency": 2, "handle_unknown": "infrequent_if_exist"},
        "min_frequency_share": {"min_frequency": 0.25, "handle_unknown": "infrequent_if_exist"},
        "min_frequency_ignore": {"min_frequency": 2, "handle_unknown": "ignore"},
        "min_frequency_drop_first": {"min_frequency": 2, "drop": "first", "handle_unknown": "infrequent_if_exist"},
        "max_categories_3": {"max_categories": 3, "handle_unknown": "infrequent_if_exist"}}.items():
    encoder("one_hot_" + name, OneHotEncoder, visits, unseen, **options)
encoder("one_hot_missing", OneHotEncoder, visits_missing, unseen_missing, handle_unknown="ignore")
encoder("one_hot_missing_drop_first", OneHotEncoder, visits_missing, visits_missing, drop="first")
encoder("one_hot_missing_not_in_fit", OneHotEncoder, no_missing_fit, unseen_missing, handle_unknown="ignore")
encoder("one_hot_missing_not_in_fit_error", OneHotEncoder, no_missing_fit, {"browser": ["chrome", None], "region": [1.0, 2.0]})
encoder("one_hot_missing_min_frequency", OneHotEncoder, visits_missing, unseen_missing, min_frequency=2, handle_unknown="infrequent_if_exist")
single = {"only": ["a", "a", "a"], "two": ["x", "y", "x"]}
encoder("one_hot_single_category", OneHotEncoder, single, single)
encoder("one_hot_single_category_drop_if_binary", OneHotEncoder, single, single, drop="if_binary")
accents = {"word": ["b", "B", "a", "é", "中", "Z", "", "a b"]}
encoder("one_hot_order_of_strings", OneHotEncoder, accents, accents)

for name, options in {
        "error": {},
        "unknown_value": {"handle_unknown": "use_encoded_value", "unknown_value": -1},
        "unknown_nan": {"handle_unknown": "use_encoded_value", "unknown_value": NAN},
        "min_frequency_2": {"handle_unknown": "use_encoded_value", "unknown_value": -1, "min_frequency": 2}}.items():
    encoder("ordinal_" + name, OrdinalEncoder, visits, unseen, **options)
encoder("ordinal_missing", OrdinalEncoder, visits_missing, unseen_missing, handle_unknown="use_encoded_value", unknown_value=-1)
encoder("ordinal_missing_value", OrdinalEncoder, visits_missing, unseen_missing, handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
encoder("ordinal_missing_not_in_fit", OrdinalEncoder, no_missing_fit, unseen_missing, handle_unknown="use_encoded_value", unknown_value=-1)

for name, values in {"strings": ["no", "yes", "maybe", "yes", "Yes", "no"], "numbers": [3, -1, 2.5, 3, 10, -1], "two": ["yes", "no", "yes"]}.items():
    fitted = LabelEncoder().fit(values)
    cases.append(case("label_encoder_" + name, "LabelEncoder", tensors={"y": fitted.transform(values).astype(float)},
                      tables={"x": table({"label": values}), "classes": table({"classes": [v if isinstance(v, str) else float(v) for v in fitted.classes_]})}))


# Splits ----------------------------------------------------------------------------------------------------------------------------
def fold_of(splitter, labels):
    out = np.full(len(labels), NAN)
    for fold, (_, test) in enumerate(splitter.split(np.zeros(len(labels)), labels)):
        out[test] = fold
    return out


def counts(labels, folds, n):
    classes = sorted(set(labels))
    return np.array([[float(np.sum((folds == f) & (np.asarray(labels) == c))) for c in classes] for f in range(n)])


for n, k in ((10, 5), (11, 3), (7, 7), (13, 5), (5, 2)):
    cases.append(case(f"k_fold_{n}_{k}", "KFold", options={"rows": n, "n_splits": k}, tensors={"fold_of": fold_of(KFold(k), np.zeros(n))}))
patterns = {"balanced": [0, 1] * 10, "sorted": [0] * 12 + [1] * 8, "rare": [0, 0, 0, 1] * 6 + [0, 1, 0], "from_one": [1, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1],
            "three": list(np.random.Generator(np.random.PCG64(3)).integers(0, 3, 31)), "ids": [7, 3, 3, 12, 7, 12, 3, 7, 7, 12, 3, 3, 7]}
for name, labels in patterns.items():
    labels = [int(v) for v in labels]
    for k in (2, 3, 5):
        if min(labels.count(c) for c in set(labels)) < k:
            continue
        folds = fold_of(StratifiedKFold(k), labels)
        by_class = counts(labels, folds, k)
        for seed in range(3):
            assert (counts(labels, fold_of(StratifiedKFold(k, shuffle=True, random_state=seed), labels), k) == by_class).all()
        cases.append(case(f"stratified_k_fold_{name}_{k}", "StratifiedKFold", options={"n_splits": k},
                          tensors={"labels": np.array(labels, dtype=float), "fold_of": folds, "counts": by_class}))
for name, labels, share in (("half", [0] * 30 + [1] * 10, 0.5), ("fifth", [0] * 85 + [1] * 15, 0.2), ("rare", [0] * 95 + [1] * 5, 0.2),
                            ("three", [0] * 50 + [1] * 30 + [2] * 20, 0.3), ("rounded", [0] * 37 + [1] * 16, 0.25), ("uneven", [0] * 61 + [1] * 27 + [2] * 13, 0.33)):
    found = set()
    for seed in range(20):
        train, test = train_test_split(np.array(labels), test_size=share, stratify=labels, random_state=seed)
        found.add(tuple(tuple(int((part == c).sum()) for c in sorted(set(labels))) for part in (train, test)))
    assert len(found) == 1, (name, found)
    train, test = found.pop()
    cases.append(case(f"train_test_split_{name}", "train_test_split", options={"test_size": share},
                      tensors={"labels": np.array(labels, dtype=float), "train_counts": np.array(train, dtype=float), "test_counts": np.array(test, dtype=float)}))

write("preprocessing", ("scikit-learn", "pandas"), [
    "Scalers and numeric imputers: fit on x, y = transform(x), y_new = transform(x_new), inverse = inverse_transform(y); nan is missing. The other tensors are what was learnt.",
    "StandardScaler: variance divides by the number of present values; scale is 1 for a constant column; seen is the number of present values (one number when no column misses any). A column without any value gives nan.",
    "Encoders: tables x, x_new (null is missing), categories as learnt (null is the category of the missing), tensors y, y_new, strings feature_names. Option new_is_error: transform(x_new) is an error. Strings are ordered by code point.",
    "Missing strings were NaN to scikit-learn, as pandas reads them (None in an object column is treated otherwise in places). feature_names of a number column show it as pandas stored it: region_1 of integers, region_1.0 where values were missing or fractional.",
    "infrequent names the categories that share the slot *_infrequent_sklearn, the last one of their column. drop_index is the place of the dropped category, nan where none is dropped.",
    "SimpleImputer: the most frequent of equals is the smallest; add_indicator appends a 0/1 column for each feature in indicator_features, those with missing values when fitted; a column without any value is left out unless keep_empty_features.",
    "KFold, StratifiedKFold without shuffle: fold_of[i] is the fold that tests row i; counts (folds x classes in ascending order) hold with shuffle too.",
    "train_test_split with stratify: rows of each class in ascending order, the same for every seed.",
], cases)
