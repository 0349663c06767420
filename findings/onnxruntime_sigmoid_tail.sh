#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# onnxruntime 1.32.0, x86-64: Sigmoid of float32 loses its lower tail: it is 17 % off at -15, larger at -17 than at -16, and 0
# from -18 on, where the right value is 1.5e-8: rare events, clicks say, get the probability 0, and a log loss made of it is infinite.
# float64 is right.
# Seen: -15: 3.58e-07 (right 3.06e-07), -16: 5.96e-08 (right 1.13e-07), -17: 8.94e-08 (right 4.14e-08), -18: 0 (right 1.52e-08)
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
cd "$work"
venv/bin/python - <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import TensorProto, helper


def sigmoid(kind, x):
    value = lambda name: helper.make_tensor_value_info(name, kind, ["n"])
    graph = helper.make_graph([helper.make_node("Sigmoid", ["x"], ["y"])], "tail", [value("x")], [value("y")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]


x = np.array([-15.0, -16.0, -17.0, -18.0])
right = 1 / (1 + np.exp(-x))
single, double = sigmoid(TensorProto.FLOAT, x.astype(np.float32)), sigmoid(TensorProto.DOUBLE, x)
print(", ".join(f"{at:.0f}: {got:.3g} (right {true:.3g})" for at, got, true in zip(x, single, right)))
assert np.allclose(double, right, rtol=1e-12)
assert abs(single[0] / right[0] - 1) > 0.1 and single[2] > single[1] and single[3] == 0
PYTHON
