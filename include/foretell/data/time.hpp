// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/data/column.hpp"
#include "foretell/data/csv/number.hpp"

// Times are numbers: seconds since 1970-01-01 00:00 UTC, without leap seconds, as in a Unix time.

namespace foretell {

namespace detail {

/// A time in seconds since 1970 as the Gregorian calendar has it, and its parts.
struct Moment {
  std::int64_t days = 0, second_of_day = 0, year = 1970, month = 1, day = 1;

  explicit Moment(double seconds) {
    const double whole_days = std::floor(seconds / 86400);
    days = static_cast<std::int64_t>(whole_days);
    second_of_day =
        std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(seconds - whole_days * 86400)), 0, 86399);
    // Eras of 400 years from 0000-03-01, in which a leap day is the last of its year.
    const std::int64_t shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    const std::int64_t of_era = shifted - era * 146097;
    const std::int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted_month = (5 * of_year + 2) / 153;
    day = of_year - (153 * shifted_month + 2) / 5 + 1;
    month = shifted_month + (shifted_month < 10 ? 3 : -9);
    year = year_of_era + era * 400 + (month <= 2);
  }

  /// Days from 1970-01-01 to a date of the Gregorian calendar.
  static std::int64_t days_until(std::int64_t year, std::int64_t month, std::int64_t day) {
    const std::int64_t shifted = year - (month <= 2), era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    const std::int64_t of_era = shifted - era * 400, of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
  }
  static bool leap(std::int64_t y) { return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0); }
  static std::int64_t days_of_month(std::int64_t year, std::int64_t month) {
    constexpr std::int64_t length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return length[month - 1] + (month == 2 && leap(year));
  }

  std::int64_t days_of_month() const { return days_of_month(year, month); }
  static std::int64_t weekday(std::int64_t days) { return ((days + 3) % 7 + 7) % 7; }  ///< from Monday, 0

  std::int64_t weekday() const { return weekday(days); }
  std::int64_t day_of_year() const { return days - days_until(year, 1, 1) + 1; }
  /// The week of ISO 8601: the first has the first Thursday of its year.
  std::int64_t week() const {
    const std::int64_t thursday = day_of_year() - 1 - weekday() + 3, length = 365 + leap(year);
    if (thursday < 0) return (thursday + 365 + leap(year - 1)) / 7 + 1;
    return (thursday >= length ? thursday - length : thursday) / 7 + 1;
  }
};

