// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/data/csv.hpp>
#include <foretell/data/time.hpp>
#include <string>

using namespace foretell;

// Expected values: calendar.timegm and datetime of Python 3.11.

TEST_CASE("parse_time: ISO 8601") {
  CHECK(parse_time("1970-01-01") == 0);
  CHECK(parse_time("2026-05-31") == 1780185600);
  CHECK(parse_time("20260531") == 1780185600);
  CHECK(parse_time("2026-05-31 12:30") == 1780230600);
  CHECK(parse_time("2026-05-31T12:30:15") == 1780230615);
  CHECK(parse_time("2026-05-31T12:30:15.25") == 1780230615.25);
  CHECK(parse_time("2026-05-31T12:30:15Z") == 1780230615);
  CHECK(parse_time("2026-05-31T12:30:15+02:00") == 1780223415);
  CHECK(parse_time("2026-05-31T12:30:15-0530") == 1780250415);
  CHECK(parse_time("20260531T123015") == 1780230615);
  CHECK(parse_time("1600-02-29") == -11670998400);
  CHECK(parse_time("9999-12-31 23:59:59") == 253402300799);
  for (const char* bad : {"", "2026-5-31", "2026-02-30", "2025-02-29", "2026-13-01", "2026-05-31T", "2026-05-31 25:00",
                          "2026-05-31 12:30:15+", "2026-05-31 12:30:15 x", "31.05.2026", "2026-05-31 12:60"}) {
    CAPTURE(bad);
    CHECK_THROWS_WITH_AS(parse_time(bad), doctest::Contains("expected a time as in 2026-05-31 12:30:00"), DataError);
  }
}

TEST_CASE("parse_time: ISO 8601 with parts left out, blanks and small letters, weeks, days of the year") {
  const auto same = [](const char* a, const char* b) {
    CAPTURE(a);
    CHECK(parse_time(a) == parse_time(b));
  };
  // As pandas 3.1's to_datetime reads them.
  same("2026", "2026-01-01");
  same("2026-05", "2026-05-01");
  same("2026-05-31T12", "2026-05-31 12:00");
  same("2026-05-31 12", "2026-05-31 12:00");
  same("20260531T12", "2026-05-31 12:00");
  same("20260531 1230", "2026-05-31 12:30");
  same("20260531T12:30", "2026-05-31 12:30");
  same("2026-05-31T1230", "2026-05-31 12:30");
  same("2026-05-31 12:30 +02:00", "2026-05-31 10:30");
  same("2026-05-31 12:30:15.5  -0530", "2026-05-31 18:00:15.5");
  same("2026-05-31T12+02", "2026-05-31 10:00");
  same("2026-05-31T12Z", "2026-05-31 12:00");
  same("2026-05-31 12:30 Z", "2026-05-31 12:30");
  same("2026-05-31 12:30 UTC", "2026-05-31 12:30");
  same("2026-05-31 12:30:00 GMT", "2026-05-31 12:30");
  same("2026-05-31t12:30z", "2026-05-31 12:30");
  same("2026-05-31T12:30:15,25", "2026-05-31 12:30:15.25");
  same("2026-05-31T12:30:15.1234567890123456789", "2026-05-31 12:30:15.123456789");
  // pandas refuses what is below. Weeks as Python's date.fromisoformat.
  same("2026-W22-7", "2026-05-31");
  same("2026W227T12", "2026-05-31 12:00");
  same("2026-W22", "2026-05-25");
  same("2026-W53-7", "2027-01-03");
  same("2025-W01-1", "2024-12-30");
  same("2020-W53-5T10:00", "2021-01-01 10:00");
  same("2026-151", "2026-05-31");
  same("2024-366T24:00", "2025-01-01");
  same("2026-05-31 24:00:00", "2026-06-01");
  same("2016-12-31 23:59:60Z", "2017-01-01");
  for (const char* bad : {"202605",
                          "2026-",
                          "2026-0",
                          "2026-1",
                          "2026-05-",
                          "2026151",
                          "2026-000",
                          "2026-366",
                          "2024-367",
                          "2026-W54",
                          "2025-W53",
                          "2026-W00",
                          "2026-W22-0",
                          "2026-W22-8",
                          "2026-W22T12",
                          "2026-05T12",
                          "2026T12",
                          "2026-05-31T12:",
                          "2026-05-31T1",
                          "2026-05-31T12:3",
                          "2026-05-31T12:30:",
                          "2026-05-31T12:30:15.",
                          "2026-05-31T12.5",
                          "2026-05-31T12:30.5",
                          "2026-05-31T12:3015",
                          "2026-05-31T24:01",
                          "2026-05-31T24:00:00.1",
                          "2026-05-31Z",
                          "2026-05-31+02:00",
                          "2026-05-31T12:30 ",
                          "2026-05-31T12:30 +",
                          "2026-05-31T12:30 CET",
                          "2026-05-31T12:30+24:00",
                          "2026-05-31T12:30+02:60",
                          "2026-05-31  12:30",
                          "-0044-03-15",
                          "10000-01-01",
                          "2026/05/31",
                          "2026-05-31_12:30"}) {
    CAPTURE(bad);
    CHECK_THROWS_WITH_AS(parse_time(bad), doctest::Contains("expected a time as in 2026-05-31 12:30:00"), DataError);
  }
}

