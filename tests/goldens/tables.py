# SPDX-License-Identifier: BSD-3-Clause
"""tables.json: pandas' group-by, joins and as-of joins of small tables with missing values, ties and repeated keys."""
import json

from common import FOLDER, np, plain, rng

import pandas as pd

random = rng(77)
n = 60
visits = pd.DataFrame({
    "user": random.choice(["ann", "bob", "eve", "joe", None], n, p=[.3, .3, .2, .1, .1]),
    "shop": random.choice([1.0, 2.0, 3.5, np.nan], n),
    "price": np.where(random.random(n) < .15, np.nan, np.round(random.gamma(2, 10, n), 2)),
    "page": random.choice(["home", "cart", "item", None], n, p=[.4, .3, .2, .1]),
    "time": np.round(random.uniform(0, 50, n)),
})
prices = pd.DataFrame({
    "user": random.choice(["ann", "bob", "eve", "zoe"], 25),
    "time": np.round(random.uniform(0, 50, 25)),
    "price": np.round(random.gamma(2, 10, 25), 2),
    "plan": random.choice(["basic", "gold"], 25),
})


def column(values):
    return [None if pd.isna(v) else v if isinstance(v, str) else plain(v) for v in values]


def table(frame):
    return {str(name): column(frame[name]) for name in frame.columns}


aggregations = {
    "size": ("price", "size"), "count": ("price", "count"), "sum": ("price", "sum"), "mean": ("price", "mean"), "var": ("price", "var"), "stddev": ("price", "std"),
    "min": ("price", "min"), "max": ("price", "max"), "median": ("price", "median"), "q": ("price", lambda x: x.quantile(.3)), "first": ("price", "first"), "last": ("price", "last"),
    "nunique": ("page", "nunique"), "mode": ("page", lambda x: x.mode().iloc[0] if len(x.mode()) else None), "last_page": ("page", "last"), "min_page": ("page", lambda x: x.dropna().min() if x.notna().any() else None),
}
out = {"versions": {"pandas": pd.__version__, "numpy": np.__version__}, "visits": table(visits), "prices": table(prices)}
out["group user"] = table(visits.groupby("user").agg(**aggregations).reset_index())
out["group user shop"] = table(visits.groupby(["user", "shop"]).agg(**aggregations).reset_index())
out["group unsorted missing"] = table(visits.groupby(["user", "shop"], sort=False, dropna=False).agg(**aggregations).reset_index())
out["transform mean"] = column(visits.groupby("user")["price"].transform("mean"))
known = visits.dropna(subset=["user"])
for how in ["inner", "left"]:
    out["join " + how] = table(visits.merge(prices, on="user", how=how))
    out["join two " + how] = table(known.merge(prices, on=["user", "time"], how=how))
left, right = visits.sort_values("time", kind="stable"), prices.sort_values("time", kind="stable")
out["sorted visits"] = table(left)
for direction in ["backward", "forward", "nearest"]:
    for exact in [True, False]:
        merged = pd.merge_asof(left.dropna(subset=["user"]), right, on="time", by="user", direction=direction, allow_exact_matches=exact, tolerance=6.0)
        out[f"asof {direction} {'exact' if exact else 'strict'}"] = table(merged)
    out[f"asof {direction} no by"] = table(pd.merge_asof(left, right, on="time", direction=direction))
out["sort"] = table(visits.sort_values(["user", "price"], ascending=[True, False], kind="stable"))
out["value counts"] = {k: int(v) for k, v in visits["page"].value_counts().items()}
(FOLDER / "tables.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
