// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <initializer_list>
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

/// Writes a number into room for 32 letters, in the fewest digits that read back the same, and returns its end. Without
/// an exponent from 0.000001 to 2^53: 100000, 0.0001, not 1e+05, 1e-04. Beyond 2^53 with one, since whole digits beyond
/// are the text of a code, which a number would damage, to all that read them. (repr of Python has no exponent from
/// 0.0001 to 1e16, JavaScript none from 0.000001 to 1e21.)
template <std::floating_point N>
[[gnu::noinline]] char* spell(N number, char* room) {
  const double size = number < 0 ? -static_cast<double>(number) : static_cast<double>(number);
  constexpr double exact = 9007199254740992;
  const auto format = size == 0 || (size >= 1e-6 && size <= exact) ? std::chars_format::fixed
                      : size < 1                                   ? std::chars_format::general
                                                                   : std::chars_format::scientific;
  return std::to_chars(room, room + 32, number, format).ptr;
}

/// One part of a text, not yet copied. Few types, so that sentences of all kinds of parts are put together by one
/// function.
class TextPart {
 public:
  TextPart(std::string_view part) : start_(part.data()), size_(part.size()) {}  // NOLINT(google-explicit-constructor)
  explicit TextPart(std::same_as<char> auto part) : digits_{part}, size_(1) {}
  explicit TextPart(std::same_as<bool> auto part) : TextPart(std::string_view(part ? "true" : "false")) {}
  explicit TextPart(float part) { end(spell(part, digits_)); }
  explicit TextPart(double part) { end(spell(part, digits_)); }
  template <std::integral N>
  requires(!std::same_as<N, bool> && !std::same_as<N, char>) explicit TextPart(N part) {
    write(static_cast<std::conditional_t<std::is_signed_v<N>, long long, unsigned long long>>(part));
  }

  std::string_view view() const { return {start_ ? start_ : digits_, size_}; }

 private:
  template <class N>
  [[gnu::noinline]] void write(N number) {
    end(std::to_chars(digits_, digits_ + sizeof digits_, number).ptr);
  }
  void end(const char* last) { size_ = static_cast<std::size_t>(last - digits_); }

  char digits_[32];
  const char* start_ = nullptr;
  std::size_t size_ = 0;
};

[[gnu::noinline]] inline std::string joined(std::initializer_list<TextPart> parts) {
  std::size_t size = 0;
  for (const TextPart& part : parts) size += part.view().size();
  std::string out;
  out.reserve(size);
  for (const TextPart& part : parts) out += part.view();
  return out;
}

}  // namespace detail

/// The parts, one after the other: strings, characters, numbers (shortest form that reads back the same), booleans.
template <class... Parts>
std::string text(const Parts&... parts) {
  return detail::joined({detail::TextPart(parts)...});
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
