// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "foretell/core/error.hpp"
#include "foretell/data/csv/number.hpp"
#include "foretell/data/csv/options.hpp"
#include "foretell/data/table_text.hpp"

namespace foretell::detail {

/// Steps over the places of up to four letters in a text, 64 bytes at a time.
class LetterScan {
 public:
  LetterScan(std::string_view text, std::size_t start, char a, char b, char c, char d)
      : text_(text), letters_{a, b, c, d} {
    fill(start / 64 * 64);
    mask_ &= ~std::uint64_t{0} << start % 64;
  }

  /// The next place, in ascending order; the text's size when there is none.
  std::size_t next() {
    if (mask_ == 0 && !fill_next()) return text_.size();
    const auto bit = static_cast<std::size_t>(std::countr_zero(mask_));
    mask_ &= mask_ - 1;
    return base_ + bit;
  }

 private:
  /// Goes on to the next 64 bytes that hold one of the letters; false at the end of the text.
  bool fill_next() {
    while (mask_ == 0) {
      if (base_ + 64 >= text_.size()) return false;
      fill(base_ + 64);
    }
    return true;
  }

  void fill(std::size_t base) {
    base_ = base;
    mask_ = 0;
    if (base >= text_.size()) return;
    const std::size_t left = text_.size() - base;
    if (left >= 64) {
      mask_ = find(text_.data() + base);
    } else {
      char padded[64] = {};
      std::memcpy(padded, text_.data() + base, left);
      mask_ = find(padded) & ((std::uint64_t{1} << left) - 1);
    }
  }

  std::uint64_t find(const char* bytes) const {
    std::uint64_t mask = 0;
#if defined(__SSE2__)
    const __m128i a = _mm_set1_epi8(letters_[0]), b = _mm_set1_epi8(letters_[1]), c = _mm_set1_epi8(letters_[2]),
                  d = _mm_set1_epi8(letters_[3]);
    for (int i = 0; i < 4; ++i) {
      __m128i x;
      std::memcpy(&x, bytes + 16 * i, 16);
      const __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(x, a), _mm_cmpeq_epi8(x, b)),
                                       _mm_or_si128(_mm_cmpeq_epi8(x, c), _mm_cmpeq_epi8(x, d)));
      mask |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(hit))) << (16 * i);
    }
#else
    typedef unsigned char Bytes __attribute__((vector_size(16)));
    const auto is = [](const Bytes& x, char letter) { return x == Bytes{} + static_cast<unsigned char>(letter); };
    const auto add_pairs = [](const Bytes& x, const Bytes& y) {
      return __builtin_shufflevector(x, y, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30) +
             __builtin_shufflevector(x, y, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    };
    Bytes bits[4];  // of every letter that is found, its bit in a byte of the mask
    for (int i = 0; i < 4; ++i) {
      Bytes x;
      std::memcpy(&x, bytes + 16 * i, 16);
      bits[i] = Bytes{1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128} &
                (Bytes)(is(x, letters_[0]) | is(x, letters_[1]) | is(x, letters_[2]) | is(x, letters_[3]));
    }
    const Bytes quarters = add_pairs(add_pairs(bits[0], bits[1]), add_pairs(bits[2], bits[3]));
    const Bytes halves = add_pairs(quarters, quarters);
    std::memcpy(&mask, &halves, sizeof mask);
#endif
    return mask;
  }

  std::string_view text_;
  char letters_[4];
  std::size_t base_ = 0;
  std::uint64_t mask_ = 0;
};

/// One field as it stands in the text, without its quotes.
struct CsvField {
  const char* data = nullptr;
  std::uint32_t size = 0;
  bool quoted = false;
  bool doubled = false;  ///< holds doubled quotes, to be halved

  std::string_view raw() const { return {data, size}; }
};

/// The field's text; `room` holds it when doubled quotes have to be halved.
inline std::string_view field_text(const CsvField& field, char quote, std::string& room) {
  if (!field.doubled) return field.raw();
  room.clear();
  for (std::size_t i = 0; i < field.size; ++i) {
    room += field.data[i];
    if (field.data[i] == quote) ++i;
  }
  return room;
}

/// The number of the line, from 1, on which a place in the text stands.
inline std::size_t line_of(std::string_view text, std::size_t place) {
  std::size_t line = 1;
  for (std::size_t i = 0; i < place && i < text.size(); ++i)
    line += text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'));
  return line;
}

/// Where a text came from: the file's name, and what stood before the text in it.
struct CsvSource {
  std::string name;
  std::size_t lines_before = 0;
  bool to_the_end = true;  ///< false: more of the file comes after the text, whose last record may be cut off

  /// file.csv, line 7
  std::string where(std::string_view all, std::size_t place) const {
    return text(name, ", line ", lines_before + line_of(all, place));
  }
};

/// Cuts a text, from `start` on, into records and fields.
class CsvScan {
 public:
  CsvScan(std::string_view text, const CsvOptions& options, const CsvSource& source, std::size_t start = 0)
      : text_(text),
        source_(source),
        delimiter_(options.delimiter),
        quote_(options.quote),
        comment_(options.comment),
        trim_(options.trim),
        scan_(text, start, options.delimiter, '\n', '\r', options.quote == '\0' ? '\n' : options.quote),
        place_(start),
        record_(start) {}

