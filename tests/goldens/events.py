# SPDX-License-Identifier: BSD-3-Clause
"""events.json: pandas' shift, cumcount, diff, rolling windows and sessions by user, of a small log with equal times."""
import json

from common import FOLDER, np, plain, rng

import pandas as pd

random = rng(78)
n = 80
log = pd.DataFrame({
    "user": random.choice(["ann", "bob", "eve"], n), "time": np.sort(random.integers(0, 120, n)).astype(float), "price": np.where(random.random(n) < .2, np.nan, np.round(random.gamma(2, 10, n), 2)),
    "item": random.choice(list("abcdef"), n),
})
log = log.sample(frac=1, random_state=1).reset_index(drop=True)
ordered = log.sort_values(["user", "time"], kind="stable").reset_index(drop=True)


def column(values):
    return [None if pd.isna(v) else v if isinstance(v, str) else plain(v) for v in values]


groups = ordered.groupby("user")
out = {"versions": {"pandas": pd.__version__}, "log": {c: column(log[c]) for c in log}, "ordered": {c: column(ordered[c]) for c in ordered}}
out["lag 1"], out["lag 3"] = column(groups["price"].shift(1)), column(groups["price"].shift(3))
out["before"], out["since"] = column(groups.cumcount()), column(groups["time"].diff())
gap = groups["time"].diff().gt(4) | groups["time"].diff().isna()
out["session"] = column(gap.cumsum() - 1)
for name in ["count", "sum", "mean", "var", "std", "min", "max"]:
    by_events = groups["price"].transform(lambda x: getattr(x.shift(1).rolling(5, min_periods=0 if name == "count" else 1), name)())
    dated = ordered.assign(at=pd.to_datetime(ordered["time"], unit="s")).set_index("at")
    by_time = pd.concat([getattr(dated[dated.user == u]["price"].rolling("15s", closed="left", min_periods=0 if name == "count" else 1), name)() for u in ["ann", "bob", "eve"]])
    out["events " + name], out["time " + name] = column(by_events), column(by_time)
(FOLDER / "events.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
