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

/// One part of a text, not yet copied. Few types, so that sentences of all kinds of parts are put together by one
/// function.
class TextPart {
 public:
  TextPart(std::string_view part) : start_(part.data()), size_(part.size()) {}  // NOLINT(google-explicit-constructor)
  explicit TextPart(std::same_as<char> auto part) : digits_{part}, size_(1) {}
  explicit TextPart(std::same_as<bool> auto part) : TextPart(std::string_view(part ? "true" : "false")) {}
  explicit TextPart(float part) { write(part); }
  explicit TextPart(double part) { write(part); }
  template <std::integral N>
  requires(!std::same_as<N, bool> && !std::same_as<N, char>) explicit TextPart(N part) {
    write(static_cast<std::conditional_t<std::is_signed_v<N>, long long, unsigned long long>>(part));
  }

  std::string_view view() const { return {start_ ? start_ : digits_, size_}; }

 private:
  template <class N>
  [[gnu::noinline]] void write(N number) {
    size_ = static_cast<std::size_t>(std::to_chars(digits_, digits_ + sizeof digits_, number).ptr - digits_);
  }

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
