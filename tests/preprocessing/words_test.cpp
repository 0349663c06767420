// SPDX-License-Identifier: BSD-3-Clause
// Words and case of any script; beside the package regex, which has UAX 29, and Python (tests/goldens/words.json).
#include <doctest/doctest.h>

#include <foretell/preprocessing/text/tokenizer.hpp>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

using namespace foretell;
using nlohmann::json;

namespace {

using Tokens = std::vector<std::string>;

const json& goldens() {
  static const json all = [] {
    std::ifstream file(FORETELL_GOLDENS "/words.json");
    REQUIRE(file);
    return json::parse(file);
  }();
  return all;
}
Tokens tokens(std::string_view text, TokenizerOptions options = {}) {
  return Tokenizer(std::move(options)).tokens(text);
}
std::string in_case(std::string_view text, detail::Casing casing) {
  std::string out;
  detail::each_letter(text, casing, [&](char32_t c, detail::LetterSort) { detail::append_letter(out, c); });
  return out;
}
template <class F>
void each_code_point(const F& f) {
  for (char32_t c = 0; c < 0x110000; ++c)
    if (c < 0xD800 || c > 0xDFFF) f(c);
}

}  // namespace

TEST_CASE("Tokenizer: a mark never ends a word") {
  CHECK(tokens("आधुनिक मानक हिन्दी") == Tokens{"आधुनिक", "मानक", "हिन्दी"});
  CHECK(tokens("তুমি দিলে মন") == Tokens{"তুমি", "দিলে", "মন"});
  CHECK(tokens("cafe\u0301 nai\u0308ve") == Tokens{"cafe\u0301", "nai\u0308ve"});
  CHECK(tokens("ที่นี่ กำลัง") == Tokens{"ที่นี่", "กำลัง"});
  CHECK(tokens("שָׁלוֹם عَرَبِيّ") == Tokens{"שָׁלוֹם", "عَرَبِيّ"});
  CHECK(tokens("می\u200cخواهم co\u00adop") == Tokens{"می\u200cخواهم", "co\u00adop"});
  CHECK(tokens("\u0301ab \u0301 a\u200bb", {.min_letters = 1}) == Tokens{"ab", "a", "b"});
  CHECK(tokens("か\u3099き", {.split_cjk = true}) == Tokens{"か\u3099", "き"});
}

TEST_CASE("Tokenizer: vowel signs count as letters, accents do not") {
  CHECK(tokens("में है e\u0301 \u00e9 ab\u0301") == Tokens{"में", "है", "ab\u0301"});
  CHECK(tokens("e\u0301", {.min_letters = 1}) == Tokens{"e\u0301"});
  CHECK(tokens("1\ufe0f\u20e3").empty());
}

TEST_CASE("Tokenizer: UAX 29, and what the default does otherwise") {
  std::map<WordRule, std::size_t> differ;
  for (const json& one : goldens()["words"]) {
    const auto text = one[0].get<std::string>();
    CAPTURE(text);
    const auto expected = one[1].get<Tokens>();
    CHECK(tokens(text, {.word_rule = WordRule::unicode, .lowercase = false, .min_letters = 1}) == expected);
    for (const auto rule : {WordRule::letters, WordRule::scikit_learn})
      differ[rule] += tokens(text, {.word_rule = rule, .lowercase = false, .min_letters = 1}) != expected;
  }
  CHECK(goldens()["words"].size() == 417);
  CHECK(differ[WordRule::letters] == 119);
  CHECK(differ[WordRule::scikit_learn] == 201);
  const TokenizerOptions unicode{.word_rule = WordRule::unicode, .min_letters = 1};
  CHECK(tokens("Don't say 3.14, u.s.a. foo_bar!", unicode) == Tokens{"don't", "say", "3.14", "u.s.a", "foo_bar"});
  CHECK(tokens("iPhone手机 カタカナabc", unicode) == Tokens{"iphone", "手机", "カタカナ", "abc"});
  CHECK(tokens("ภาษาไทย", unicode) == Tokens{"ภาษาไทย"});  // where UAX 29 asks for a dictionary
  CHECK(tokens("_ __ \u203f \u202f\u202f a_", unicode) == Tokens{"a_"});
  CHECK(tokens("_ __ a_", {.min_letters = 1}) == Tokens{"_", "__", "a_"});
  CHECK(tokens("a\u200d✂", unicode) == Tokens{"a\u200d"});
}

