# SPDX-License-Identifier: BSD-3-Clause
"""The workloads of bench_compare in PyTorch and Keras, in turns with bench_compare itself, and one Markdown table of all.

    python -m venv venv && venv/bin/pip install torch tensorflow-cpu keras
    venv/bin/python peers.py build/bench/benchmarks/compare/bench_compare [--work T1,I1] [--threads 1,2] [--blocks 5]
    venv/bin/python peers.py        # Python's alone

PyTorch is eager, its batches gathered by a random permutation; Keras is model.fit and predict_on_batch, on TensorFlow and on PyTorch.
What is missing is left out. A block of training is one epoch or more of one library; the blocks of all take turns. Every Python library
runs in a process of its own for each number of threads. Times are medians of blocks; a time in brackets is divided by foretell's, above 1
foretell is faster.
"""
import argparse
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import time

# As in compare.cpp. inputs, hidden, outputs, dropout, batch, rows; and the epochs of a block.
WORKLOADS = {
    "T1": (5, [64], 1, 0.2, 32, 10000, 3),
    "T2": (64, [256, 128], 1, 0, 256, 50000, 1),
    "T3": (784, [1024, 1024], 10, 0, 128, 12800, 1),
}
LIBRARIES = {"pytorch": ["torch"], "keras-tensorflow": ["keras", "tensorflow"], "keras-torch": ["keras", "torch"]}


