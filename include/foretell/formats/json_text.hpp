// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "foretell/core/error.hpp"
#include "foretell/core/utf8.hpp"

// JSON as text, RFC 8259, the same in every C locale.

namespace foretell::detail {

/// What a JSON text is made of, in the order of the text. Views are valid during the call.
class JsonEvents {
 public:
  virtual ~JsonEvents() = default;
  virtual void null() = 0;
  virtual void boolean(bool value) = 0;
  /// As it is written: -1.5e3.
  virtual void number(std::string_view digits) = 0;
  virtual void string(std::string_view value) = 0;
  virtual void start_object() = 0;
  virtual void key(std::string_view name) = 0;
  virtual void end_object() = 0;
  virtual void start_array() = 0;
  virtual void end_array() = 0;
};

/// Takes untrusted text apart: at most 64 levels deep, valid UTF-8.
class JsonParser {
 public:
  /// With `words`, NaN, Infinity and -Infinity are numbers, as Python's json writes them.
  explicit JsonParser(JsonEvents& events, bool words = false) : events_(events), words_(words) {}

  /// Nothing when all of the text is one value; else what was received, for the end of a sentence.
  std::optional<std::string> parse(std::string_view text) {
    text_ = text;
    place_ = depth_ = 0;
    problem_.reset();
    skip_blanks();
    if (value() && (skip_blanks(), place_ < text_.size())) stop("the end");
    return std::move(problem_);
  }

 private:
  static constexpr std::size_t deepest = 64;

  static bool digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
  char next() const { return place_ < text_.size() ? text_[place_] : '\0'; }
  bool letter(char c) {
    if (place_ >= text_.size() || text_[place_] != c) return false;
    ++place_;
    return true;
  }
  void skip_blanks() {
    while (place_ < text_.size() &&
           (text_[place_] == ' ' || text_[place_] == '\n' || text_[place_] == '\r' || text_[place_] == '\t'))
      ++place_;
  }
  bool word(std::string_view name) {
    if (text_.substr(place_, name.size()) != name) return false;
    place_ += name.size();
    return true;
  }

  /// Says what stands here instead of what should.
  bool stop(std::string_view expected) {
    const auto in_word = [](char c) { return digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-'; };
    const std::string_view rest = text_.substr(place_);
    std::size_t size = 0;
    while (size < rest.size() && size < 40 && in_word(rest[size])) ++size;
    if (size == 0) size = utf8_length(rest.substr(0, 4));
    const std::string found = rest.empty()                                    ? "the end of the text"
                              : size == 0                                     ? "a byte that is not UTF-8"
                              : static_cast<unsigned char>(rest.front()) < 32 ? "a control letter"
                                                                              : text('"', rest.substr(0, size), '"');
    problem_ = text(found, " at place ", place_ + 1, " instead of ", expected);
    return false;
  }

  bool value() {
    switch (next()) {
      case '{':
        return nested(&JsonParser::object);
      case '[':
        return nested(&JsonParser::array);
      case '"':
        return text_value(&JsonEvents::string);
      case 't':
      case 'f':
        if (const bool yes = next() == 't'; word(yes ? "true" : "false")) {
          events_.boolean(yes);
          return true;
        }
        break;
      case 'n':
        if (word("null")) {
          events_.null();
          return true;
        }
        break;
      default:
        return number();
    }
    return stop("a value");
  }

  bool nested(bool (JsonParser::*read)()) {
    if (depth_ == deepest) {
      problem_ = text("deeper nesting instead of at most ", deepest, " levels");
      return false;
    }
    ++depth_;
    ++place_;
    const bool good = (this->*read)();
    --depth_;
    return good;
  }

  bool object() {
    events_.start_object();
    const bool good = items('}', "',' or '}'", &JsonParser::member);
    if (good) events_.end_object();
    return good;
  }
  bool member() {
    if (next() != '"') return stop("a key in quotes");
    if (!text_value(&JsonEvents::key)) return false;
    skip_blanks();
    if (!letter(':')) return stop("':' after the key");
    skip_blanks();
    return value();
  }

  bool array() {
    events_.start_array();
    const bool good = items(']', "',' or ']'", &JsonParser::value);
    if (good) events_.end_array();
    return good;
  }

  /// What stands between two brackets, the first of which is read.
  bool items(char end, std::string_view expected, bool (JsonParser::*one)()) {
    skip_blanks();
    if (letter(end)) return true;
    do {
      skip_blanks();
      if (!(this->*one)()) return false;
      skip_blanks();
    } while (letter(','));
    return letter(end) || stop(expected);
  }

  bool number() {
    const std::size_t start = place_;
    const auto digits = [&] {
      const std::size_t before = place_;
      while (digit(next())) ++place_;
      return place_ > before;
    };
    const bool negative = letter('-');
    if (words_ && (word("Infinity") || (!negative && word("NaN")))) {
      events_.number(text_.substr(start, place_ - start));
      return true;
    }
    if (!letter('0') && !digits()) {
      place_ = start;
      return stop("a value");
    }
    if (letter('.') && !digits()) return stop("a digit");
    if (letter('e') || letter('E')) {
      if (!letter('-')) letter('+');
      if (!digits()) return stop("a digit");
    }
    events_.number(text_.substr(start, place_ - start));
    return true;
  }

  bool text_value(void (JsonEvents::*take)(std::string_view)) {
    const std::size_t start = ++place_;
    for (;; ++place_) {  // most texts stand there as they are
      const char c = next();
      if (c == '"') {
        (events_.*take)(text_.substr(start, place_++ - start));
        return true;
      }
      if (c == '\\' || static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x80) break;
    }
    room_.assign(text_, start, place_ - start);
    for (;;) {
      if (place_ >= text_.size()) return stop("a closing quote");
      const char c = text_[place_];
      if (letter('"')) {
        (events_.*take)(room_);
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return stop("its escape");
      if (c == '\\') {
        if (!escape()) return false;
        continue;
      }
      const std::size_t size = utf8_length(text_.substr(place_, 4));
      if (size == 0) return stop("UTF-8");
      room_.append(text_, place_, size);
      place_ += size;
    }
  }

  bool escape() {
    constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    ++place_;
    if (const std::size_t which = letters.find(next()); which != std::string_view::npos) {
      room_ += meanings[which];
      ++place_;
      return true;
    }
    std::uint32_t code = 0, second = 0;
    if (!letter('u')) return stop("an escape of JSON");
    if (!four_digits(code)) return false;
    if (code >= 0xDC00 && code <= 0xDFFF) return stop("the first half of a pair of surrogates before the second");
    if (code >= 0xD800 && code <= 0xDBFF) {
      if (!word("\\u")) return stop("the second half of a pair of surrogates");
      if (!four_digits(second)) return false;
      if (second < 0xDC00 || second > 0xDFFF) return stop("the second half of a pair of surrogates");
      code = 0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00);
    }
    const auto put = [&](std::uint32_t byte) { room_ += static_cast<char>(byte); };
    if (code < 0x80) {
      put(code);
    } else if (code < 0x800) {
      put(0xC0 | code >> 6);
      put(0x80 | (code & 0x3F));
    } else {
      if (code < 0x10000) {
        put(0xE0 | code >> 12);
      } else {
        put(0xF0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3F));
      }
      put(0x80 | (code >> 6 & 0x3F));
      put(0x80 | (code & 0x3F));
    }
    return true;
  }
  bool four_digits(std::uint32_t& value) {
    value = 0;
    for (int i = 0; i < 4; ++i, ++place_) {
      const char c = next(), lower = static_cast<char>(c | 0x20);
      if (!digit(c) && (lower < 'a' || lower > 'f')) return stop("four hexadecimal digits");
      value = value << 4 | static_cast<std::uint32_t>(digit(c) ? c - '0' : lower - 'a' + 10);
    }
    return true;
  }