  /// Appends the fields of the next record that is not an empty line or a comment; false at the end of the text, and at
  /// a record that reaches it while more of the file is to come. A line of nothing but blanks is empty too, unless
  /// `one_column`. Throws DataError for a quote that is not closed.
  bool next(std::vector<CsvField>& fields, bool one_column = false) {
    const std::size_t before = fields.size();
    while (place_ < text_.size()) {
      record_ = place_;
      if (comment_ != '\0' && text_[place_] == comment_) {
        skip_line();
        if (cut_off()) break;
        continue;
      }
      while (read_field(fields)) {
      }
      if (cut_off()) break;
      const CsvField& only = fields[before];
      if (fields.size() > before + 1 || only.quoted) return true;
      if (only.size != 0 && (one_column || !trimmed(only.raw()).empty())) return true;
      fields.resize(before);
    }
    if (cut_off()) {
      fields.resize(before);
      place_ = record_;
    }
    return false;
  }

  /// Goes past the next line end, whatever the line holds.
  void skip_line() {
    std::size_t p = place_;
    do p = scan_.next();
    while (p < text_.size() && text_[p] != '\n' && text_[p] != '\r');
    end_line(p);
  }

  std::size_t place() const { return place_; }
  /// Where the record that was read last begins.
  std::size_t record() const { return record_; }

 private:
  std::string where(std::size_t place) const { return source_.where(text_, place); }
  /// The record that was read last reaches the end of a text that is not the end of the file.
  bool cut_off() const { return !source_.to_the_end && place_ >= text_.size(); }

  /// Reads one field; false when it was the last of its record.
  bool read_field(std::vector<CsvField>& fields) {
    std::size_t begin = place_;
    if (trim_)
      while (begin < text_.size() && is_blank(text_[begin]) && text_[begin] != delimiter_) ++begin;
    if (quote_ != '\0' && begin < text_.size() && text_[begin] == quote_) return read_quoted(fields, begin);
    begin = place_;
    std::size_t end = scan_.next();
    while (end < text_.size() && text_[end] == quote_ && text_[end] != delimiter_) end = scan_.next();
    push(fields, begin, end, false, false);
    return end_field(end);
  }

  bool read_quoted(std::vector<CsvField>& fields, std::size_t open) {
    std::size_t close = scan_.next();  // the opening quote itself
    bool doubled = false;
    for (;;) {
      close = scan_.next();
      if (close >= text_.size() && !source_.to_the_end) {
        push(fields, open, open, true, false);
        return end_field(close);
      }
      if (close >= text_.size())
        throw DataError(foretell::text("CSV ", where(open), ": the quote that opens field ", number(fields),
                                       " is never closed; double the quotes inside fields, or set quote = '\\0'."));
      if (text_[close] != quote_) continue;
      if (close + 1 >= text_.size() || text_[close + 1] != quote_) break;
      doubled = true;
      scan_.next();
    }
    push(fields, open + 1, close, true, doubled);
    std::size_t after = close + 1;
    while (after < text_.size() && is_blank(text_[after]) && text_[after] != delimiter_) ++after;
    if (after < text_.size() && text_[after] != delimiter_ && text_[after] != '\n' && text_[after] != '\r')
      throw DataError(foretell::text("CSV ", where(close), ": field ", number(fields) - 1,
                                     " goes on after its closing quote (",
                                     one_line(text_.substr(open, close + 1 - open), 40),
                                     "); double the quotes inside fields, or set quote = '\\0'."));
    return end_field(after < text_.size() ? scan_.next() : text_.size());
  }

  void push(std::vector<CsvField>& fields, std::size_t begin, std::size_t end, bool quoted, bool doubled) {
    if (end - begin > std::numeric_limits<std::uint32_t>::max())
      throw DataError(foretell::text("CSV ", where(begin), ": a field is longer than 4 GiB; is a quote missing?"));
    CsvField& field = fields.emplace_back();  // filled in place: no copy that waits for its own small stores
    field.data = text_.data() + begin;
    field.size = static_cast<std::uint32_t>(end - begin);
    field.quoted = quoted;
    field.doubled = doubled;
  }

  bool end_field(std::size_t end) {
    if (end < text_.size() && text_[end] == delimiter_) {
      place_ = end + 1;
      return true;
    }
    end_line(end);
    return false;
  }

  void end_line(std::size_t end) {
    if (end < text_.size() && text_[end] == '\r' && end + 1 < text_.size() && text_[end + 1] == '\n')
      end = scan_.next();
    place_ = std::min(end + 1, text_.size());
  }

  /// The number, from 1, of the field of this record that comes next.
  std::size_t number(const std::vector<CsvField>& fields) const {
    std::size_t count = 1;
    for (std::size_t i = fields.size(); i > 0 && fields[i - 1].data >= text_.data() + record_; --i) ++count;
    return count;
  }

  std::string_view text_;
  const CsvSource& source_;
  char delimiter_, quote_, comment_;
  bool trim_;
  LetterScan scan_;
  std::size_t place_;
  std::size_t record_;
};

}  // namespace foretell::detail
