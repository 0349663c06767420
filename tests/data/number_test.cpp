// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <foretell/core/random.hpp>
#include <foretell/data/csv/number.hpp>
#include <limits>
#include <string>

using foretell::detail::NumberRead;
using foretell::detail::read_number;

namespace {

NumberRead kind_of(std::string_view s) {
  double value;
  return read_number(s, value);
}

double value_of(std::string_view s) {
  double value = std::numeric_limits<double>::quiet_NaN();
  read_number(s, value);
  return value;
}

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

}  // namespace

TEST_CASE("read_number: accepts decimal notation and nothing else") {
  for (const char* s : {"0", "7", "-7", "+7", "1.5", ".5", "5.", "-.5", "1e3", "1E+3", "1e-3", "0.0", "-0", "inf",
                        "-Infinity", "9007199254740992"})
    CHECK_MESSAGE(kind_of(s) == NumberRead::yes, s);
  for (const char* s :
       {"",   "-",   "+", ".",      "e5", "1e",    "1e+",        "--1",   "+-1", "1.2.3", "1,5", "0x10", "1 2", " 1",
        "1 ", "one", "i", "infant", "1f", "1_000", "2024-01-02", "12:30", "$1",  "5%",    "-.",  ".e1",  ".inf"})
    CHECK_MESSAGE(kind_of(s) == NumberRead::no, s);
}

TEST_CASE("read_number: digits that no program writes for a number, or that a double does not keep, are codes") {
  for (const char* s : {"00",
                        "007",
                        "-012",
                        "9007199254740993",
                        "-9007199254740993",
                        "12345678901234567890",
                        "184467440737095516160000",
                        "73928e05",
                        "-12E5",
                        "10e6",
                        "0047583311587E590003",
                        "0e462097431906509019562988736854",
                        "0e5",
                        "00e5",
                        "007e-5",
                        "00e+1",
                        "1e400",
                        "-1e400",
                        "1.5e+309",
                        "2e308",
                        "7e123456"})
    CHECK_MESSAGE(kind_of(s) == NumberRead::code, s);
  CHECK(kind_of("1" + std::string(400, '0') + ".5") == NumberRead::code);
  for (const char* s : {"0012.5", "12345678901234567890.0", "12e-5", "12e+5", "12.e5", "1.2e5", "7e05", "0e0", "0e+5",
                        "0.0e7", "1e308", "1.7976931348623157e308", "1e-400", "5e-324", "-0", "0"})
    CHECK_MESSAGE(kind_of(s) == NumberRead::yes, s);
  CHECK(value_of("0123") == 123.0);
  CHECK(value_of("73928e05") == 7392800000.0);
  CHECK(std::signbit(value_of("-0")));
}

TEST_CASE("read_number: numbers as programs write them are numbers") {
  for (const char* s : {
           "1e-05",        "1.5e-07",  "1e+20",   "1.7976931348623157e+308",  // Python, numpy, pandas, std::to_chars
           "1e+05",        "1e-04",
           "1.234568e+09",  // R, printf("%e"), printf("%g")
           "1e21",         "1e-7",
           "1.5e+300",  // JavaScript
           "1.0E10",       "1.0E-5",
           "1.0e16",  // Java, Haskell
           "2e10",         "0e0",
           "1e16",  // Rust
           "1E+16",        "1.00E+05", "2.5E-03", "1e+005",
           "0.15000E-03",  "0.1E+05"  // C#, Excel, Windows, Fortran
       })
    CHECK_MESSAGE(kind_of(s) == NumberRead::yes, s);
}

TEST_CASE("read_number: what is out of range becomes infinite or zero") {
  CHECK(value_of("1e999") == std::numeric_limits<double>::infinity());
  CHECK(value_of("-1e999") == -std::numeric_limits<double>::infinity());
  CHECK(value_of("1e-999") == 0.0);
  CHECK(std::signbit(value_of("-1e-999")));
  CHECK(value_of("1" + std::string(400, '0') + ".5") == std::numeric_limits<double>::infinity());
  CHECK(value_of("0." + std::string(400, '0') + "1") == 0.0);
  CHECK(value_of("1e99999999999999999999") == std::numeric_limits<double>::infinity());
  CHECK(value_of("0e99999999999999999999") == 0.0);
}

TEST_CASE("read_number: is correctly rounded, as strtod is") {
  const foretell::Random random(7);
  for (std::uint64_t i = 0; i < 200000; ++i) {
    std::string s = random.below(8 * i, 3) == 0 ? "-" : "";
    const std::uint64_t whole = random.below(8 * i + 1, 12), fraction = random.below(8 * i + 2, 12);
    s += static_cast<char>('1' + random.below(8 * i + 3, 9));
    for (std::uint64_t d = 0; d < whole; ++d) s += static_cast<char>('0' + random.below(8 * i + 4 + (d << 32), 10));
    s += '.';
    for (std::uint64_t d = 0; d < fraction; ++d) s += static_cast<char>('0' + random.below(8 * i + 5 + (d << 32), 10));
    if (random.below(8 * i + 6, 2)) s += "e" + std::to_string(static_cast<int>(random.below(8 * i + 7, 680)) - 340);
    const double expected = std::strtod(s.c_str(), nullptr);
    double value = 0;
    const NumberRead read = read_number(s, value);
    if (read != (std::isinf(expected) ? NumberRead::code : NumberRead::yes) || !same_bits(value, expected)) FAIL(s);
  }
}

TEST_CASE("read_number: other decimal and thousands marks") {
  double value = 0;
  CHECK(read_number("1.234,5", ',', '.', value) == NumberRead::yes);
  CHECK(value == 1234.5);
  CHECK(read_number("-1,234,567.25", '.', ',', value) == NumberRead::yes);
  CHECK(value == -1234567.25);
  CHECK(read_number("1 234", '.', ' ', value) == NumberRead::yes);
  CHECK(value == 1234);
  CHECK(read_number("1,23,456", '.', ',', value) == NumberRead::yes);
  CHECK(value == 123456);
  CHECK(read_number("1.234e+3", ',', '.', value) == NumberRead::yes);
  CHECK(value == 1234000);
  CHECK(read_number("1234567", '.', ',', value) == NumberRead::yes);
  for (const char* s : {",5", "1,", "1,,000", "1.5,0", ",", "1,5", "12,34", "1,2345", "1234,567", "1,2,345", "1,5.0",
                        "1,000,", "1,00e5", "12,3e+5"})
    CHECK_MESSAGE(read_number(s, '.', ',', value) == NumberRead::no, s);
  CHECK(read_number("1.5", ',', '\0', value) == NumberRead::no);
}
