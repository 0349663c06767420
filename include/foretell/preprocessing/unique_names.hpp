// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "foretell/data/dictionary.hpp"
#include "foretell/preprocessing/schema.hpp"

namespace foretell::detail {

/// The columns under names that come up once: of equal ones the first keeps its name, the others get _2, _3 ... behind
/// it. Column a_b of value c and column a of value b_c are both a_b_c; scikit-learn's get_feature_names_out repeats it.
inline Schema with_unique_names(Schema schema) {
  std::vector<std::string> names;
  for (const Field& field : schema) names.push_back(field.name);
  Dictionary different;
  for (const std::string& name : names) different.add(name);
  if (different.size() == names.size()) return schema;
  std::vector<std::size_t> next(different.size(), 1);  // the number of each name's next column
  for (std::string& name : names) {
    std::size_t& number = next[static_cast<std::size_t>(different.find(name))];
    if (number > 1) {
      while (different.find(text(name, "_", number)) >= 0) ++number;
      name = text(name, "_", number);
    }
    ++number;
  }
  Schema unique;
  std::size_t i = 0;
  for (Field field : schema) {
    field.name = names[i++];
    unique.add(std::move(field));
  }
  return unique;
}

}  // namespace foretell::detail
