// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/data/time.hpp"
#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

/// A part of a date: year, quarter and month from 1, ISO week, day of the month and of the year from 1, weekday from
/// Monday 0, time of day, and three questions answered by 0 or 1.
enum class CalendarPart : std::uint8_t {
  year,
  quarter,
  month,
  week,
  day,
  day_of_year,
  weekday,
  hour,
  minute,
  second,
  is_weekend,
  is_month_start,
  is_month_end,
};
constexpr auto enum_names(CalendarPart) {
  return std::array<std::string_view, 13>{"year",        "quarter",        "month",       "week",   "day",
                                          "day_of_year", "weekday",        "hour",        "minute", "second",
                                          "is_weekend",  "is_month_start", "is_month_end"};
}

namespace detail {

/// That part of a moment.
inline std::int64_t part_of(const Moment& at, CalendarPart part) {
  switch (part) {
    case CalendarPart::year:
      return at.year;
    case CalendarPart::quarter:
      return (at.month + 2) / 3;
    case CalendarPart::month:
      return at.month;
    case CalendarPart::week:
      return at.week();
    case CalendarPart::day:
      return at.day;
    case CalendarPart::day_of_year:
      return at.day_of_year();
    case CalendarPart::weekday:
      return at.weekday();
    case CalendarPart::hour:
      return at.second_of_day / 3600;
    case CalendarPart::minute:
      return at.second_of_day / 60 % 60;
    case CalendarPart::second:
      return at.second_of_day % 60;
    case CalendarPart::is_weekend:
      return at.weekday() >= 5;
    case CalendarPart::is_month_start:
      return at.day == 1;
    case CalendarPart::is_month_end:
      return at.day == at.days_of_month();
  }
  return 0;
}

/// After how many a part begins again, and where it begins; 0 for parts that do not.
inline std::pair<std::int64_t, std::int64_t> cycle_of(CalendarPart part) {
  switch (part) {
    case CalendarPart::quarter:
      return {4, 1};
    case CalendarPart::month:
      return {12, 1};
    case CalendarPart::week:
      return {53, 1};
    case CalendarPart::day:
      return {31, 1};
    case CalendarPart::day_of_year:
      return {366, 1};
    case CalendarPart::weekday:
      return {7, 0};
    case CalendarPart::hour:
      return {24, 0};
    case CalendarPart::minute:
    case CalendarPart::second:
      return {60, 0};
    case CalendarPart::year:
    case CalendarPart::is_weekend:
    case CalendarPart::is_month_start:
    case CalendarPart::is_month_end:
      break;
  }
  return {0, 0};
}

constexpr double full_turn = 6.283185307179586;

}  // namespace detail

struct CalendarEncoderOptions {
  std::vector<CalendarPart> parts{CalendarPart::month, CalendarPart::weekday, CalendarPart::hour,
                                  CalendarPart::is_weekend};
  bool cyclical = true;   ///< a part that begins again, such as the hour, as sine and cosine: 23 is near 0
  double utc_offset = 0;  ///< hours that the clock is ahead of UTC
};

struct CyclicalEncoderOptions {
  double period = 24;  ///< the values x and x + period are the same
};

namespace detail {

class CalendarReading {
 public:
  static constexpr std::string_view type = "CalendarEncoder";

  explicit CalendarReading(CalendarEncoderOptions options = {}) : options_(std::move(options)) {}

  /// Throws ConfigError for no parts.
  Schema learn(const Frame& x) {
    if (options_.parts.empty()) throw ConfigError("CalendarEncoder: expected parts, received none.");
    need_numbers(x.schema(), type);
    Schema output;
    for (const Field& field : x.schema())
      for (const CalendarPart part : options_.parts) {
        const std::string name = text(field.name, "_", enum_names(part)[static_cast<std::size_t>(part)]);
        if (!turns(part)) {
          output.add({name});
        } else {
          output.add({text(name, "_sin")});
          output.add({text(name, "_cos")});
        }
      }
    return output;
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r) {
      double* y = out.row(r);
      for (std::size_t c = 0; c < in.columns; ++c) {
        const double seconds = in(r, c) + options_.utc_offset * 3600;
        const bool known = std::abs(seconds) < 1e14;
        const Moment moment(known ? seconds : 0);
        for (const CalendarPart part : options_.parts) {
          const auto value = static_cast<double>(part_of(moment, part));
          if (turns(part)) {
            const auto [period, start] = cycle_of(part);
            const double angle = full_turn * (value - static_cast<double>(start)) / static_cast<double>(period);
            *y++ = known ? std::sin(angle) : missing_cell;
            *y++ = known ? std::cos(angle) : missing_cell;
          } else {
            *y++ = known ? value : missing_cell;
          }
        }
      }
    }
  }

