# SPDX-License-Identifier: BSD-3-Clause
"""choosing.json: scikit-learn's splitters without chance, isotonic and sigmoid calibration."""
import json

from common import FOLDER, np, rng

import sklearn
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, TimeSeriesSplit

random = rng(79)
n = 60
labels, groups = random.integers(0, 3, n), random.integers(0, 14, n)
out = {"versions": {"scikit-learn": sklearn.__version__}, "labels": labels.tolist(), "groups": groups.tolist(), "splits": []}


def splits(kind, options, splitter):
    x = np.zeros((n, 1))
    out["splits"].append({"kind": kind, "options": options, "folds": [[a.tolist(), b.tolist()] for a, b in splitter.split(x, labels, groups)]})


for k in [2, 3, 5]:
    splits("group", {"n_splits": k}, GroupKFold(k))
    splits("stratified group", {"n_splits": k}, StratifiedGroupKFold(k))
for options in [{}, {"n_splits": 3, "gap": 2}, {"n_splits": 4, "max_train_size": 10}, {"n_splits": 3, "test_size": 7, "gap": 1, "max_train_size": 20}]:
    splits("time", options, TimeSeriesSplit(**options))
scores = np.round(random.normal(size=200), 2)
truth = (random.random(200) < 1 / (1 + np.exp(-2 * scores - 0.5))).astype(int)
out["scores"], out["truth"] = scores.tolist(), truth.tolist()
points = np.linspace(-4, 4, 41)
out["points"] = points.tolist()
out["isotonic"] = IsotonicRegression(out_of_bounds="clip").fit(scores, truth).predict(points).tolist()
sigmoid = _SigmoidCalibration().fit(scores, truth)
out["sigmoid"] = sigmoid.predict(points).tolist()
(FOLDER / "choosing.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
