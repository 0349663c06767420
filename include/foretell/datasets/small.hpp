// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/random.hpp"
#include "foretell/data/table.hpp"

namespace foretell::datasets {

/// Two interleaved half circles of radius 1, with normal noise on both coordinates: columns x, y, label (0 or 1). The
/// classes alternate row by row.
inline Table two_moons(std::size_t rows, double noise = 0.1, std::uint64_t seed = 0) {
  const Random random = Random(seed).stream("two_moons"), angle = random.stream(0), dx = random.stream(1),
               dy = random.stream(2);
  std::vector<double> x(rows), y(rows), label(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    const double turn = 3.141592653589793 * angle.uniform(i);
    const bool lower = i % 2 == 1;
    x[i] = (lower ? 1 - std::cos(turn) : std::cos(turn)) + noise * dx.normal(i);
    y[i] = (lower ? 0.5 - std::sin(turn) : std::sin(turn)) + noise * dy.normal(i);
    label[i] = lower;
  }
  return Table{{"x", std::move(x)}, {"y", std::move(y)}, {"label", std::move(label)}};
}

/// y = bias + sum of weights[j] * xj + noise, with standard normal x0, x1 ...; columns x0, x1 ..., y.
inline Table linear(std::size_t rows, const std::vector<double>& weights, double bias = 0, double noise = 0.1,
                    std::uint64_t seed = 0) {
  const Random random = Random(seed).stream("linear");
  Table table;
  std::vector<double> y(rows);
  for (std::size_t i = 0; i < rows; ++i) y[i] = bias + noise * random.normal(i);
  for (std::size_t j = 0; j < weights.size(); ++j) {
    const Random values = random.stream(j);
    std::vector<double> x(rows);
    for (std::size_t i = 0; i < rows; ++i) y[i] += weights[j] * (x[i] = values.normal(i));
    table.add(text("x", j), std::move(x));
  }
  return table.add("y", std::move(y));
}

/// Normal clouds of the given spread, one a class, round centres drawn from [-10, 10]; columns x0, x1 ..., label (0, 1
/// ...). The classes take turns row by row. Throws ConfigError for no classes.
inline Table blobs(std::size_t rows, std::size_t classes = 3, std::size_t columns = 2, double spread = 1,
                   std::uint64_t seed = 0) {
  if (classes == 0) throw ConfigError("blobs: expected at least one class, received 0.");
  const Random random = Random(seed).stream("blobs"), centres = random.stream("centres");
  Table table;
  for (std::size_t j = 0; j < columns; ++j) {
    const Random values = random.stream(j);
    std::vector<double> x(rows);
    for (std::size_t i = 0; i < rows; ++i)
      x[i] = centres.uniform(j * classes + i % classes, -10, 10) + spread * values.normal(i);
    table.add(text("x", j), std::move(x));
  }
  std::vector<double> label(rows);
  for (std::size_t i = 0; i < rows; ++i) label[i] = static_cast<double>(i % classes);
  return table.add("label", std::move(label));
}

}  // namespace foretell::datasets
