#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# utilsforecast 0.2.17: mape leaves out the steps whose truth is 0, without a word, while smape and mae of the same frame count them. A
# forecast of 100 where nothing was sold costs nothing, so that series with many zeros (spare parts, one shop's articles) look well forecast.
# Seen: {'mape': 0.1, 'mae': 50.75, 'smape': 0.5238095238095238}, of truths 0, 10, 0, 20 forecast as 100, 11, 100, 22
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet utilsforecast==0.2.17 pandas==3.1.1 numpy==2.4.6
"$work/venv/bin/python" - <<'PYTHON'
import pandas
from utilsforecast import losses

sales = pandas.DataFrame({"unique_id": ["part"] * 4, "ds": range(4), "y": [0.0, 10.0, 0.0, 20.0], "model": [100.0, 11.0, 100.0, 22.0]})
scores = {f.__name__: float(f(sales, models=["model"])["model"].iloc[0]) for f in (losses.mape, losses.mae, losses.smape)}
print(scores)
assert abs(scores["mape"] - 0.1) < 1e-9 and abs(scores["mae"] - 50.75) < 1e-9 and abs(scores["smape"] - 11 / 21) < 1e-4
PYTHON