constexpr std::array<std::string_view, 12> month_names{"January",   "February", "March",    "April",
                                                       "May",       "June",     "July",     "August",
                                                       "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> weekday_names{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                        "Friday", "Saturday", "Sunday"};

/// Reads a time from the front of a text, part by part.
class TimeReader {
 public:
  explicit TimeReader(std::string_view s) : s_(s) {}

  /// By a format of %-letters; false when the text is another.
  bool read(std::string_view format) {
    for (std::size_t i = 0; i < format.size(); ++i) {
      if (format[i] == ' ') {
        while (!s_.empty() && s_.front() == ' ') s_.remove_prefix(1);
      } else if (format[i] != '%' || i + 1 == format.size()) {
        if (!letter(format[i])) return false;
      } else if (!part(format[++i])) {
        return false;
      }
    }
    return s_.empty() && valid();
  }
  /// ISO 8601: a date, as in 2026-05-31, 20260531, 2026-05, 2026, 2026-W22-7 or 2026-151, and a time, as in T12,
  /// T12:30, T123015.25, with a zone or none. 24:00 ends a day; a second 60 is the first of the next minute.
  bool read_iso() {
    if (!iso_date()) return false;
    if (s_.empty()) return valid();
    if (!whole_date_ || !(letter('T') || letter(' ') || letter('t')) || !digits(2, 2, hour_)) return false;
    const bool colons = letter(':');
    if ((colons || next_is_digit()) && !digits(2, 2, minute_)) return false;
    if (colons ? letter(':') : next_is_digit()) {
      if (!digits(2, 2, second_) || ((letter('.') || letter(',')) && !fraction())) return false;
    }
    bool blank = false;
    while (letter(' ')) blank = true;
    if (s_.empty() ? blank : !iso_zone()) return false;
    if (hour_ == 24 && minute_ == 0 && second_ == 0 && fraction_ == 0) {
      hour_ = 0;
      ++days_later_;
    }
    return s_.empty() && valid();
  }

  double seconds() const {
    const std::int64_t days = days_later_ + (day_of_year_ ? Moment::days_until(year_, 1, 1) + day_of_year_ - 1
                                                          : Moment::days_until(year_, month_, day_));
    const std::int64_t hour = half_ < 0 ? hour_ : hour_ % 12 + 12 * half_;
    return epoch_ + static_cast<double>(days * 86400 + hour * 3600 + minute_ * 60 + second_ - offset_) + fraction_;
  }

 private:
  bool iso_date() {
    if (!digits(4, 4, year_)) return false;
    if (s_.empty()) return true;
    const bool dashes = letter('-');
    if (letter('W')) return iso_week(dashes);
    whole_date_ = true;
    if (dashes && s_.size() >= 3 && is_digit(s_[2])) return digits(3, 3, day_of_year_) && day_of_year_ >= 1;
    if (!digits(2, 2, month_)) return false;
    if (dashes && s_.empty()) return true;
    return (!dashes || letter('-')) && digits(2, 2, day_);
  }
  /// The week, whose Monday it is when no day follows.
  bool iso_week(bool dashes) {
    std::int64_t week = 0, day = 1;
    if (!digits(2, 2, week)) return false;
    if (dashes ? letter('-') : next_is_digit()) {
      if (!digits(1, 1, day)) return false;
      whole_date_ = true;
    }
    const auto day_of_week_1 = [](std::int64_t year) {  // Monday of the week that January 4th is in
      const std::int64_t fourth = Moment::days_until(year, 1, 4);
      return fourth - Moment::weekday(fourth);
    };
    const std::int64_t first = day_of_week_1(year_);
    if (week < 1 || day < 1 || day > 7 || first + week * 7 > day_of_week_1(year_ + 1)) return false;
    days_later_ = first + (week - 1) * 7 + day - 1 - Moment::days_until(year_, 1, 1);
    return true;
  }
  bool iso_zone() {
    for (const std::string_view name : {std::string_view("UTC"), std::string_view("GMT")})
      if (s_ == name) {
        s_ = {};
        return true;
      }
    return letter('z') || zone();
  }
  bool next_is_digit() const { return !s_.empty() && is_digit(s_.front()); }

  bool valid() const {
    return month_ >= 1 && month_ <= 12 && day_ >= 1 && day_ <= Moment::days_of_month(year_, month_) && hour_ <= 23 &&
           minute_ <= 59 && second_ <= 60 && (half_ < 0 || (hour_ >= 1 && hour_ <= 12)) &&
           day_of_year_ <= 365 + Moment::leap(year_);
  }
  bool letter(char c) {
    if (s_.empty() || s_.front() != c) return false;
    s_.remove_prefix(1);
    return true;
  }
  bool digits(std::size_t least, std::size_t most, std::int64_t& value) {
    std::int64_t read = 0;
    std::size_t count = 0;
    for (; count < most && count < s_.size() && s_[count] >= '0' && s_[count] <= '9'; ++count)
      read = read * 10 + (s_[count] - '0');
    if (count < least) return false;
    value = read;
    s_.remove_prefix(count);
    return true;
  }
  /// Digits behind the mark; as many count as a double holds.
  bool fraction() {
    std::size_t count = 0;
    double value = 0, unit = 1;
    for (; count < s_.size() && is_digit(s_[count]); ++count)
      if (count < 15) {
        value = value * 10 + (s_[count] - '0');
        unit *= 10;
      }
    fraction_ = value / unit;
    s_.remove_prefix(count);
    return count > 0;
  }
  bool zone() {
    if (letter('Z')) return true;
    const bool west = !s_.empty() && s_.front() == '-';
    if (!letter('+') && !letter('-')) return false;
    std::int64_t hours = 0, minutes = 0;
    if (!digits(2, 2, hours)) return false;
    if (letter(':') ? !digits(2, 2, minutes) : !s_.empty() && !digits(2, 2, minutes)) return false;
    offset_ = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
    return hours <= 23 && minutes <= 59;
  }
  /// One of the names, or its first three letters, in any case.
  template <std::size_t N>
  bool word(const std::array<std::string_view, N>& names, std::int64_t& place) {
    const auto begins = [&](std::string_view name) {
      if (s_.size() < name.size()) return false;
      for (std::size_t i = 0; i < name.size(); ++i)
        if ((s_[i] | 0x20) != (name[i] | 0x20)) return false;
      return true;
    };
    for (const bool whole : {true, false})
      for (std::size_t i = 0; i < N; ++i)
        if (const std::string_view name = whole ? names[i] : names[i].substr(0, 3); begins(name)) {
          place = static_cast<std::int64_t>(i);
          s_.remove_prefix(name.size());
          return true;
        }
    return false;
  }
  bool part(char code) {
    std::int64_t ignored = 0;
    switch (code) {
      case 'Y':
        return digits(4, 4, year_);
      case 'y':
        if (!digits(2, 2, year_)) return false;
        year_ += year_ < 69 ? 2000 : 1900;
        return true;
      case 'm':
        return digits(1, 2, month_);
      case 'd':
      case 'e':
        return digits(1, 2, day_);
      case 'j':
        return digits(1, 3, day_of_year_) && day_of_year_ >= 1;
      case 'H':
      case 'I':
        return digits(1, 2, hour_);
      case 'M':
        return digits(1, 2, minute_);
      case 'S':
        return digits(1, 2, second_);
      case 'f':
        return fraction();
      case 'p':
        if (s_.size() < 2 || (s_[1] | 0x20) != 'm' || ((s_[0] | 0x20) != 'a' && (s_[0] | 0x20) != 'p')) return false;
        half_ = (s_[0] | 0x20) == 'p';
        s_.remove_prefix(2);
        return true;
      case 'b':
      case 'B':
        if (!word(month_names, month_)) return false;
        ++month_;
        return true;
      case 'a':
      case 'A':
        return word(weekday_names, ignored);
      case 'z':
        return zone();
      case 's': {
        const bool negative = letter('-');
        std::int64_t epoch = 0;
        if (!digits(1, 17, epoch)) return false;
        epoch_ = static_cast<double>(negative ? -epoch : epoch);
        return true;
      }
      case 'T':
        return part('H') && letter(':') && part('M') && letter(':') && part('S');
      case 'F':
        return part('Y') && letter('-') && part('m') && letter('-') && part('d');
      case '%':
        return letter('%');
      default:
        return false;
    }
  }

  std::string_view s_;
  std::int64_t year_ = 1970, month_ = 1, day_ = 1, day_of_year_ = 0, hour_ = 0, minute_ = 0, second_ = 0, offset_ = 0;
  std::int64_t days_later_ = 0;
  bool whole_date_ = false;
  int half_ = -1;
  double fraction_ = 0, epoch_ = 0;
};

/// The %-letters that a format may have: both ways, reading and writing.
inline void check_time_format(std::string_view format) {
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    if (i + 1 < format.size() &&
        std::string_view("YymdejHIMSfpbBaAzsTF%").find(format[i + 1]) != std::string_view::npos)
      ++i;
    else
      throw ConfigError(
          text("Time format \"", format,
               "\": expected %Y %y %m %d %e %j %H %I %M %S %f %p %b %B %a %A %z %s %T %F or %%, received \"",
               format.substr(i, 2), "\""));
  }
}