TEST_CASE("parse_time: formats") {
  CHECK(parse_time("31.05.2026 07:05", "%d.%m.%Y %H:%M") == 1780211100);
  CHECK(parse_time("5/31/2026 7:05", "%m/%d/%Y %H:%M") == 1780211100);
  CHECK(parse_time("May 31, 26 07:05 pm", "%b %d, %y %I:%M %p") == 1780254300);
  CHECK(parse_time("Sunday 31 may 2026 12:00:00 AM", "%A %d %B %Y %I:%M:%S %p") == 1780185600);
  CHECK(parse_time("151/2026", "%j/%Y") == 1780185600);
  CHECK(parse_time("1780185600", "%s") == 1780185600);
  CHECK(parse_time("-1.5", "%s.%f") == doctest::Approx(-0.5));
  CHECK(parse_time("2026-05-31 12:30:15 +0200", "%F %T %z") == 1780223415);
  CHECK(parse_time("100%19970101", "100%%%Y%m%d") == 852076800);
  CHECK_THROWS_WITH_AS(parse_time("31-05-2026", "%d.%m.%Y"),
                       "parse_time: expected a time of the format %d.%m.%Y, received \"31-05-2026\"", DataError);
  CHECK_THROWS_WITH_AS(parse_time("1", "%Q"), doctest::Contains("received \"%Q\""), ConfigError);
  CHECK_THROWS_WITH_AS(parse_time("1", "%"), doctest::Contains("received \"%\""), ConfigError);
}

TEST_CASE("format_time: the way back") {
  CHECK(format_time(1780230615) == "2026-05-31 12:30:15");
  CHECK(format_time(1780230615.25, "%A, %e %B %y %I:%M %p .%f day %j, %a %b %%") ==
        "Sunday, 31 May 26 12:30 PM .250000 day 151, Sun May %");
  CHECK(format_time(0, "%I %p %F %T %z %s") == "12 AM 1970-01-01 00:00:00 +0000 0");
  CHECK(format_time(std::nan("")) == "");
  CHECK(format_time(-1, "%F %T") == "1969-12-31 23:59:59");
  for (double seconds = -6e10; seconds < 6e10; seconds += 86399.0 * 977)
    CHECK(parse_time(format_time(seconds)) == seconds);
}

