// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/data/column.hpp"
#include "foretell/data/csv/number.hpp"
#include "foretell/data/near_match.hpp"

namespace foretell::detail {

/// The words of a name in lower case: "customerID" and "customer_id" are both customer, id.
inline std::vector<std::string> name_words(std::string_view name) {
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool letter = upper(c) || small(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80;
    const bool hump =
        upper(c) && i > 0 && (small(name[i - 1]) || (i + 1 < name.size() && upper(name[i - 1]) && small(name[i + 1])));
    if ((!letter || hump) && !words.back().empty()) words.emplace_back();
    if (letter) words.back() += lower(c);
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

/// id, customer_id, userId, SESSIONID, row index ... : a name for something that is only told apart.
inline bool named_like_id(std::string_view name) {
  const std::vector<std::string> words = name_words(name);
  if (words.empty()) return false;
  const std::string& last = words.back();
  for (const std::string_view sign : {"id", "ids", "uuid", "guid", "idx", "rowid", "pk"})
    if (last == sign || (words.size() > 1 && words.front() == sign)) return true;
  for (const std::string_view owner :
       {"user",     "customer", "client",      "session", "order",  "item",      "product", "visitor", "visit",
        "account",  "member",   "transaction", "invoice", "hh",     "household", "record",  "case",    "patient",
        "employee", "student",  "passenger",   "event",   "device", "person",    "article", "store",   "shop"})
    if (last.size() == owner.size() + 2 && last.substr(0, owner.size()) == owner && last.substr(owner.size()) == "id")
      return true;
  return false;
}

/// Every number that is not missing is whole.
inline bool all_whole(const Column& column) {
  return std::all_of(column.numbers().begin(), column.numbers().end(), [](double value) {
    return std::isnan(value) || (value == std::floor(value) && std::isfinite(value));
  });
}

/// How many words the texts of a category column have in the mean over its dictionary; a letter of a script written
/// without spaces counts as half a word.
inline double mean_words(const Column& column) {
  double words = 0;
  for (const auto& value : column.dictionary()) {
    bool inside = false;
    for (const char c : value) {
      const bool blank = is_blank(c) || c == '\n' || c == '\r';
      words += !blank && !inside;
      inside = !blank;
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0xE3 && byte <= 0xED) words += 0.5;
    }
  }
  return column.dictionary().empty() ? 0 : words / static_cast<double>(column.dictionary().size());
}

/// 2024-05-31, 31.5.2024, 5/31/24, each with or without a time after it.
inline bool is_date(std::string_view s) {
  s = trimmed(s);
  std::size_t i = 0;
  std::size_t lengths[3] = {};
  unsigned values[3] = {};
  char mark = '\0';
  for (int part = 0; part < 3; ++part) {
    for (; i < s.size() && is_digit(s[i]) && lengths[part] < 5; ++i, ++lengths[part])
      values[part] = values[part] * 10 + static_cast<unsigned>(s[i] - '0');
    if (lengths[part] == 0 || lengths[part] > 4) return false;
    if (part == 2) break;
    if (i == s.size() || (s[i] != '-' && s[i] != '/' && s[i] != '.') || (part == 1 && s[i] != mark)) return false;
    mark = s[i++];
  }
  const auto day_and_month = [&](int a, int b) {
    const unsigned high = std::max(values[a], values[b]), low = std::min(values[a], values[b]);
    return lengths[a] <= 2 && lengths[b] <= 2 && low >= 1 && low <= 12 && high <= 31;
  };
  const bool year_first = lengths[0] == 4 && day_and_month(1, 2);
  const bool year_last = (lengths[2] == 4 || lengths[2] == 2) && day_and_month(0, 1);
  if (!year_first && !year_last) return false;
  if (i == s.size()) return true;
  if (s[i] != ' ' && s[i] != 'T' && s[i] != ',') return false;
  while (++i < s.size())
    if (!is_digit(s[i]) && std::string_view(" :.+-ZzAaPpMmUTC").find(s[i]) == std::string_view::npos) return false;
  return true;
}

/// Nineteen of twenty values read as dates: texts, or whole numbers such as 20240531 in a column named date.
inline bool looks_like_date(const Column& column) {
  std::size_t dates = 0, looked = 0;
  if (column.kind() == Kind::category) {
    for (const auto& value : column.dictionary()) {
      dates += is_date(value);
      if (++looked == 1000) break;
    }
  } else if (column.kind() == Kind::number) {
    const std::vector<std::string> words = name_words(column.name());
    if (std::none_of(words.begin(), words.end(),
                     [](const std::string& w) { return w == "date" || w == "day" || w == "dt"; }))
      return false;
    for (const double value : column.numbers()) {
      if (std::isnan(value)) continue;
      const bool range = value >= 19000101 && value <= 21001231 && value == std::floor(value);
      const auto whole = range ? static_cast<unsigned>(value) : 0u;
      dates += range && whole % 100 >= 1 && whole % 100 <= 31 && whole / 100 % 100 >= 1 && whole / 100 % 100 <= 12;
      if (++looked == 1000) break;
    }
  }
  return looked > 0 && dates * 20 >= looked * 19;
}

}  // namespace foretell::detail
