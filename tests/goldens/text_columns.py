# SPDX-License-Identifier: BSD-3-Clause
"""text_columns.json: scikit-learn's ColumnTransformer over columns of texts and of numbers."""
from common import case, column, np, write

import pandas
from scipy.sparse import csr_matrix
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.preprocessing import StandardScaler

x = pandas.DataFrame({
    "review": ["good soup, good bread", "the soup was cold", "", "never again!", "good value and good staff", "a cold and dark room", "the staff was good"],
    "price": [12.5, 7.0, 30.25, 18.0, 9.5, 11.0, 7.0],
    "title": ["Good", "Cold soup", "Nothing", "never", "Good value", "Dark room", "Staff"],
    "stars": [5, 2, 3, 1, 5, 2, 4],
})
x_new = pandas.DataFrame({"review": ["cold soup and unheard words", "", "good good bad"], "price": [10.0, 8.0, 100.0], "title": ["soup", "Good Good value", "?"], "stars": [1, 5, 3]})


def branches(scale, **words):
    return [("words", TfidfVectorizer(dtype=np.float64, **words), "review"), (scale, StandardScaler(), ["price", "stars"]), ("title", CountVectorizer(dtype=np.float64), "title")]


cases = []
for name, make in [
    ("tfidf, numbers, counts", lambda: branches("scale")),
    ("pairs of words, sublinear", lambda: branches("numbers", ngram_range=(1, 2), sublinear_tf=True)),
    ("the commonest words", lambda: branches("scale", min_df=2, norm="l1")),
    ("hashes", lambda: [("words", HashingVectorizer(n_features=32), "review"), ("scale", StandardScaler(), ["price"])]),
]:
    dense, sparse = ColumnTransformer(make(), sparse_threshold=0), ColumnTransformer(make(), sparse_threshold=1)
    y, y_sparse = np.asarray(dense.fit_transform(x)), csr_matrix(sparse.fit_transform(x))
    assert np.array_equal(y, y_sparse.toarray())
    names = [] if name == "hashes" else dense.get_feature_names_out()
    cases.append(case(name, "ColumnTransformer", tensors={"y": y, "y_new": np.asarray(dense.transform(x_new))}, scalars={"nonzeros": y_sparse.count_nonzero()}, strings={"feature_names": names},
                      tables={"x": [column(n, list(x[n])) for n in x], "x_new": [column(n, list(x_new[n])) for n in x_new]}))
write("text_columns", ["scipy", "scikit-learn", "pandas"], ["Words with WordRule::scikit_learn; min_df, norm, ngram_range and sublinear_tf as the names of the cases say."], cases)
