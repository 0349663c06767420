// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <clocale>
#include <cmath>
#include <foretell/core/random.hpp>
#include <foretell/data/csv.hpp>
#include <foretell/data/json_lines.hpp>
#include <foretell/io/json.hpp>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using namespace foretell;

namespace {

/// A C locale with a decimal comma, as long as it lives; `found` is false where the system has none.
struct CommaLocale {
  bool found = false;
  CommaLocale() {
    for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ru_RU.UTF-8", "es_ES.UTF-8"})
      found = found || std::setlocale(LC_ALL, name);
    if (!found) MESSAGE("skipped: no locale with a decimal comma here (localedef -i de_DE -f UTF-8 de_DE.UTF-8)");
  }
  ~CommaLocale() { std::setlocale(LC_ALL, "C"); }
};

/// Whether both say the same; whole numbers beyond std::int64_t are doubles to us.
bool same(const Json& ours, const nlohmann::ordered_json& theirs) {
  if (ours.is_integer()) return theirs.is_number_integer() && ours.integer() == theirs.get<std::int64_t>();
  if (ours.is_number())
    return theirs.is_number() && ours.number() == theirs.get<double>() &&
           std::signbit(ours.number()) == std::signbit(theirs.get<double>());
  if (ours.is_boolean()) return theirs.is_boolean() && ours.boolean() == theirs.get<bool>();
  if (ours.is_string()) return theirs.is_string() && ours.string() == theirs.get_ref<const std::string&>();
  if (ours.is_null()) return theirs.is_null();
  if (ours.size() != theirs.size() || ours.is_array() != theirs.is_array()) return false;
  auto item = theirs.begin();
  for (std::size_t i = 0; i < ours.size(); ++i, ++item)
    if (!same(ours[i], *item) || (ours.is_object() && ours.names()[i] != item.key())) return false;
  return true;
}

std::string problem(std::string_view json) {
  try {
    (void)parse_json(json, "f");
  } catch (const FormatError& error) {
    return error.what();
  }
  return "no problem";
}

}  // namespace

TEST_CASE("parse_json: what stands where something else should is named") {
  CHECK(problem("{\"a\":nan}") == "f: expected JSON, received \"nan\" at place 6 instead of a value");
  CHECK(problem("{\"a\":NaN}") == "f: expected JSON, received \"NaN\" at place 6 instead of a value");
  CHECK(problem("{\"a\":-Infinity}") == "f: expected JSON, received \"-Infinity\" at place 6 instead of a value");
  CHECK(problem("{\"a\":1") == "f: expected JSON, received the end of the text at place 7 instead of ',' or '}'");
  CHECK(problem("[1 2]") == "f: expected JSON, received \"2\" at place 4 instead of ',' or ']'");
  CHECK(problem("{a:1}") == "f: expected JSON, received \"a\" at place 2 instead of a key in quotes");
  CHECK(problem("1 x") == "f: expected JSON, received \"x\" at place 3 instead of the end");
  CHECK(problem("[\"\xff\"]") == "f: expected JSON, received a byte that is not UTF-8 at place 3 instead of UTF-8");
  CHECK(problem("\"a\nb\"") == "f: expected JSON, received a control letter at place 3 instead of its escape");
  CHECK(problem("{\"a\":1,\"a\":2}") == "f: expected JSON, received the key \"a\" twice in one object");
  CHECK(problem("1e400") == "f: expected JSON, received the number 1e400, which no double holds");
  CHECK(problem(std::string(65, '[')) == "f: expected JSON, received deeper nesting instead of at most 64 levels");
  CHECK(problem(std::string(64, '[') + std::string(64, ']')) == "no problem");
}

TEST_CASE("parse_json: takes and refuses what another parser does, with the same values") {
  const std::vector<std::string> seeds{
      R"({"a":[1,-2.5e-3,true,false,null,"x\u00e9\ud83d\ude00\n\"\\\/"],"b":{"c":9223372036854775807,"d":-9223372036854775808}})",
      R"([0,-0,0.0,-0.0,1E+2,1e-07,123456789012345678901234567890,0.1,1.7976931348623157e308,5e-324])",
      " {\"größe\" : \"中文 😀\" ,\t\"e\":[ ] , \"f\":{ } }\r\n"};
  const std::string letters = "{}[]:,\"\\/0123456789+-.eEtrufalsn bd\x80\xc3\xed\xff\x01\n ";
  std::size_t good = 0, bad = 0;
  for (std::uint64_t round = 0; round < 60000; ++round) {
    const Random random(round);
    std::string json = seeds[random.below(0, seeds.size())];
    for (std::uint64_t edits = random.below(1, 4), draw = 2; edits > 0; --edits) {
      const std::size_t at = random.below(draw++, json.size());
      const char letter = letters[random.below(draw++, letters.size())];
      const std::uint64_t what = random.below(draw++, 3);
      if (what == 0)
        json[at] = letter;
      else if (what == 1)
        json.insert(at, 1, letter);
      else
        json.erase(at, 1);
    }
    const auto theirs = nlohmann::ordered_json::parse(json, nullptr, false);
    const bool they_take = !theirs.is_discarded();
    CAPTURE(json);
    try {
      const Json ours = parse_json(json, "f");
      if (!they_take || !same(ours, theirs)) FAIL_CHECK("differs");
      ++good;
    } catch (const FormatError& error) {
      // Keys that stand twice are ours alone to refuse.
      if (they_take && std::string(error.what()).find("twice") == std::string::npos) FAIL_CHECK(error.what());
      ++bad;
    }
  }
  CHECK(good > 10000);
  CHECK(bad > 10000);
}

