# SPDX-License-Identifier: BSD-3-Clause
"""vocabulary.json: keras.layers.TextVectorization, which needs TensorFlow (tensorflow-cpu) whatever the backend."""
import json
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import tensorflow

from common import FOLDER

texts = ["b a c b a d e", "École ÉCOLE école don't 3.14 foo_bar", "İZMİR ΟΔΟΣ Straße", "tab\tnewline\nreturn\rvt\x0bff\x0c", "no\u00a0break wide\u3000blank nul\u0000x", "  ! ... -- x-y  ", "", "आधुनिक मानक हिन्दी", "我喜欢 手机", "THE the The e\u0301",
         "[UNK] unk a", "👍🏽 x😀y"]
cases = []
for options in [{}, {"standardize": "strip_punctuation"}, {"max_tokens": 6}, {"max_tokens": 1000}]:
    layer = keras.layers.TextVectorization(**options)
    layer.adapt(texts)
    cases.append({"options": options, "vocabulary": [str(token) for token in layer.get_vocabulary()][2:], "sequences": layer([*texts, "unseen the a"]).numpy().tolist()})
out = {"versions": {"keras": keras.__version__, "tensorflow": tensorflow.__version__}, "texts": [*texts, "unseen the a"], "cases": cases}
(FOLDER / "vocabulary.json").write_text(json.dumps(out, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
