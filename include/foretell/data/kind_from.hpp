// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/data/column.hpp"

namespace foretell::detail {

/// Who said what kind a column is that is read from a text: its own fields, the rows of an earlier chunk, or the
/// caller, who may want numbers of codes (08123), booleans of 0 and 1, and either of fields in quotes.
enum class KindFrom : std::uint8_t { fields, earlier_rows, caller };

/// Throws ConfigError for kinds that no column has.
inline void check_dtypes(const std::vector<std::pair<std::string, Kind>>& dtypes, std::string_view who) {
  for (const auto& [name, kind] : dtypes)
    if (kind == Kind::id || kind == Kind::text)
      throw ConfigError(text(who, ": expected number, category or boolean as the kind of column \"", name,
                             "\", received ", name_of(kind), ", which is none of a table's; read it as category."));
}

}  // namespace foretell::detail
