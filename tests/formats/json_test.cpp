// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <clocale>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/core/random.hpp"
#include "foretell/formats/json.hpp"

namespace ft = foretell;
using namespace std::string_literals;

namespace {

std::string again(const std::string& source) { return ft::parse_json(source, "test").dump(); }

std::string problem(const std::string& source) {
  try {
    (void)ft::parse_json(source, "test");
  } catch (const ft::FormatError& e) {
    return e.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("Json: texts that must be read") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"null", "null"},
      {" true ", "true"},
      {"\t\r\n[ ]\n", "[]"},
      {"{}", "{}"},
      {"[[],[[]],{}]", "[[],[[]],{}]"},
      {"{\"b\":1,\"a\":[1,2.5,\"x\",null,false]}", "{\"b\":1,\"a\":[1,2.5,\"x\",null,false]}"},
      {"{\"\":0}", "{\"\":0}"},
      {"-0", "0"},
      {"-0.0", "-0.0"},
      {"0", "0"},
      {"-1", "-1"},
      {"1e2", "100.0"},
      {"1E+2", "100.0"},
      {"1.5e-3", "0.0015"},
      {"0e1", "0.0"},
      {"1e-400", "0.0"},
      {"-0.0000000001e-400", "-0.0"},
      {"123123e-10000000", "0.0"},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"9223372036854775808", "9223372036854775808.0"},
      {"0.1", "0.1"},
      {"5e-324", "5e-324"},
      {"1.7976931348623157e308", "1.7976931348623157e+308"},
      {"\"\\u0041\\n\\/\\\\\\\"\\b\\f\\r\\t\"", "\"A\\n/\\\\\\\"\\b\\f\\r\\t\""},
      {"\"\\u0000\\u001f\"", "\"\\u0000\\u001f\""},
      {"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""},
      {"\"\xe2\x82\xac \xf4\x8f\xbf\xbf \x7f\"", "\"\xe2\x82\xac \xf4\x8f\xbf\xbf \x7f\""},
  };
  for (const auto& test : cases) {
    const std::string &source = test.first, &written = test.second;
    CAPTURE(source);
    std::string got;
    CHECK_NOTHROW(got = again(source));
    CHECK(got == written);
    CHECK(again(got) == written);
  }
}

TEST_CASE("Json: texts that must be refused") {
  const std::vector<std::string> cases{
      "",
      " ",
      "tru",
      "nul",
      "True",
      "[",
      "]",
      "{",
      "}",
      "[1",
      "[1,",
      "[1,]",
      "[,1]",
      "[1,,2]",
      "[1 2]",
      "1 2",
      "[1]x",
      "[1]]",
      "{\"a\"",
      "{\"a\":",
      "{\"a\":1",
      "{\"a\":1,}",
      "{\"a\" 1}",
      "{a:1}",
      "{'a':1}",
      "{1:1}",
      "{\"a\":1 \"b\":2}",
      "{\"a\":1,,}",
      "{:1}",
      "{\"a\"::1}",
      "[\"a\":1]",
      "01",
      "-01",
      "+1",
      "-",
      "1.",
      ".5",
      "-.5",
      "1e",
      "1e+",
      "1.e1",
      "0x1",
      "1_000",
      "0.1.2",
      "1a",
      "NaN",
      "nan",
      "Infinity",
      "-Infinity",
      "Inf",
      "-Inf",
      "[NaN]",
      "1e400",
      "-1e400",
      "\"",
      "\"a",
      "'a'",
      "\"\\x\"",
      "\"\\u12\"",
      "\"\\u00G0\"",
      "\"\\",
      "\"\t\"",
      "\"\n\"",
      "\"\\ud800\"",
      "\"\\ud800\\u0041\"",
      "\"\\udc00\"",
      "{\"\\udc00\":1}",
      "\"\x80\"",
      "\"\xc0\x80\"",
      "\"\xe0\x80\x80\"",
      "\"\xed\xa0\x80\"",
      "\"\xf4\x90\x80\x80\"",
      "\"\xf5\"",
      "\"\xe2\x82\"",
      "\xef\xbb\xbf[]",
      "//c\n1",
      "/**/1",
      "[1]//",
      "\v1",
      "\xc2\xa0"
      "1",
      "1\0"s,
      "1\0 2"s,
      "\0"s,
      "\"a\0b\""s,
      "[\0]"s,
      "{\"a\":1,\"a\":2}",
      "{\"b\":{\"a\":1,\"c\":0,\"a\":2}}",
  };
  for (const auto& source : cases) {
    CAPTURE(source);
    CHECK(problem(source) != "none");
  }
}

TEST_CASE("Json: depth and blanks without end") {
  CHECK(problem(std::string(1000000, '[')).find("at most 64 levels") != std::string::npos);
  CHECK(problem(std::string(1000000, ' ') + "{\"a\":").find("the end of the text") != std::string::npos);
}