  bool fits(std::size_t in, std::size_t out) const {
    std::size_t width = 0;
    for (const CalendarPart part : options_.parts) width += turns(part) ? 2 : 1;
    return width > 0 && out % width == 0 && in == out / width;
  }

  void fields(auto&& f) {
    constexpr auto names = enum_names(CalendarPart::year);
    std::vector<std::string> parts;
    for (const CalendarPart part : options_.parts) parts.emplace_back(names[static_cast<std::size_t>(part)]);
    f("parts", parts);
    f("cyclical", options_.cyclical);
    f("utc_offset", options_.utc_offset);
    options_.parts.clear();
    for (const std::string& part : parts) {
      const auto place = std::find(names.begin(), names.end(), part);
      if (place == names.end())
        throw FormatError(text("CalendarEncoder: there is no part \"", part, "\"; the parts are ", quoted_list(names)));
      options_.parts.push_back(static_cast<CalendarPart>(place - names.begin()));
    }
  }

 private:
  bool turns(CalendarPart part) const { return options_.cyclical && cycle_of(part).first > 0; }

  CalendarEncoderOptions options_;
};

class CyclicalEncoding {
 public:
  static constexpr std::string_view type = "CyclicalEncoder";

  explicit CyclicalEncoding(const CyclicalEncoderOptions& options = {}) : options_(options) {}

  /// Throws ConfigError when the period is not positive.
  Schema learn(const Frame& x) {
    if (!(options_.period > 0 && std::isfinite(options_.period)))
      throw ConfigError(text("CyclicalEncoder: expected period > 0, received ", options_.period, "."));
    need_numbers(x.schema(), type);
    Schema output;
    for (const Field& field : x.schema()) {
      output.add({text(field.name, "_sin")});
      output.add({text(field.name, "_cos")});
    }
    return output;
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < in.columns; ++c) {
        const double angle = full_turn * (std::fmod(in(r, c), options_.period) / options_.period);
        out(r, 2 * c) = std::sin(angle);
        out(r, 2 * c + 1) = std::cos(angle);
      }
  }
  /// Within [0, period).
  void invert(Block out, MutableBlock in, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < in.columns; ++c) {
        const double turn = std::atan2(out(r, 2 * c), out(r, 2 * c + 1)) / full_turn;
        in(r, c) = (turn < 0 ? turn + 1 : turn) * options_.period;
      }
  }

  bool fits(std::size_t in, std::size_t out) const { return out % 2 == 0 && in == out / 2; }
  void fields(auto&& f) { f("period", options_.period); }

 private:
  CyclicalEncoderOptions options_;
};

}  // namespace detail

/// Parts of the date and time behind seconds since 1970, UTC. What is missing, or farther than three million years, is
/// missing in all parts.
template <class T = float>
class CalendarEncoder : public Estimator<CalendarEncoder<T>, detail::CalendarReading, T> {
 public:
  explicit CalendarEncoder(CalendarEncoderOptions options = {}) : CalendarEncoder::Estimator(std::move(options)) {}
};

/// Numbers that begin again after a period as the sine and cosine of their place in it. Missing values stay missing,
/// infinite ones become so.
template <class T = float>
class CyclicalEncoder : public Estimator<CyclicalEncoder<T>, detail::CyclicalEncoding, T> {
 public:
  explicit CyclicalEncoder(CyclicalEncoderOptions options = {}) : CyclicalEncoder::Estimator(options) {}
};

}  // namespace foretell
