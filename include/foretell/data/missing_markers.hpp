// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <string_view>

namespace foretell::detail {

/// Texts that stand for a missing value: pandas' and "?" and "NAN".
inline constexpr std::array<std::string_view, 21> missing_markers{
    "",     "?",   "NA",   "N/A",  "n/a",  "<NA>",     "#N/A",   "#NA",     "NaN",     "nan",     "-NaN",
    "-nan", "NAN", "NULL", "null", "None", "#N/A N/A", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"};
/// More of them, where numbers are expected: "-" may well be a label.
inline constexpr std::array<std::string_view, 3> missing_number_markers{"-", "--", "."};

}  // namespace foretell::detail
