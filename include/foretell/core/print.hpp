// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <iosfwd>
#include <string>

namespace foretell {

namespace detail {
/// A type of namespace foretell: only argument-dependent lookup finds the function, which is declared below.
template <class V>
concept Ours = requires(const V& value) {
  is_of_foretell(value);
};
}  // namespace detail

template <class V>
void is_of_foretell(const V&);

/// std::cout << table, scores, shapes, reports: whatever of ours has to_string() goes to a stream as that text.
template <class Traits, detail::Ours V>
requires requires(const V& value) {
  { value.to_string() } -> std::same_as<std::string>;
}
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& stream, const V& value) {
  return stream << value.to_string();
}
template <class Traits, detail::Ours V>
requires requires(const V& value) {
  { to_string(value) } -> std::same_as<std::string>;
}
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& stream, const V& value) {
  return stream << to_string(value);
}

}  // namespace foretell
