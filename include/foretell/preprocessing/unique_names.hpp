// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "foretell/preprocessing/schema.hpp"

namespace foretell::detail {

/// The columns under names that come up once: of equal ones the first keeps its name, the others get _2, _3 ... behind
/// it. Column a_b of value c and column a of value b_c are both a_b_c; scikit-learn's get_feature_names_out repeats it.
inline Schema with_unique_names(Schema schema) {
  std::vector<std::string> names = schema.names(), made;
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return names[a] < names[b]; });
  const auto is_name = [&](const std::string& name) {
    const auto place = std::lower_bound(order.begin(), order.end(), name,
                                        [&](std::size_t i, const std::string& n) { return schema[i].name < n; });
    return (place != order.end() && schema[*place].name == name) ||
           std::find(made.begin(), made.end(), name) != made.end();
  };
  for (std::size_t k = 1, number = 2; k < order.size(); ++k) {
    const std::string& name = schema[order[k]].name;
    if (name != schema[order[k - 1]].name) {
      number = 2;
      continue;
    }
    while (is_name(text(name, "_", number))) ++number;
    made.push_back(text(name, "_", number));
    names[order[k]] = made.back();
  }
  if (made.empty()) return schema;
  Schema unique;
  for (std::size_t i = 0; i < names.size(); ++i) unique.add({names[i], schema[i].kind, schema[i].categories});
  return unique;
}

}  // namespace foretell::detail