def random_data(work):
    """Standard normal numbers; the label shifts some of them."""
    import numpy as np

    inputs, _, outputs, _, _, rows, _ = WORKLOADS[work]
    random = np.random.default_rng(1)
    classes = max(outputs, 2)
    labels = random.integers(0, classes, rows)
    x = random.standard_normal((rows, inputs), dtype=np.float32)
    x += (np.arange(inputs) // (inputs // classes)) == labels[:, None]
    return x, labels.astype(np.int64) if outputs > 1 else labels.astype(np.float32)[:, None]


class PyTorch:
    def __init__(self, work, threads):
        import torch

        self.torch, self.version = torch, torch.__version__
        torch.set_num_threads(threads)
        inputs, hidden, outputs, dropout, self.batch, _, _ = WORKLOADS[work]
        self.x, self.y = random_data(work)
        layers = []
        for units in hidden:
            layers += [torch.nn.Linear(inputs, units), torch.nn.ReLU()]
            inputs = units
        layers += [torch.nn.Dropout(dropout)] if dropout else []
        layers += [torch.nn.Linear(inputs, outputs)] + ([torch.nn.Sigmoid()] if outputs == 1 else [])
        self.model = torch.nn.Sequential(*layers)
        self.loss = torch.nn.BCELoss() if outputs == 1 else torch.nn.CrossEntropyLoss()
        self.adam = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        self.model.eval()

    def train(self, epochs):
        x, y = self.torch.from_numpy(self.x), self.torch.from_numpy(self.y)
        self.model.train()
        for _ in range(epochs):
            for rows in self.torch.randperm(len(x)).split(self.batch):
                self.adam.zero_grad()
                self.loss(self.model(x[rows]), y[rows]).backward()
                self.adam.step()
        self.model.eval()

    def predict(self, x):
        with self.torch.inference_mode():
            return self.model(self.torch.from_numpy(x)).numpy()


class Keras:
    def __init__(self, work, threads):
        if os.environ["KERAS_BACKEND"] == "tensorflow":
            import tensorflow as backend

            backend.config.threading.set_intra_op_parallelism_threads(threads)
            backend.config.threading.set_inter_op_parallelism_threads(threads)
        else:
            import torch as backend

            backend.set_num_threads(threads)
        import keras

        self.version = f"{keras.__version__} on {backend.__version__}"
        inputs, hidden, outputs, dropout, self.batch, _, _ = WORKLOADS[work]
        self.x, self.y = random_data(work)
        model = keras.Sequential([keras.Input((inputs,))])
        for units in hidden:
            model.add(keras.layers.Dense(units, activation="relu"))
        if dropout:
            model.add(keras.layers.Dropout(dropout))
        model.add(keras.layers.Dense(outputs, activation="sigmoid" if outputs == 1 else "softmax"))
        loss = "binary_crossentropy" if outputs == 1 else "sparse_categorical_crossentropy"
        model.compile(optimizer="adam", loss=loss)
        self.model, self.predict = model, model.predict_on_batch

    def train(self, epochs):
        self.model.fit(self.x, self.y, batch_size=self.batch, epochs=epochs, verbose=0)


def predict_times(library, rows, seconds):
    """Seconds of each call, without the first ones."""
    x = library.x
    times, at, end = [], 0, time.perf_counter() + seconds
    warm = 50 if rows == 1 else 3
    while time.perf_counter() < end or len(times) < warm + 5:
        start = time.perf_counter()
        library.predict(x[at : at + rows])
        times.append(time.perf_counter() - start)
        at = (at + rows) % (len(x) - rows)
    return sorted(times[warm:])


def work_for(name, asked, threads, seconds):
    """A library's own process: for each line of its input a block of the work "T1" or "I1", told as lines of JSON and an empty one."""
    work = "T" + asked[1:]
    library = PyTorch(work, threads) if name == "pytorch" else Keras(work, threads)
    _, _, _, _, batch, rows, epochs = WORKLOADS[work]

    def tell(**row):
        print(json.dumps({"peer": name, **row}), flush=True)

    def tell_time(what, seconds, rows=0):
        tell(work=f"{asked} {what}", threads=threads, rows=rows, seconds=seconds)

    if asked[0] == "T":
        library.train(1)  # compiles
        check_learned(library, name, asked)
    tell(version=library.version)
    print(flush=True)
    for _ in sys.stdin:
        if asked[0] == "T":
            start = time.perf_counter()
            library.train(epochs)
            tell_time("step", (time.perf_counter() - start) / (epochs * -(-rows // batch)))
        else:
            times = predict_times(library, 1, seconds)
            tell_time("one row, p50", times[len(times) // 2])
            tell_time("one row, p99", times[len(times) * 99 // 100])
            times = predict_times(library, 1024, seconds)
            tell_time("1024 rows", times[len(times) // 2], 1024)
        print(flush=True)


def check_learned(library, name, work):
    answers = library.predict(library.x[:1024])
    labels = answers.argmax(1) if answers.shape[1] > 1 else answers[:, 0] > 0.5
    if (labels == library.y[:1024].reshape(-1)).mean() < 0.6:
        raise SystemExit(f"peers.py: {name} did not learn {work}")


def start_worker(name, work, threads, seconds):
    environment = dict(os.environ, KERAS_BACKEND=name.split("-")[-1], OMP_NUM_THREADS=threads, TF_CPP_MIN_LOG_LEVEL="3")
    environment.setdefault("OMP_WAIT_POLICY", "passive")
    command = [sys.executable, __file__, "--worker", name, "--work", work, "--threads", threads, "--seconds", str(seconds)]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask(worker):
    worker.stdin.write("\n")
    worker.stdin.flush()
    return answer_of(worker)


def answer_of(worker):
    rows = []
    for line in worker.stdout:
        if not line.strip():
            return rows
        rows.append(json.loads(line))
    raise SystemExit(f"peers.py: this ended early: {' '.join(worker.args)}")


def digits(value):
    return f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f}"


def shown(seconds, rows):
    if rows:
        rate = rows / seconds
        return f"{digits(rate / 1e3)} k/s" if rate < 1e6 else f"{digits(rate / 1e6)} M/s"
    scale, unit = (1e9, "ns") if seconds < 1e-6 else (1e6, "us") if seconds < 1e-3 else (1e3, "ms")
    return f"{digits(seconds * scale)} {unit}"


def print_table(results, versions):
    """`results`: {(work, threads, rows): {peer: seconds of each block}}."""
    print("| work | threads | " + " | ".join(f"{name} {versions[name]}".strip() for name in versions) + " |")
    print("|---|---|" + "---|" * len(versions))
    for (work, threads, rows), blocks in results.items():
        cells = []
        for name in versions:
            median = statistics.median(blocks[name]) if name in blocks else None
            cells.append("-" if median is None else shown(median, rows))
            if median and "foretell" in blocks and name != "foretell":
                cells[-1] += f" ({digits(median / statistics.median(blocks['foretell']))})"
        print(f"| {work} | {threads} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", help="bench_compare")
    parser.add_argument("--work", default="T1,T2,T3,I1,I2")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--blocks", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        return work_for(options.worker, options.work, int(options.threads), options.seconds)

    versions, results = {}, {}
    names = [name for name, needs in LIBRARIES.items() if all(importlib.util.find_spec(need) for need in needs)]

    def run_program(work, threads):
        command = [options.program, "--json", "--blocks", "1", "--work", work, "--threads", threads]
        lines = subprocess.run(command + ["--seconds", str(options.seconds)], check=True, capture_output=True, text=True).stdout
        return [json.loads(line) for line in lines.splitlines()]

    def keep(row):
        if "version" in row:
            versions.setdefault(row["peer"], row["version"])
        else:
            at = results.setdefault((row["work"], row["threads"], row["rows"]), {})
            at.setdefault(row["peer"], []).append(row["seconds"])

    for work in options.work.split(","):
        for threads in options.threads.split(",") if work[0] == "T" else ["1"]:
            workers = [start_worker(name, work, threads, options.seconds) for name in names]
            started = [row for worker in workers for row in answer_of(worker)]
            for _ in range(options.blocks):
                for row in run_program(work, threads) if options.program else []:
                    keep(row)
                for row in [row for worker in workers for row in ask(worker)]:
                    keep(row)
            for row in started:
                keep(row)
            for worker in workers:
                worker.stdin.close()
                worker.wait()
    with open("/proc/cpuinfo") as file:
        processor = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    print(f"{processor}, {os.cpu_count()} hardware threads; medians of {options.blocks} blocks; (time / foretell's)\n")
    print_table(results, versions)


if __name__ == "__main__":
    main()
