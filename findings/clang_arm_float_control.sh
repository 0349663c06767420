#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# clang 13.0.1 (of ziglang 0.9.1) for 64-bit ARM warns that it ignores "#pragma float_control(push)" and its pop, so that an FP_CONTRACT ON
# between the two stays on for what follows: the same expression is fused behind the pop and not before it. For x86-64 the same compiler,
# and for ARM clang 16.0.6 (of ziglang 0.11.0), restore what was before. A header that pins the contraction of its kernels this way changes
# last bits of the code of whoever includes it, on one processor alone.
# Seen: clang 13.0.1 aarch64 separate fused fused; clang 13.0.1 x86_64 separate fused separate; clang 16.0.6 aarch64 separate fused separate
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export ZIG_GLOBAL_CACHE_DIR="$work/cache" ZIG_LOCAL_CACHE_DIR="$work/cache"
cat >"$work/sums.c" <<'SOURCE'
#pragma STDC FP_CONTRACT OFF
float before(float a, float b, float c) { return a * b + c; }
#pragma float_control(push)
#pragma STDC FP_CONTRACT ON
float within(float a, float b, float c) { return a * b + c; }
#pragma float_control(pop)
float behind(float a, float b, float c) { return a * b + c; }
SOURCE
for version in 0.9.1 0.11.0; do
  python3 -m venv "$work/$version"
  "$work/$version/bin/pip" install --quiet "ziglang==$version"
done

# How each of the three functions is compiled: "fused" where it has a fused multiply-add.
ways() {
  local python="$work/$1/bin/python"
  shift
  "$python" -m ziglang cc -O2 -S -o "$work/sums.s" "$@" "$work/sums.c" 2>"$work/messages"
  awk '/^(before|within|behind):/ {way = "separate"} /fmadd/ {way = "fused"} /^[ \t]*ret/ {printf "%s%s", sep, way; sep = " "}' "$work/sums.s"
}
old=$(ways 0.9.1 -target aarch64-linux-gnu)
grep -q "float_control.*ignored" "$work/messages"
other=$(ways 0.9.1 -target x86_64-linux-gnu -mcpu=haswell)
new=$(ways 0.11.0 -target aarch64-linux-gnu)
echo "clang 13.0.1 aarch64 $old; clang 13.0.1 x86_64 $other; clang 16.0.6 aarch64 $new"
[ "$old" = "separate fused fused" ]
[ "$other" = "separate fused separate" ]
[ "$new" = "separate fused separate" ]
