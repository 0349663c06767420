# SPDX-License-Identifier: BSD-3-Clause
"""Training steps of networks of sequences, pictures and ids: bench_sequences and PyTorch in turns, one Markdown table.

    python -m venv venv && venv/bin/pip install torch
    venv/bin/python sequences.py build/bench/benchmarks/compare/bench_sequences [--work T4,T8] [--threads 1,2] [--blocks 5] [--seconds 2]

The networks are those of sequences.cpp; bench_sequences_libtorch beside that program, where it was built, is a third column (Adam over all
weights: libtorch has no SparseAdam). Its waiting threads sleep (OMP_WAIT_POLICY is passive unless set), PyTorch's spin: each is faster so
with two threads. T8 has PyTorch's tables twice: with SparseAdam, which like foretell's updates the rows of a batch,
and with dense Adam. In T10 PyTorch's Adam is dense, foretell's updates the rows of the embedding that a batch names. Times are medians of
blocks; a time in brackets is divided by foretell's, above 1 foretell is faster.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time

import torch
from torch import nn


class Last(nn.Module):
    def __init__(self, cell, head):
        super().__init__()
        self.cell, self.head = cell, head

    def forward(self, x):
        return self.head(self.cell(x)[0][:, -1])


class Convolution(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.head = nn.Conv1d(64, 128, 5), nn.Linear(128, 1)

    def forward(self, x):
        return self.head(torch.relu(self.conv(x.transpose(1, 2))).amax(2))


class Clicks(nn.Module):
    def __init__(self, sparse):
        super().__init__()
        self.table = nn.Embedding(26 * 40000, 16, sparse=sparse)
        self.offsets = torch.arange(26) * 40000
        self.mlp = nn.Sequential(nn.Linear(26 * 16 + 13, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 1))

    def forward(self, ids, numbers):
        return self.mlp(torch.cat([self.table(ids + self.offsets).flatten(1), numbers], 1))


class NextItem(nn.Module):
    def __init__(self):
        super().__init__()
        self.items, self.places = nn.Embedding(10000, 64), nn.Embedding(50, 64)
        block = nn.TransformerEncoderLayer(64, 2, 256, 0.0, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(block, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(64)
        self.mask = nn.Transformer.generate_square_subsequent_mask(50)

    def forward(self, ids):
        x = self.items(ids) + self.places.weight
        return self.norm(self.blocks(x, mask=self.mask, is_causal=True)) @ self.items.weight.T


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.items, self.cell, self.head = nn.Embedding(10000, 64), nn.GRU(64, 128, batch_first=True), nn.Linear(128, 10000)

    def forward(self, ids):
        return self.head(self.cell(self.items(ids))[0][:, -1])


def picture():
    return nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                         nn.Linear(64 * 12 * 12, 128), nn.ReLU(), nn.Linear(128, 10))


def make(work, sparse):
    """Model, inputs, targets, loss, batch."""
    yes, ids, numbers = nn.BCEWithLogitsLoss(), lambda n, *s: torch.randint(n, s), torch.randn
    many = nn.CrossEntropyLoss()
    label = lambda rows: torch.randint(2, (rows, 1)).float()
    if work == "T4":
        return Last(nn.LSTM(32, 64, batch_first=True), nn.Linear(64, 1)), [numbers(1024, 50, 32)], label(1024), yes, 64
    if work == "T5":
        return Last(nn.GRU(64, 128, batch_first=True), nn.Linear(128, 1)), [numbers(1024, 50, 64)], label(1024), yes, 64
    if work == "T6":
        return Convolution(), [numbers(1024, 100, 64)], label(1024), yes, 64
    if work == "T7":
        return picture(), [numbers(512, 1, 28, 28)], ids(10, 512), many, 128
    if work == "T8":
        return Clicks(sparse), [ids(40000, 16384, 26), numbers(16384, 13)], label(16384), yes, 1024
    if work == "T9":
        return NextItem(), [ids(10000, 256, 50)], ids(10000, 256, 50), lambda y, t: many(y.flatten(0, 1), t.flatten()), 64
    return Recurrent(), [ids(10000, 1024, 20)], ids(10000, 1024), many, 64


class PyTorch:
    def __init__(self, work, threads, sparse):
        torch.set_num_threads(threads)
        torch.manual_seed(1)
        self.model, self.x, self.y, self.loss, self.batch = make(work, sparse)
        tables = list(self.model.table.parameters()) if sparse else []
        rest = [p for p in self.model.parameters() if not any(p is t for t in tables)]
        self.optimizers = [torch.optim.Adam(rest)] + ([torch.optim.SparseAdam(tables)] if tables else [])
        self.order, self.at = torch.randperm(len(self.y)), 0
        self.step()

    def step(self):
        rows = self.order[self.at:self.at + self.batch]
        self.at = (self.at + self.batch) % len(self.order)
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        self.loss(self.model(*[x[rows] for x in self.x]), self.y[rows]).backward()
        for optimizer in self.optimizers:
            optimizer.step()

    def block(self, seconds):
        times, start = [], time.perf_counter()
        while time.perf_counter() - start < seconds:
            before = time.perf_counter()
            self.step()
            times.append(time.perf_counter() - before)
        return statistics.median(times)


class Program:
    """foretell or libtorch: a program that takes the length of a block and answers with the median of its steps."""

    def __init__(self, program, work, threads):
        self.process = subprocess.Popen([program, work, str(threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={"OMP_WAIT_POLICY": "passive", **os.environ})

    def block(self, seconds):
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def text(seconds):
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.1f} us"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--work", default="T4,T5,T6,T7,T8,T9,T10")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--blocks", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1)
    options = parser.parse_args()
    libtorch = os.path.join(os.path.dirname(options.program), "bench_sequences_libtorch")
    libtorch = libtorch if os.path.exists(libtorch) else None
    names = [f"PyTorch {torch.__version__}", "with SparseAdam"] + (["libtorch"] if libtorch else [])
    print(f"| work | threads | foretell | {' | '.join(names)} |\n|---|---|---|{'---|' * len(names)}", flush=True)
    for work in options.work.split(","):
        for threads in map(int, options.threads.split(",")):
            runners = [Program(options.program, work, threads), PyTorch(work, threads, False),
                       PyTorch(work, threads, True) if work == "T8" else None]
            if libtorch:
                runners.append(Program(libtorch, work, threads))
            times = [[] for _ in runners]
            for _ in range(options.blocks):
                for blocks, runner in zip(times, runners):
                    if runner:
                        blocks.append(runner.block(options.seconds))
                        time.sleep(0.03)
            for runner in runners:
                if isinstance(runner, Program):
                    runner.end()
            own, *others = [statistics.median(t) if t else None for t in times]
            cells = [f"{text(t)} ({t / own:.2f})" if t else "-" for t in others]
            print(f"| {work} | {threads} | {text(own)} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