TEST_CASE("format_time: rounds to the microsecond, and carries") {
  const char* const format = "%Y-%m-%d %H:%M:%S.%f";
  // All microseconds, of a second of today, of one before 1970, and of the last that a double tells apart.
  for (const char* second : {"2025-12-19 14:30:00", "1901-02-03 04:05:59", "2242-03-16 12:56:31"}) {
    CAPTURE(second);
    const double start = parse_time(second);
    int wrong = 0;
    std::string text = std::string(second) + ".000000";
    for (int us = 0; us < 1000000; ++us) {
      for (int i = 0, rest = us; i < 6; ++i, rest /= 10)
        text[text.size() - 1 - static_cast<std::size_t>(i)] = static_cast<char>('0' + rest % 10);
      if (us % 7 == 0 || us < 10 || us > 999990) wrong += format_time(parse_time(text), format) != text;
      wrong += format_time(start + us / 1e6, "%f") != text.substr(20);
    }
    CHECK(wrong == 0);
  }
  // datetime.fromtimestamp(x, timezone.utc) of Python 3.11.
  CHECK(format_time(1.9999996, format) == "1970-01-01 00:00:02.000000");
  CHECK(format_time(1.9999994, format) == "1970-01-01 00:00:01.999999");
  CHECK(format_time(1.9999996) == "1970-01-01 00:00:02");
  CHECK(format_time(1.9999996, "%s") == "2");
  CHECK(format_time(-1e-20, format) == "1970-01-01 00:00:00.000000");
  CHECK(format_time(-0.25, format) == "1969-12-31 23:59:59.750000");
  CHECK(format_time(-1.0000004, format) == "1969-12-31 23:59:59.000000");
  CHECK(format_time(1780271999.9999998, format) == "2026-06-01 00:00:00.000000");
  CHECK(format_time(1780271999.9999998, "%d %b %A") == "01 Jun Monday");
  CHECK(format_time(0.0000005, "%f") == "000000");
  CHECK(format_time(0.0000015, "%f") == "000002");
  CHECK(format_time(99999999999999.0) != "");
  CHECK(format_time(1e14) == "");
}

TEST_CASE("to_time: a column of texts") {
  const Table table{{"t", Column::from_codes({0, -1, 1, 0}, {"2026-05-31", "1970-01-01"})}, {"n", {1, 2, 3, 4}}};
  const Column times = to_time(table.column("t"));
  CHECK(times.name() == "t");
  CHECK(times.number(0) == 1780185600);
  CHECK(times.missing(1));
  CHECK(times.number(2) == 0);
  CHECK(to_time(times) == times);
  CHECK_THROWS_WITH_AS(to_time(table.column("t"), "%d.%m.%Y"),
                       "to_time: column \"t\", row 0: expected a time of the format %d.%m.%Y, received \"2026-05-31\"",
                       DataError);
  CHECK_THROWS_AS(to_time(table.column("n"), "%Y"), DataError);
}

TEST_CASE("read_csv: columns of times") {
  const Table table =
      read_csv_text("user,when,day\n1,2026-05-31T12:30:15,31.05.2026\n2,,?\n3, 1970-01-01 ,\"01.01.1970\"\n",
                    {.dates = {{"when", ""}, {"day", "%d.%m.%Y"}}});
  CHECK(table.column("when").number(0) == 1780230615);
  CHECK(table.column("when").missing(1));
  CHECK(table.column("when").number(2) == 0);
  CHECK(table.column("day").number(0) == 1780185600);
  CHECK(table.column("day").missing(1));
  CHECK(table.column("day").number(2) == 0);
  CHECK_THROWS_WITH_AS(
      read_csv_text("t\n2026-05-31\n31.5.\n", {.dates = {{"t", ""}}}, "f.csv"),
      "CSV f.csv, line 3, column \"t\": expected a time as in 2026-05-31 12:30:00, received \"31.5.\"; "
      "correct the file, or CsvOptions::dates.",
      DataError);
  CHECK_THROWS_AS(read_csv_text("t\n1\n", {.dates = {{"t", "%Q"}}}), ConfigError);
  CHECK_THROWS_AS(read_csv_text("t\n1\n", {.dtypes = {{"t", Kind::number}}, .dates = {{"t", ""}}}), ConfigError);
  CHECK_THROWS_WITH_AS(read_csv_text("t\n1\n", {.dates = {{"u", ""}}}),
                       doctest::Contains("CsvOptions::dates names \"u\""), DataError);
}
