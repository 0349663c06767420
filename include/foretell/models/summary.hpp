// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "foretell/graph/network.hpp"

namespace foretell {

/// The network as a table: each node with its output shape, parameters and inputs, then the totals. As
/// keras.Model.summary.
template <class T>
std::string summary(const Network<T>& network) {
  const auto& entries = network.graph().entries();
  std::vector<std::array<std::string, 4>> rows{{"layer (type)", "output shape", "parameters", "connected to"}};
  std::vector<Shape> shapes;
  if (network.built()) shapes = network.program(PassMode::inference).shapes;
  std::size_t trained = 0, fixed = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& entry = entries[i];
    const std::string prefix = entry.name + "/";
    std::size_t count = 0;
    const auto sum = [&](const std::vector<ParameterInfo>& infos, bool trainable_kind) {
      for (const ParameterInfo& info : infos) {
        if (info.name.compare(0, prefix.size(), prefix) != 0) continue;
        count += info.shape.size();
        (trainable_kind && info.options.trainable ? trained : fixed) += info.shape.size();
      }
    };
    sum(network.parameters(), true);
    sum(network.states(), false);
    std::string inputs;
    for (const std::size_t input : entry.inputs) inputs += text(inputs.empty() ? "" : ", ", entries[input].name);
    const Shape* shape = network.built() ? &shapes[i] : entry.shape ? &*entry.shape : nullptr;
    rows.push_back({text(entry.name, " (", entry.layer ? entry.layer.type() : "input", ")"),
                    shape ? rows_text(*shape) : "?", network.built() ? text(count) : "?", inputs});
  }
  std::array<std::size_t, 4> width{};
  for (const auto& row : rows)
    for (std::size_t c = 0; c < 4; ++c) width[c] = std::max(width[c], row[c].size());
  std::string out;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < 4; ++c) {
      const std::string pad(width[c] - rows[r][c].size() + 2, ' ');
      out += c == 2 ? pad.substr(2) + rows[r][c] + "  " : c == 3 ? rows[r][c] : rows[r][c] + pad;
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    out += '\n';
    if (r == 0) out += std::string(width[0] + width[1] + width[2] + width[3] + 6, '-') + '\n';
  }
  return out + (network.built()
                    ? text("trained parameters: ", trained, ", not trained: ", fixed, "\n")
                    : std::string("not built yet: shapes and parameters are known after fit, build or load\n"));
}

}  // namespace foretell
