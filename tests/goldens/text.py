# SPDX-License-Identifier: BSD-3-Clause
"""text.json: scikit-learn's vectorizers on a few texts of several scripts."""
import json

from common import FOLDER, np, plain

import sklearn
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer

texts = [
    "The quick brown fox jumps over the lazy dog; the dog sleeps.", "Müller trinkt ÄPFEL-Saft, naïve café! 3 x 5 = 15", "这个手机很好,屏幕 很大。我很喜欢!", "", "  two  blanks\tand\n\na tab  ",
    "ΑΒΓ αβγ Привет ПРИВЕТ мир", "foo_bar foo-bar don't can't 12345 a b c", "dog DOG dOg fox 手机 屏幕", "emoji 😀😀 x😀y",
    "आधुनिक मानक हिन्दी में १२३", "তুমি দিলে মন", "ภาษาไทยไม่มีช่องว่าง", "ΟΔΟΣ ΛΟΓΟΣ Σ ΣΑΣ", "İZMİR İstanbul ISPARTA ırmak", "STRASSE Straße ﬁne oﬃce ŉ", "cafe\u0301 nai\u0308ve caf\u00e9",
    "١٢٣ ४५६ ①② ½ x² Ⅳ", "👩‍💻 👍🏽 🇩🇪 1️⃣ ok", "שָׁלוֹם عَرَبِيّ می‌خواهم", "co\u00adop \u200eltr\u200f a\u0000b word\ufeff", "ｱｲｳ ﾊﾟﾝ ＡＢＣ ǅ ǆ ﾞ", "한국어 조선말 日本語のテキスト カタカナ",
]
cases = []


def case(kind, options, vectorizer):
    matrix = vectorizer.fit_transform(texts)
    matrix.sort_indices()
    cases.append({
        "kind": kind, "options": options, "columns": matrix.shape[1], "names": list(vectorizer.get_feature_names_out()) if kind != "hashing" else [],
        "offsets": matrix.indptr.tolist(), "indices": matrix.indices.tolist(), "values": [plain(v) for v in matrix.data],
        "idf": [plain(v) for v in vectorizer.idf_] if kind == "tfidf" and options.get("use_idf", True) else [],
    })


for options in [{}, {"lowercase": False}, {"ngram_range": (1, 2)}, {"ngram_range": (2, 3), "min_df": 1}, {"min_df": 2}, {"max_df": 0.2}, {"max_df": 2, "binary": True}, {"max_features": 5},
                {"stop_words": ["the", "dog"]}, {"token_pattern": r"(?u)\b\w+\b"}, {"analyzer": "char", "ngram_range": (1, 2)}, {"analyzer": "char_wb", "ngram_range": (2, 4)},
                {"analyzer": "char", "ngram_range": (3, 3), "lowercase": False}]:
    case("count", options, CountVectorizer(**options))
for options in [{}, {"norm": "l1"}, {"norm": None}, {"use_idf": False}, {"smooth_idf": False}, {"sublinear_tf": True, "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"},
                {"analyzer": "char", "ngram_range": (1, 2), "sublinear_tf": True}]:
    case("tfidf", options, TfidfVectorizer(dtype=np.float64, **options))
for options in [{"n_features": 16}, {"n_features": 1000, "alternate_sign": False, "norm": "l1"}, {"n_features": 8, "norm": None}, {"n_features": 1000, "binary": True},
                {"n_features": 50, "analyzer": "char_wb", "ngram_range": (2, 3)}]:
    case("hashing", options, HashingVectorizer(**options))
(FOLDER / "text.json").write_text(json.dumps({"versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__}, "texts": texts, "cases": cases}, ensure_ascii=False, separators=(",", ":")) + "\n")
