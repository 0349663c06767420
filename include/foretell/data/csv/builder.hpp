// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/data/column.hpp"
#include "foretell/data/csv/number.hpp"
#include "foretell/data/csv/scan.hpp"
#include "foretell/data/kind_from.hpp"
#include "foretell/data/near_match.hpp"
#include "foretell/data/time.hpp"

namespace foretell::detail {

/// A few short texts, blanks around them aside, found fast: most fields are ruled out by their first letter and their
/// size.
class FewTexts {
 public:
  FewTexts() = default;
  explicit FewTexts(const std::vector<std::string>& texts) {
    for (const auto& t : texts) texts_.emplace_back(trimmed(t));
    for (auto& t : texts_) {
      if (t.empty())
        empty_ = true;
      else
        sizes_[static_cast<unsigned char>(t[0])] |= bit(t.size());
    }
  }

  bool contains(std::string_view s) const {
    if (s.empty()) return empty_;
    return (sizes_[static_cast<unsigned char>(s[0])] & bit(s.size())) != 0 && is_one(s);
  }

 private:
  bool is_one(std::string_view s) const { return std::find(texts_.begin(), texts_.end(), s) != texts_.end(); }
  static std::uint32_t bit(std::size_t size) { return std::uint32_t{1} << std::min<std::size_t>(size, 31); }

  std::vector<std::string> texts_;
  std::array<std::uint32_t, 256> sizes_{};  ///< of the texts that begin with a letter, a bit each
  bool empty_ = false;
};

/// `s`, whatever its case, is `word` (given in lower case).
inline bool is_word(std::string_view s, std::string_view word) {
  if (s.size() != word.size()) return false;
  for (std::size_t i = 0; i < s.size(); ++i)
    if (lower(s[i]) != word[i]) return false;
  return true;
}

/// How fields of one file are understood.
struct CsvRules {
  explicit CsvRules(const CsvOptions& options)
      : missing(options.missing),
        missing_number(options.missing_numbers),
        true_values(options.true_values),
        false_values(options.false_values),
        own_true(!options.true_values.empty()),
        own_false(!options.false_values.empty()),
        trim(options.trim),
        quoted_is_text(options.quoted_is_text),
        quote(options.quote),
        decimal(options.decimal),
        thousands(options.thousands),
        usual_numbers(options.decimal == '.' && options.thousands == '\0') {
    for (const auto* markers : {&options.missing, &options.missing_numbers})
      for (const auto& marker : *markers) {
        double value = 0;
        const NumberRead read = read_number(trimmed(marker), decimal, thousands, value);
        if (read == NumberRead::yes) missing_values.push_back(value);
        usual_numbers &= read == NumberRead::no;
        usual_booleans &= boolean(trimmed(marker)) < 0;
      }
  }

  /// Whether this is the number of a missing marker, however it is spelled: -999.0 for -999.
  bool missing_value(double value) const {
    return !missing_values.empty() &&
           std::find(missing_values.begin(), missing_values.end(), value) != missing_values.end();
  }

  /// 1, 0, or -1 when `s` spells neither true nor false.
  int boolean(std::string_view s) const {
    if (own_true ? true_values.contains(s) : is_word(s, "true") || is_word(s, "yes")) return 1;
    if (own_false ? false_values.contains(s) : is_word(s, "false") || is_word(s, "no")) return 0;
    return -1;
  }

  FewTexts missing, missing_number, true_values, false_values;
  bool own_true, own_false, trim, quoted_is_text;
  char quote, decimal, thousands;
  std::vector<double> missing_values;
  bool usual_numbers;  ///< what reads as a number is one: no marks of its own, and no missing marker looks like one
  bool usual_booleans = true;  ///< what spells true or false is a boolean: no missing marker does
};

/// Collects one column. Starts with the narrowest kind its fields allow; a later field that does not fit asks for the
/// text to be read once more with the column as category.
class CsvColumn {
 public:
  /// With `time`, the format of the times it holds.
  CsvColumn(std::string name, std::optional<Kind> kind, KindFrom from, std::optional<std::string> time = {})
      : name_(std::move(name)), forced_(time ? Kind::number : kind), from_(from), time_(std::move(time)) {
    start(forced_);
  }

  const std::string& name() const { return name_; }
  bool again() const { return state_ == State::again; }

  /// Empties the column, to be read again as category.
  void restart() { start(Kind::category); }

