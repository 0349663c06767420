// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <string_view>

namespace foretell {

/// Whether a value should fall or rise. Automatic, of what watches one: as the metric says of itself, and losses fall;
/// of a metric: it does not say.
enum class Mode : std::uint8_t { automatic, min, max };
constexpr auto enum_names(Mode) { return std::array<std::string_view, 3>{"auto", "min", "max"}; }

namespace detail {

/// What a metric says of itself: `static constexpr Mode mode`, or `Mode mode() const`.
template <class M>
Mode mode_of(const M& metric) {
  if constexpr (requires {
                  { metric.mode() } -> std::same_as<Mode>;
                })
    return metric.mode();
  else if constexpr (requires { requires std::same_as<decltype(M::mode), const Mode>; })
    return M::mode;
  else
    return Mode::automatic;
}

}  // namespace detail

}  // namespace foretell
