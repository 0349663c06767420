// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <charconv>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "foretell/core/fields.hpp"

namespace foretell::detail {

/// A choice with numbers, as model files spell it: "glorot_uniform", "constant(0.5)", "l1_l2(0.01, 0.001)".
inline std::string call_text(std::string_view name, std::span<const double> numbers) {
  std::string out(name);
  for (std::size_t i = 0; i < numbers.size(); ++i) out += text(i ? ", " : "(", numbers[i]);
  return numbers.empty() ? out : out + ")";
}

/// Reads the numbers of `call_text` back; false when `call` does not hold exactly numbers.size() of them.
inline bool read_call_numbers(std::string_view call, std::span<double> numbers) {
  const std::size_t brace = call.find('(');
  if (brace == std::string_view::npos) return numbers.empty();
  const char* at = call.data() + brace;
  const char* end = call.data() + call.size();
  for (double& number : numbers) {
    if (++at < end && *at == ' ') ++at;
    const auto read = std::from_chars(at, end, number);
    if (read.ec != std::errc()) return false;
    at = read.ptr;
    if (at == end || *at != (&number == &numbers.back() ? ')' : ',')) return false;
  }
  return !numbers.empty() && at + 1 == end;
}

}  // namespace foretell::detail