TEST_CASE("Json: values say what they are, and refuse to be another") {
  const ft::Json json = ft::parse_json("{\"a\":[1,2.5,\"x\"],\"b\":true,\"c\":null}", "test");
  CHECK(json.size() == 3);
  CHECK(json.names() == std::vector<std::string>{"a", "b", "c"});
  CHECK(json.find("a")->size() == 3);
  CHECK((*json.find("a"))[0].integer() == 1);
  CHECK((*json.find("a"))[0].number() == 1.0);
  CHECK((*json.find("a"))[1].number() == 2.5);
  CHECK((*json.find("a"))[2].string() == "x");
  CHECK(json.find("b")->boolean());
  CHECK(json.find("c")->is_null());
  CHECK(json.find("d") == nullptr);
  CHECK(json.find("b")->find("d") == nullptr);
  CHECK_THROWS_WITH_AS((*json.find("a"))[3].integer(), "JSON: expected an element 3, received a list of 3",
                       ft::FormatError);
  CHECK_THROWS_WITH_AS((*json.find("a"))[1].integer(), "JSON: expected a whole number, received 2.5", ft::FormatError);
  CHECK_THROWS_WITH_AS(json.find("b")->string(), "JSON: expected a string, received true", ft::FormatError);
  CHECK_THROWS_WITH_AS(json.string(), "JSON: expected a string, received an object of 3", ft::FormatError);
  CHECK_THROWS_AS(json.find("c")->values(), ft::FormatError);
  CHECK_THROWS_AS(ft::Json(1).push_back(2), ft::FormatError);
}

TEST_CASE("Json: a copy is a value of its own") {
  ft::Json a = ft::Json::object();
  a.add("list", ft::Json::array()).push_back("x");
  ft::Json b = a;
  CHECK(a == b);
  b.add("more", 1);
  CHECK(a.size() == 1);
  CHECK_FALSE(a == b);
  a = b;
  CHECK(a == b);
  b.erase("nothing");
  b.erase("more");
  CHECK(b.dump() == "{\"list\":[\"x\"]}");
  b = a;
  const ft::Json c = std::move(b);
  CHECK(c == a);
  a = ft::Json(a[0]);
  CHECK(a.dump() == "[\"x\"]");
  CHECK(ft::Json(1) == ft::Json(1.0));
  CHECK_FALSE(ft::Json(0) == ft::Json(false));
}

TEST_CASE("Json: what JSON cannot say") {
  CHECK_THROWS_AS(ft::Json(std::nan("")).dump(), ft::FormatError);
  CHECK_THROWS_AS(ft::Json(std::numeric_limits<double>::infinity()).dump(), ft::FormatError);
  CHECK(ft::Json("a\xff\xe2\x82z\xed\xa0\x80").dump() ==
        "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST_CASE("Json: a whole number of 64 bits without a sign is what its digits are read as") {
  constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  CHECK(ft::Json(largest) == ft::parse_json(std::to_string(largest), "test"));
  CHECK(ft::Json(largest).number() == 18446744073709551616.0);
  CHECK(ft::Json(std::uint64_t{9223372036854775807u}).integer() == 9223372036854775807);
}

TEST_CASE("Json: doubles come back bit for bit, whatever the locale") {
  const char* const before = std::setlocale(LC_ALL, nullptr);
  const std::string kept = before ? before : "C";
  (void)std::setlocale(LC_ALL, "de_DE.UTF-8");  // where there is one
  const ft::Random random(7);
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const std::uint64_t bits = random.bits(i);
    double value;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    const double read = ft::parse_json(ft::Json(value).dump(), "test").number();
    CHECK(std::memcmp(&read, &value, sizeof value) == 0);
  }
  CHECK(again("[1.5,0.25e1]") == "[1.5,2.5]");
  (void)std::setlocale(LC_ALL, kept.c_str());
}

TEST_CASE("Json: changed and cut texts are read or refused, and what is read is written and read again") {
  const std::string sound =
      "{\"name\":\"x\\u00e9\\n\",\"list\":[1,-2.5e-3,true,null,{\"deep\":[[],{}]}],\"text\":\"\xe2\x82\xac\",\"n\":"
      "9007199254740993}";
  const ft::Random random(11);
  std::size_t read = 0;
  for (std::uint64_t i = 0; i < 20000; ++i) {
    std::string source = sound;
    const std::uint64_t draw = random.bits(i);
    if (draw & 1) source.resize(draw / 2 % source.size());
    if (!source.empty()) source[(draw >> 16) % source.size()] = static_cast<char>(draw >> 40);
    try {
      const ft::Json json = ft::parse_json(source, "test");
      CHECK(ft::parse_json(json.dump(), "test") == json);
      ++read;
    } catch (const ft::FormatError&) {
    }
  }
  CHECK(read > 500);
}
