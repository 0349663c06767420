// SPDX-License-Identifier: BSD-3-Clause
// Any bytes under any options: tokens that are UTF-8, and vectorizers that agree with themselves.
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -I include tests/fuzz/tokenizer_fuzz.cpp -o
//   tokenizer_fuzz &&
//   ./tokenizer_fuzz tests/fuzz/seeds/tokenizer
#include <cstdint>
#include <cstdlib>
#include <foretell/preprocessing/text/vectorizer.hpp>
#include <string_view>

using namespace foretell;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 4096) return 0;
  CountVectorizerOptions options;
  options.tokenizer.analyzer = static_cast<Analyzer>(data[0] % 3);
  options.tokenizer.ngram_range = {1 + data[0] / 3 % 3u, 3 + data[0] / 9 % 3u};
  options.tokenizer.word_rule = static_cast<WordRule>(data[0] / 27 % 4);
  options.tokenizer.lowercase = data[1] & 1;
  options.tokenizer.casefold = data[1] & 32 && options.tokenizer.word_rule != WordRule::keras;
  options.tokenizer.split_cjk = data[1] & 2;
  options.tokenizer.min_letters = data[1] >> 2 & 3;
  if (data[1] & 16) options.tokenizer.stop_words = {"the", "a"};
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::vector<std::string> texts{std::string(text), std::string(text.substr(text.size() / 2)), "the last"};
  for (const auto& token : Tokenizer(options.tokenizer).tokens(text))
    if (token.empty() || detail::invalid_utf8(token) < token.size()) std::abort();
  try {
    TfidfVectorizer<double> tfidf(options);
    const auto matrix = tfidf.fit_transform(texts);
    if (!(tfidf.transform(texts) == matrix)) std::abort();
  } catch (const Error&) {
  }
  return 0;
}
