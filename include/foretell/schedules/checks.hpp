// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>

#include "foretell/core/error.hpp"

namespace foretell::detail {

inline void check_schedule_rate(std::string_view schedule, std::string_view option, double rate) {
  if (!(rate >= 0) || !std::isfinite(rate))
    throw ConfigError(text("schedule ", schedule, ": expected a finite ", option, " of at least 0, received ", rate));
}
inline void check_schedule_above(std::string_view schedule, std::string_view option, double number, double low) {
  if (!(number > low) || !std::isfinite(number))
    throw ConfigError(
        text("schedule ", schedule, ": expected a finite ", option, " above ", low, ", received ", number));
}
inline void check_schedule_steps(std::string_view schedule, std::string_view option, std::size_t steps) {
  if (steps == 0) throw ConfigError(text("schedule ", schedule, ": expected ", option, " of at least 1, received 0"));
}

}  // namespace foretell::detail