TEST_CASE("Tokenizer: what docs/reference.md counts of Unicode's own test, where Debian's unicode-data is installed") {
  std::ifstream file("/usr/share/unicode/auxiliary/WordBreakTest.txt");
  std::string line;
  if (!std::getline(file, line) || line != "# WordBreakTest-15.0.0.txt") {
    MESSAGE("skipped: no WordBreakTest.txt of Unicode 15.0 here");
    return;
  }
  std::size_t lines = 0;
  std::map<WordRule, std::size_t> differ;
  while (std::getline(file, line)) {
    std::istringstream marks(line.substr(0, line.find('#')));
    std::string text, segment;
    Tokens expected;
    bool counts = false;
    for (std::string mark; marks >> mark;) {
      if (mark == "÷") {
        if (counts) expected.push_back(segment);
        segment.clear();
        counts = false;
      } else if (mark != "×") {
        const auto c = static_cast<char32_t>(std::stoul(mark, nullptr, 16));
        detail::append_letter(text, c);
        detail::append_letter(segment, c);
        counts |= c != '_' && detail::LetterSort::of(c).is_word();
      }
    }
    if (text.empty()) continue;
    ++lines;
    for (const auto rule : {WordRule::letters, WordRule::unicode, WordRule::scikit_learn})
      differ[rule] += tokens(text, {.word_rule = rule, .lowercase = false, .min_letters = 1}) != expected;
  }
  CHECK(lines == 1823);
  CHECK(differ[WordRule::unicode] == 2);
  CHECK(differ[WordRule::letters] == 190);
  CHECK(differ[WordRule::scikit_learn] == 418);
}

TEST_CASE("Tokenizer: a word without marks is the same by the default and by scikit-learn's rule") {
  const std::string alphabet[] = {"a", "Z", "é", "ß", "9", "_", "'", ".", " ", "א", "カ", "我", "Σ", "½", "😀"};
  std::uint32_t state = 1;
  for (int n = 0; n < 2000; ++n) {
    std::string text;
    for (int i = 0; i < 12; ++i) text += alphabet[((state = state * 1664525 + 1013904223) >> 16) % 15];
    CHECK(tokens(text) == tokens(text, {.word_rule = WordRule::scikit_learn}));
  }
}

TEST_CASE("Lower case and folding: every code point as Python has it") {
  const json &lower = goldens()["lower"], &folded = goldens()["casefold"];
  std::size_t changed = 0, wrong = 0, wrongly_folded = 0;
  each_code_point([&](char32_t c) {
    std::string letter;
    detail::append_letter(letter, c);
    const std::string small = lower.value(letter, letter), fold = folded.value(letter, small);
    changed += small != letter || fold != letter;
    wrong += in_case(letter, detail::Casing::lower) != small;
    wrongly_folded += in_case(letter, detail::Casing::folded) != fold;
    wrong += in_case(letter, detail::Casing::kept) != letter;
    if (c >= 0x80) wrong += in_case(letter, detail::Casing::ascii_lower) != letter;
  });
  CHECK(changed > 1400);
  CHECK(wrong == 0);
  CHECK(wrongly_folded == 0);
  CHECK(in_case("STRASSE Straße ﬁne ŉ İ ΛΌΓΟΣ", detail::Casing::folded) == "strasse strasse fine ʼn i\u0307 λόγοσ");
  CHECK(tokens("Straße", {.casefold = true}) == tokens("STRASSE"));
}

TEST_CASE("Lower case: the last sigma of a word as Python has it") {
  for (const json& one : goldens()["sigmas"]) {
    const auto text = one[0].get<std::string>();
    CAPTURE(text);
    CHECK(in_case(text, detail::Casing::lower) == one[1].get<std::string>());
  }
  CHECK(in_case("a\xb8Σ \xe4\xb8Σ aΣ\xb8", detail::Casing::lower) == "a\uFFFDσ \uFFFD\uFFFDσ aς\uFFFD");
  CHECK(tokens("ΟΔΟΣ ΛΟΓΟΣ") == Tokens{"οδος", "λογος"});
}

TEST_CASE("Letters, digits and underscores: those of Python, and the newer ones of Unicode 15") {
  std::vector<bool> expected(0x110000);
  for (const json& range : goldens()["word_letters"])
    for (std::size_t c = range[0]; c <= range[1]; ++c) expected[c] = true;
  std::size_t missed = 0, newer = 0;
  each_code_point([&](char32_t c) {
    const bool word = detail::LetterSort::of(c).is_word();
    missed += expected[c] && !word;
    newer += word && !expected[c];
  });
  CHECK(missed == 0);
  CHECK(goldens()["versions"]["unicode"] == "14.0.0");
  CHECK(newer == 4388);
}