  /// Makes room for `rows` rows in all.
  void reserve(std::size_t rows) {
    if (state_ == State::number || state_ == State::open) numbers_.reserve(rows);
    if (state_ == State::category) codes_.reserve(rows);
    if (state_ == State::boolean) flags_.reserve(rows);
  }

  /// Takes in the fields first[0], first[stride] ...; returns the place of the first that cannot be of the given kind.
  std::optional<std::size_t> append(const CsvField* first, std::size_t stride, std::size_t count,
                                    const CsvRules& rules) {
    if (state_ == State::again || state_ == State::done) return {};
    const bool fresh = rows() == 0;
    std::size_t i = 0;
    while (i < count) {
      switch (state_) {
        case State::open:
          i = append_open(first, stride, i, count, rules);
          break;
        case State::number:
          i = time_ ? append_times(first, stride, i, count, rules) : append_numbers(first, stride, i, count, rules);
          break;
        case State::boolean:
          i = append_booleans(first, stride, i, count, rules);
          break;
        default:
          i = append_texts(first, stride, i, count, rules);
          break;
      }
      if (i == count || state_ != State::stuck) continue;
      if (forced_) return i;
      if (!fresh) {
        state_ = State::again;
        clear();
        return {};
      }
      restart();
      i = 0;
    }
    return {};
  }

  /// The finished column; this one is empty afterwards.
  Column finish() {
    Column column;
    if (state_ == State::category)
      column = Column::from_codes(std::move(codes_), std::move(dictionary_).values());
    else if (state_ == State::boolean)
      column = finish_booleans();
    else
      column = Column(std::move(numbers_));
    clear();
    state_ = State::done;
    return std::move(column).named(std::move(name_));
  }

 private:
  enum class State : std::uint8_t {
    open,  // no value yet: rows are NaN
    number,
    boolean,
    category,
    stuck,  // the next field does not fit
    again,
    done
  };

  void start(std::optional<Kind> kind) {
    clear();
    state_ = !kind                     ? State::open
             : *kind == Kind::number   ? State::number
             : *kind == Kind::category ? State::category
                                       : State::boolean;
  }

  void clear() {
    numbers_ = {};
    codes_ = {};
    flags_ = {};
    dictionary_ = Dictionary();
    spelled_ = {};
    dashes_ = false;
  }

  /// A value that no row has is spelled to match the other: Yes and No, TRUE and FALSE.
  Column finish_booleans() {
    for (const std::size_t absent : {0u, 1u}) {
      std::string& spelling = spelled_[absent];
      const std::string& other = spelled_[1 - absent];
      if (!spelling.empty()) continue;
      const bool short_form = is_word(other, "yes") || is_word(other, "no");
      spelling = short_form ? (absent ? "yes" : "no") : (absent ? "true" : "false");
      for (std::size_t i = 0; i < spelling.size() && !other.empty(); ++i)
        if (const char model = other[std::min<std::size_t>(i, 1)]; model >= 'A' && model <= 'Z')
          spelling[i] = static_cast<char>(spelling[i] - 'a' + 'A');
    }
    return Column::from_booleans(std::move(flags_), spelled_[0], spelled_[1]);
  }

  std::size_t rows() const { return numbers_.size() + codes_.size() + flags_.size(); }

  static std::string_view plain(const CsvField& field, const CsvRules& rules, std::string& room) {
    return trimmed(field_text(field, rules.quote, room));
  }

  /// Whether quotes make a field a text here.
  bool heeds_quotes(const CsvRules& rules) const { return rules.quoted_is_text && from_ != KindFrom::caller; }

  std::size_t append_open(const CsvField* first, std::size_t stride, std::size_t i, std::size_t count,
                          const CsvRules& rules) {
    for (; i < count; ++i) {
      const CsvField& field = first[i * stride];
      const bool quoted = field.quoted && rules.quoted_is_text;
      const std::string_view s = plain(field, rules, room_);
      if (quoted || !rules.missing.contains(s)) {
        double value = 0;
        const bool is_number = !quoted && read_number(s, rules.decimal, rules.thousands, value) == NumberRead::yes;
        if (!quoted && (rules.missing_number.contains(s) || (is_number && rules.missing_value(value)))) {
          dashes_ = true;
        } else {
          const std::size_t before = numbers_.size();
          if (is_number) {
            state_ = State::number;
          } else if (dashes_) {  // the dashes seen so far are texts after all
            state_ = State::stuck;
          } else if (!quoted && rules.boolean(s) >= 0) {
            state_ = State::boolean;
            flags_.assign(before, -1);
            numbers_ = {};
          } else {
            state_ = State::category;
            codes_.assign(before, -1);
            numbers_ = {};
          }
          return i;
        }
      }
      numbers_.push_back(std::numeric_limits<double>::quiet_NaN());
    }
    return i;
  }

