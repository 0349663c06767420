// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <charconv>
#include <concepts>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace foretell {

/// Base of everything the library throws. The text is one sentence: who, what was expected, what was received, what to
/// do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Arrays whose shapes do not fit together.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// An option, name or configuration that cannot be used.
class ConfigError : public Error {
 public:
  using Error::Error;
};

/// Values in a table or array that cannot be used: text in a numeric column, NaN labels, a missing column.
class DataError : public Error {
 public:
  using Error::Error;
};

/// A file that cannot be read or written: damaged, truncated, of a newer format.
class FormatError : public Error {
 public:
  using Error::Error;
};

/// A call that comes too early: predict before build, transform before fit.
class StateError : public Error {
 public:
  using Error::Error;
};

/// Numbers that stopped being finite while training.
class NumericError : public Error {
 public:
  using Error::Error;
};

namespace detail {

inline void append(std::string& out, std::string_view part) { out += part; }
inline void append(std::string& out, char part) { out += part; }
void append(std::string& out, std::same_as<bool> auto part) { out += part ? "true" : "false"; }
template <class N>
requires((std::integral<N> && !std::same_as<N, bool> && !std::same_as<N, char>) ||
         std::floating_point<N>) void append(std::string& out, N part) {
  char digits[64];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, part).ptr);
}

}  // namespace detail

/// The parts, one after the other: strings, characters, numbers (shortest form that reads back the same), booleans.
template <class... Parts>
std::string text(const Parts&... parts) {
  std::string out;
  (detail::append(out, parts), ...);
  return out;
}

/// "a", "b", "c" of any range of strings, for error texts; at most `most` of them.
template <class Range>
std::string quoted_list(const Range& names, std::size_t most = 20) {
  std::string out;
  std::size_t count = 0;
  for (const auto& name : names) {
    if (count == most) return out + ", ...";
    out += text(count++ ? ", \"" : "\"", std::string_view(name), "\"");
  }
  return out.empty() ? "(none)" : out;
}

}  // namespace foretell
