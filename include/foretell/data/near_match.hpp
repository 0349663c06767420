// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/core/error.hpp"

namespace foretell::detail {

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Letters to insert, remove or replace to turn `a` into `b`, upper and lower case being one; quadratic.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (lower(a[i]) != lower(b[j]));
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row[b.size()];
}

/// The sentence ` Did you mean "x"?` when one of `names` is close to `name`, otherwise nothing.
template <class Range>
std::string did_you_mean(std::string_view name, const Range& names) {
  if (name.empty() || name.size() > 64) return {};
  std::size_t best = 1 + std::max<std::size_t>(1, name.size() / 3), looked = 0;
  std::string_view match;
  for (const auto& candidate : names) {
    if (++looked > 10000) break;
    if (std::string_view(candidate).size() > 80) continue;
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best) best = distance, match = candidate;
  }
  return match.empty() ? std::string() : text(" Did you mean \"", match, "\"?");
}

}  // namespace foretell::detail