  std::size_t append_numbers(const CsvField* first, std::size_t stride, std::size_t i, std::size_t count,
                             const CsvRules& rules) {
    const bool heeds_quotes = this->heeds_quotes(rules);
    for (; i < count; ++i) {
      const CsvField& field = first[i * stride];
      if (heeds_quotes && field.quoted) {
        state_ = State::stuck;
        break;
      }
      double value = 0;
      NumberRead read = rules.usual_numbers ? read_number(field.raw(), value) : NumberRead::no;
      if (read == NumberRead::no) {  // blanks around it, another notation, missing
        const std::string_view s = plain(field, rules, room_);
        if (rules.missing.contains(s) || rules.missing_number.contains(s)) {
          value = std::numeric_limits<double>::quiet_NaN();
          read = NumberRead::yes;
        } else {
          read = read_number(s, rules.decimal, rules.thousands, value);
          if (read == NumberRead::yes && rules.missing_value(value)) value = std::numeric_limits<double>::quiet_NaN();
        }
      }
      if (read == NumberRead::no || (read == NumberRead::code && from_ != KindFrom::caller)) {
        state_ = State::stuck;
        break;
      }
      numbers_.push_back(value);
    }
    return i;
  }

  std::size_t append_times(const CsvField* first, std::size_t stride, std::size_t i, std::size_t count,
                           const CsvRules& rules) {
    for (; i < count; ++i) {
      const std::string_view s = plain(first[i * stride], rules, room_);
      const bool missing = rules.missing.contains(s) || rules.missing_number.contains(s);
      const double value = missing ? std::numeric_limits<double>::quiet_NaN() : read_time(s, *time_);
      if (std::isnan(value) && !missing) {
        state_ = State::stuck;
        break;
      }
      numbers_.push_back(value);
    }
    return i;
  }

  std::size_t append_booleans(const CsvField* first, std::size_t stride, std::size_t i, std::size_t count,
                              const CsvRules& rules) {
    const bool heeds_quotes = this->heeds_quotes(rules);
    for (; i < count; ++i) {
      const CsvField& field = first[i * stride];
      if (heeds_quotes && field.quoted) {
        state_ = State::stuck;
        break;
      }
      const std::string_view s = plain(field, rules, room_);
      int value = rules.usual_booleans || !rules.missing.contains(s) ? rules.boolean(s) : -1;
      if (value < 0 && from_ == KindFrom::caller && (s == "0" || s == "1") && !rules.missing.contains(s))
        value = s[0] - '0';
      if (value >= 0) {
        if (spelled_[static_cast<std::size_t>(value)].empty()) spelled_[static_cast<std::size_t>(value)] = s;
      } else if (!rules.missing.contains(s)) {
        state_ = State::stuck;
        break;
      }
      flags_.push_back(static_cast<std::int8_t>(value));
    }
    return i;
  }

  std::size_t append_texts(const CsvField* first, std::size_t stride, std::size_t i, std::size_t count,
                           const CsvRules& rules) {
    constexpr std::size_t ahead = 12;
    for (; i < count; ++i) {
      if (i + ahead < count) dictionary_.prefetch(first[(i + ahead) * stride].raw());
      const CsvField& field = first[i * stride];
      std::string_view s = field_text(field, rules.quote, room_);
      if (rules.trim) s = trimmed(s);
      const bool missing = rules.missing.contains(trimmed(s)) && !(field.quoted && rules.quoted_is_text);
      codes_.push_back(missing ? -1 : dictionary_.add(s));
    }
    return i;
  }

  std::string name_;
  std::optional<Kind> forced_;
  KindFrom from_;
  std::optional<std::string> time_;
  State state_ = State::open;
  std::vector<double> numbers_;
  std::vector<std::int32_t> codes_;
  std::vector<std::int8_t> flags_;
  Dictionary dictionary_;
  std::array<std::string, 2> spelled_;
  bool dashes_ = false;
  std::string room_;
};

}  // namespace foretell::detail
