# SPDX-License-Identifier: BSD-3-Clause
"""Tables and texts: bench_tables beside pandas and scikit-learn in turns, on one thread; one Markdown table.

    python -m venv venv && venv/bin/pip install pandas scikit-learn
    venv/bin/python tables.py build/bench/benchmarks/compare/bench_tables [--rows 1000000] [--turns 5] [--folder /tmp]

The data is drawn here: a table of numbers, texts, truth values and times with missing values, and questions of random words. Times are
medians; the last column is theirs divided by ours, above 1 foretell is faster.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import time

for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]:
    os.environ[name] = "1"

import numpy as np
import pandas as pd
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def make(folder, n):
    random = np.random.default_rng(0)
    table = pd.DataFrame({
        "user": random.integers(0, 100000, n), "age": random.integers(18, 90, n).astype(float), "price": np.round(random.gamma(2, 30, n), 2), "score": random.normal(size=n),
        "country": random.choice(["Norway", "Germany", "China", "Brazil", "United States"], n), "device": random.choice(["mobile", "desktop", "tablet"], n),
        "page": [f"/p/{i}" for i in random.integers(0, 5000, n)], "returning": random.choice(["TRUE", "FALSE"], n), "visits": random.poisson(3, n),
        "time": pd.to_datetime(1.7e9 + random.integers(0, 10**7, n), unit="s").strftime("%Y-%m-%d %H:%M:%S"),
    })
    table.loc[random.random(n) < 0.05, "age"] = np.nan
    table.to_csv(folder / "bench_table.csv", index=False)
    words = np.array([f"word{i}" for i in range(20000)])
    picks = words[np.minimum(random.zipf(1.3, (50000, 20)), 20000) - 1]
    pd.DataFrame({"text": [" ".join(row) for row in picks]}).to_csv(folder / "bench_texts.csv", index=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp"))
    options = parser.parse_args()
    make(options.folder, options.rows)
    files = [str(options.folder / name) for name in ["bench_table.csv", "bench_texts.csv"]]
    table, texts = pd.read_csv(files[0]), pd.read_csv(files[1])["text"]
    works = {
        "read_csv": lambda: pd.read_csv(files[0]),
        "one-hot": lambda: OneHotEncoder(sparse_output=False, dtype=np.float32).fit_transform(table[["country", "device"]]),
        "scaling": lambda: StandardScaler().fit_transform(table[["age", "price", "score", "visits"]]).astype(np.float32),
        "tf-idf": lambda: TfidfVectorizer(ngram_range=(1, 2), dtype=np.float32).fit_transform(texts),
        "group-by": lambda: table.groupby(["country", "page"]).agg(n=("price", "size"), mean=("price", "mean"), max=("score", "max")),
    }
    ours = subprocess.Popen([options.program, *files], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    print(f"| work | foretell | pandas {pd.__version__}, scikit-learn {sklearn.__version__} | ratio |\n|---|---|---|---|", flush=True)
    for work, theirs in works.items():
        times = [[], []]
        for _ in range(options.turns):
            ours.stdin.write(work + "\n")
            ours.stdin.flush()
            times[0].append(float(ours.stdout.readline()))
            start = time.perf_counter()
            theirs()
            times[1].append(time.perf_counter() - start)
        a, b = map(statistics.median, times)
        print(f"| {work} | {a * 1e3:.1f} ms | {b * 1e3:.1f} ms | {b / a:.2f} |", flush=True)
    ours.stdin.close()
    ours.wait()


if __name__ == "__main__":
    main()