  JsonEvents& events_;
  bool words_;
  std::string_view text_;
  std::size_t place_ = 0, depth_ = 0;
  std::string room_;
  std::optional<std::string> problem_;
};

/// Throws DataError that says `who` when the text is not UTF-8: JSON cannot hold it.
inline void expect_utf8(std::string_view s, std::string_view who) {
  if (invalid_utf8(s) == s.size()) return;
  std::string shown;
  for (std::size_t i = 0; i < s.size() && shown.size() < 60;) {
    const std::size_t length = utf8_length(s.substr(i, 4));
    const auto byte = static_cast<unsigned char>(s[i]);
    if (length == 0)
      shown += {'\\', 'x', "0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
    else
      shown += s.substr(i, length);
    i += std::max<std::size_t>(length, 1);
  }
  throw DataError(text(who, ": expected texts in UTF-8, received \"", shown,
                       "\"; convert it, or read its file with the encoding it has, CsvOptions::encoding"));
}

/// Appends the text as JSON, in quotes; bytes that are not UTF-8 become U+FFFD.
inline void append_json_text(std::string& out, std::string_view s) {
  constexpr std::string_view letters = "\"\\bfnrt", meanings = "\"\\\b\f\n\r\t", hexadecimal = "0123456789abcdef";
  const auto plain = [](char c) { return static_cast<unsigned char>(c - 0x20) < 0x60 && c != '"' && c != '\\'; };
  out += '"';
  while (!s.empty()) {
    std::size_t run = 0;
    while (run < s.size() && plain(s[run])) ++run;
    out += s.substr(0, run);
    s.remove_prefix(run);
    if (s.empty()) break;
    const char c = s.front();
    std::size_t size = 1;
    if (const std::size_t which = meanings.find(c); which != std::string_view::npos) {
      out += '\\';
      out += letters[which];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += hexadecimal[static_cast<std::size_t>(c) >> 4];
      out += hexadecimal[static_cast<std::size_t>(c) & 15];
    } else if (size = utf8_length(s.substr(0, 4)); size > 0) {
      out += s.substr(0, size);
    } else {
      out += "\xEF\xBF\xBD";
      size = 1;
    }
    s.remove_prefix(size);
  }
  out += '"';
}

}  // namespace foretell::detail