/// Seconds since 1970, NaN when the text is no time of that format; a checked format, "" for ISO 8601.
inline double read_time(std::string_view s, std::string_view format) {
  TimeReader reader(s);
  return (format.empty() ? reader.read_iso() : reader.read(format)) ? reader.seconds()
                                                                    : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace detail

/// Seconds since 1970, UTC, of a time as text: ISO 8601 ("2026-05-31", "2026-05-31T12:30:15.25+02:00", "2026-05", "T"
/// and "Z" small or a blank, a blank before the zone, "UTC" for it, weeks and days of the year), or a format as of
/// strptime ("%d.%m.%Y %H:%M"), with English names. Without a zone it is UTC. Throws DataError for a text of another
/// form or a date that does not exist, ConfigError for an unknown letter of the format.
inline double parse_time(std::string_view s, std::string_view format = {}) {
  detail::check_time_format(format);
  const double seconds = detail::read_time(s, format);
  if (std::isnan(seconds))
    throw DataError(text("parse_time: expected a time ",
                         format.empty() ? "as in 2026-05-31 12:30:00" : "of the format ", format, ", received \"", s,
                         "\""));
  return seconds;
}

/// The text of a time, UTC, rounded to the microsecond (half to even, as Python's datetime), in a strftime format; ""
/// for NaN and for times farther than three million years.
inline std::string format_time(double seconds, std::string_view format = "%Y-%m-%d %H:%M:%S") {
  detail::check_time_format(format);
  if (!(std::abs(seconds) < 1e14)) return {};
  double whole = std::floor(seconds), microseconds = std::nearbyint((seconds - whole) * 1e6);
  if (microseconds == 1e6) {
    whole += 1;
    microseconds = 0;
  }
  const detail::Moment at(whole);
  std::string out;
  const auto padded = [&](std::int64_t value, std::size_t width) {
    const std::string digits = text(value < 0 ? -value : value);
    if (value < 0) out += '-';
    out.append(digits.size() < width ? width - digits.size() : 0, '0');
    out += digits;
  };
  const auto put = [&](char code, const auto& self) -> void {
    const std::int64_t hour = at.second_of_day / 3600;
    switch (code) {
      case 'Y':
        return padded(at.year, 4);
      case 'y':
        return padded((at.year % 100 + 100) % 100, 2);
      case 'm':
        return padded(at.month, 2);
      case 'd':
        return padded(at.day, 2);
      case 'e':
        return padded(at.day, 1);
      case 'j':
        return padded(at.day_of_year(), 3);
      case 'H':
        return padded(hour, 2);
      case 'I':
        return padded((hour + 11) % 12 + 1, 2);
      case 'M':
        return padded(at.second_of_day / 60 % 60, 2);
      case 'S':
        return padded(at.second_of_day % 60, 2);
      case 'f':
        return padded(static_cast<std::int64_t>(microseconds), 6);
      case 'p':
        out += hour < 12 ? "AM" : "PM";
        return;
      case 'b':
        out += detail::month_names[static_cast<std::size_t>(at.month - 1)].substr(0, 3);
        return;
      case 'B':
        out += detail::month_names[static_cast<std::size_t>(at.month - 1)];
        return;
      case 'a':
        out += detail::weekday_names[static_cast<std::size_t>(at.weekday())].substr(0, 3);
        return;
      case 'A':
        out += detail::weekday_names[static_cast<std::size_t>(at.weekday())];
        return;
      case 'z':
        out += "+0000";
        return;
      case 's':
        return padded(static_cast<std::int64_t>(whole), 1);
      case 'T':
      case 'F':
        for (const char c : std::string_view(code == 'T' ? "H:M:S" : "Y-m-d"))
          c == ':' || c == '-' ? void(out += c) : self(c, self);
        return;
      default:
        out += code;
    }
  };
  for (std::size_t i = 0; i < format.size(); ++i)
    if (format[i] == '%')
      put(format[++i], put);
    else
      out += format[i];
  return out;
}

/// A category column of times as a number column of seconds since 1970, as pandas.to_datetime; missing stays missing.
/// Each distinct text is read once. Throws as parse_time does, naming column and row.
inline Column to_time(const Column& column, std::string_view format = {}) {
  detail::check_time_format(format);
  if (column.kind() == Kind::number && format.empty()) return column;
  const std::vector<std::int32_t>& codes = column.codes();
  std::vector<double> of_code(column.dictionary().size());
  for (std::size_t i = 0; i < of_code.size(); ++i) {
    of_code[i] = detail::read_time(column.dictionary()[i], format);
    if (std::isnan(of_code[i]))
      throw DataError(text("to_time: column \"", column.name(), "\", row ",
                           std::find(codes.begin(), codes.end(), static_cast<std::int32_t>(i)) - codes.begin(),
                           ": expected a time ", format.empty() ? "as in 2026-05-31 12:30:00" : "of the format ",
                           format, ", received \"", column.dictionary()[i], "\""));
  }
  std::vector<double> seconds(codes.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t row = 0; row < seconds.size(); ++row)
    if (codes[row] >= 0) seconds[row] = of_code[static_cast<std::size_t>(codes[row])];
  return Column(std::move(seconds)).named(column.name());
}

}  // namespace foretell
