// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace foretell::detail {

/// Who said what kind a column is that is read from a text: its own fields, the rows of an earlier chunk, or the
/// caller, who may want numbers of codes (08123), booleans of 0 and 1, and either of fields in quotes.
enum class KindFrom : std::uint8_t { fields, earlier_rows, caller };

}  // namespace foretell::detail