TEST_CASE("read_json: a whole number of more than 64 bits is refused") {
  std::int64_t value = 0;
  const auto read = [&](const char* json) {
    read_json(parse_json(json, "f"), "$", [&](FieldVisitor& visitor) { visitor.value("a", value); });
  };
  read("{\"a\":9223372036854775807}");
  CHECK(value == 9223372036854775807);
  read("{\"a\":-9223372036854775808}");
  CHECK(value == std::numeric_limits<std::int64_t>::min());
  for (const char* json : {"{\"a\":9223372036854775808}", "{\"a\":18446744073709551615}", "{\"a\":1.5}", "{\"a\":1e3}"})
    CHECK_THROWS_WITH_AS(read(json), doctest::Contains("$.a: expected a whole number of 64 bits, received"),
                         ConfigError);
}

TEST_CASE("append_json_text: reads back the same") {
  std::string every;
  for (int byte = 0; byte < 128; ++byte) every += static_cast<char>(byte);
  for (const std::string& s : {every, std::string("größe 中文 😀"), std::string()}) {
    std::string json;
    detail::append_json_text(json, s);
    CHECK(parse_json(json, "f").string() == s);
    CHECK(json == Json(s).dump());
  }
  std::string json;
  detail::append_json_text(json, "a\xff\xc3z");
  CHECK(json == "\"a\uFFFD\uFFFDz\"");
}

TEST_CASE("JSON: the same in a C locale with a decimal comma") {
  const std::string json = R"({"a":[0.1,-2.5e-07,1e+300,3.0,7],"b":1.5})";
  const Json before = parse_json(json, "f");
  const Table table{{"x", {0.5, -1e-7, 1e300}}, {"t", {"1.5", "1,5", "x"}}};
  const std::string lines = to_json_lines(table), csv = to_csv(table);
  const CommaLocale locale;
  if (!locale.found) return;
  const Json parsed = parse_json(json, "f");
  CHECK(parsed == before);
  CHECK(parsed["a"][0].number() == 0.1);
  CHECK(parsed.dump() == "{\"a\":[0.1,-2.5e-07,1e+300,3.0,7],\"b\":1.5}");
  CHECK(read_json_lines_text("{\"price\":1.5,\"tags\":[0.5,2]}\n{\"price\":2.25}\n") ==
        Table{{"price", {1.5, 2.25}}, {"tags", Column::from_codes({0, -1}, {"[0.5,2]"})}});
  CHECK(read_json_lines_text("{\"a\":1.5}\n{\"a\":\"x\"}\n") == Table{{"a", {"1.5", "x"}}});
  CHECK(to_json_lines(table) == lines);
  CHECK(read_json_lines_text(lines) == table);
  CHECK(to_csv(table) == csv);
  CHECK(read_csv_text(csv) == table);
}

TEST_CASE("json_text: texts that are not UTF-8 are an error that shows them, in values and in names") {
  const Json sound = parse_json("{\"a\":[1,\"M\xc3\xbcnchen\",null],\"\xe2\x82\xac\":\"\xf0\x9f\x99\x82\"}", "f");
  CHECK(json_text(sound, "save") == sound.dump());
  const auto refused = [](const Json& json, const char* shown) {
    CHECK_THROWS_WITH_AS((void)json_text(json, "save"),
                         text("save: expected texts in UTF-8, received \"", shown,
                              "\"; convert it, or read its file with the encoding it has, CsvOptions::encoding")
                             .c_str(),
                         DataError);
  };
  refused("M\xfcnchen", "M\\xfcnchen");
  Json deep = Json::object();
  deep.add("a", Json::array()).push_back("\xc3\xbc\xc3");
  refused(deep, "\xc3\xbc\\xc3");
  refused(Json::object({{std::string_view("st\xe4"
                                          "dte"),
                         1}}),
          "st\\xe4dte");
}
