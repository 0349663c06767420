// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/whole_rows.hpp"
#include "foretell/data/dictionary.hpp"
#include "foretell/preprocessing/hash.hpp"
#include "foretell/preprocessing/text/text_column.hpp"
#include "foretell/preprocessing/text/tokenizer.hpp"

namespace foretell {

/// How the numbers of a row are scaled: so that their squares, or their amounts, sum to 1, or not at all.
enum class TextNorm : std::uint8_t { l2, l1, none };
constexpr auto enum_names(TextNorm) { return std::array<std::string_view, 3>{"l2", "l1", "none"}; }

struct CountVectorizerOptions {
  TokenizerOptions tokenizer{};
  double min_df = 1;             ///< in how many texts a token has to be: below 1 a share, else a number
  double max_df = 1;             ///< in how many it may be: up to 1 a share, above a number
  std::size_t max_features = 0;  ///< the most frequent tokens only; 0: all
  bool binary = false;           ///< 1 for every token that is there, however often

  void fields(auto&& f) {
    tokenizer.fields(f);
    f("min_df", min_df);
    f("max_df", max_df);
    f("max_features", max_features);
    f("binary", binary);
  }
};

struct TfidfOptions {
  TextNorm norm = TextNorm::l2;
  bool use_idf = true, smooth_idf = true, sublinear_tf = false;

  void fields(auto&& f) {
    f("norm", norm);
    f("use_idf", use_idf);
    f("smooth_idf", smooth_idf);
    f("sublinear_tf", sublinear_tf);
  }
};

struct HashingVectorizerOptions {
  TokenizerOptions tokenizer{};
  std::size_t n_features = std::size_t{1} << 20;
  bool binary = false, alternate_sign = true;
  TextNorm norm = TextNorm::l2;

  void fields(auto&& f) {
    tokenizer.fields(f);
    f("n_features", n_features);
    f("binary", binary);
    f("alternate_sign", alternate_sign);
    f("norm", norm);
  }
};

namespace detail {

inline void normalise(TextNorm norm, TokenRow& row) {
  double sum = 0;
  for (const auto& [column, value] : row) sum += norm == TextNorm::l2 ? value * value : std::abs(value);
  if (norm == TextNorm::none || sum == 0) return;
  const double scale = norm == TextNorm::l2 ? std::sqrt(sum) : sum;
  for (auto& [column, value] : row) value /= scale;
}

[[noreturn, gnu::noinline]] inline void refuse_texts(std::string_view who, std::string_view call) {
  throw StateError(text(who, ": expected fit before ", call, "; call fit or fit_transform first"));
}

class TokenCounting : public TokenRows<TokenCounting> {
 public:
  static constexpr std::string_view type = "CountVectorizer";

  explicit TokenCounting(CountVectorizerOptions options = {})
      : options_(std::move(options)), tokenizer_(options_.tokenizer) {}

  const CountVectorizerOptions& options() const { return options_; }
  /// The token of each column.
  const std::vector<std::string>& tokens() const { return names_; }
  /// The column of a token, -1 for none. Throws StateError before fit.
  std::int32_t column_of(std::string_view token) const {
    need_learned("column_of");
    return index_.find(token);
  }
  /// The column and count of each token of a text, in ascending order of the columns. Throws StateError before fit.
  void counts_of(std::string_view one, TokenRow& row) const {
    need_learned("counts_of");
    TokenMemory memory;
    row_of(one, memory);
    row = std::move(memory.row);
  }

  bool learned() const { return !names_.empty(); }
  std::size_t width() const { return names_.size(); }
  Schema output() const { return Schema(names_); }
  void row_of(std::string_view one, TokenMemory& memory) const {
    memory.found.clear();
    tokenizer_.each(one, memory.tokenizer, [&](std::string_view token) {
      if (const std::int32_t column = index_.find(token); column >= 0)
        memory.found.push_back(static_cast<std::uint32_t>(column));
    });
    collect(memory.found, memory.row);
  }
  /// Gives also in how many texts each token is.
  std::vector<double> learn_texts(std::span<const std::string_view> texts, std::vector<TokenRow>* rows) {
    Dictionary all;
    std::vector<double> in_texts, times;
    TokenMemory memory;
    std::vector<std::uint32_t>& found = memory.found;
    for (const std::string_view one : texts) {
      found.clear();
      tokenizer_.each(one, memory.tokenizer,
                      [&](std::string_view token) { found.push_back(static_cast<std::uint32_t>(all.add(token))); });
      in_texts.resize(all.size());
      times.resize(all.size());
      collect(found, memory.row);
      for (const auto& [token, n] : memory.row) ++in_texts[token], times[token] += n;
      if (rows) rows->push_back(memory.row);
    }
    const double count = static_cast<double>(texts.size()), min_df = checked(options_.min_df),
                 max_df = checked(options_.max_df),
                 least = min_df < 1 ? static_cast<double>(rows_up(min_df * count)) : min_df,
                 most = max_df <= 1 ? static_cast<double>(rows_down(max_df * count)) : max_df;
    if (least > most)
      throw ConfigError(
          text("CountVectorizer: expected min_df below max_df, received ", options_.min_df, " and ", options_.max_df));
    std::vector<std::uint32_t> kept;
    for (std::uint32_t token = 0; token < all.size(); ++token)
      if (in_texts[token] >= least && in_texts[token] <= most) kept.push_back(token);
    const std::vector<std::string>& tokens = all.values();
    const auto by_bytes = [&](std::uint32_t a, std::uint32_t b) { return tokens[a] < tokens[b]; };
    std::sort(kept.begin(), kept.end(), by_bytes);
    if (options_.max_features > 0 && kept.size() > options_.max_features) {
      std::stable_sort(kept.begin(), kept.end(), [&](std::uint32_t a, std::uint32_t b) { return times[a] > times[b]; });
      kept.resize(options_.max_features);
      std::sort(kept.begin(), kept.end(), by_bytes);
    }
    if (kept.empty())
      throw DataError(text("CountVectorizer: expected texts with tokens, received ", count,
                           " texts of which none is left; lower min_df, raise max_df or check the analyzer"));
    names_.clear();
    std::vector<std::int32_t> column(all.size(), -1);
    std::vector<double> in_kept;
    for (const std::uint32_t token : kept) {
      column[token] = static_cast<std::int32_t>(names_.size());
      names_.push_back(tokens[token]);
      in_kept.push_back(in_texts[token]);
    }
    index_ = Dictionary(names_);
    if (rows)
      for (TokenRow& row : *rows) {
        std::erase_if(row, [&](const auto& entry) { return column[entry.first] < 0; });
        for (auto& [token, n] : row) token = static_cast<std::uint32_t>(column[token]);
        std::sort(row.begin(), row.end());
      }
    return in_kept;
  }

  void fields(auto&& f) {
    options_.fields(f);
    f("vocabulary", names_);
    tokenizer_ = Tokenizer(options_.tokenizer);
    index_ = Dictionary(names_);
  }

 protected:
  void need_learned(std::string_view call) const {
    if (!learned()) refuse_texts(type, call);
  }

 private:
  void collect(std::vector<std::uint32_t>& found, TokenRow& row) const {
    std::sort(found.begin(), found.end());
    row.clear();
    for (std::size_t i = 0, end = 0; i < found.size(); i = end) {
      while (end < found.size() && found[end] == found[i]) ++end;
      row.emplace_back(found[i], options_.binary ? 1.0 : static_cast<double>(end - i));
    }
  }
  static double checked(double df) {
    if (!(df >= 0)) throw ConfigError(text("CountVectorizer: expected min_df and max_df of 0 or more, received ", df));
    return df;
  }

  CountVectorizerOptions options_;
  Tokenizer tokenizer_;
  std::vector<std::string> names_;
  Dictionary index_;
};

class TokenWeighing : public TokenRows<TokenWeighing> {
 public:
  static constexpr std::string_view type = "TfidfVectorizer";

  explicit TokenWeighing(CountVectorizerOptions counts = {}, TfidfOptions options = {})
      : counts_(std::move(counts)), options_(options) {}

  /// The weight of each column.
  const std::vector<double>& idf() const { return idf_; }
  /// The token of each column.
  const std::vector<std::string>& tokens() const { return counts_.tokens(); }

  bool learned() const { return !idf_.empty(); }
  std::size_t width() const { return idf_.size(); }
  Schema output() const { return counts_.output(); }
  void row_of(std::string_view one, TokenMemory& memory) const {
    counts_.row_of(one, memory);
    weigh(memory.row);
  }
  void learn_texts(std::span<const std::string_view> texts, std::vector<TokenRow>* rows) {
    const std::vector<double> df = counts_.learn_texts(texts, rows);
    const double more = options_.smooth_idf ? 1 : 0, n = static_cast<double>(texts.size());
    idf_.assign(df.size(), 1);
    for (std::size_t i = 0; options_.use_idf && i < df.size(); ++i) idf_[i] = std::log((n + more) / (df[i] + more)) + 1;
    if (rows)
      for (TokenRow& row : *rows) weigh(row);
  }

  void fields(auto&& f) {
    counts_.fields(f);
    options_.fields(f);
    f("idf", idf_);
    if (idf_.size() != counts_.width())
      throw FormatError(text("TfidfVectorizer: expected a weight for each token, received ", idf_.size()));
  }

 protected:
  void need_learned(std::string_view call) const {
    if (!learned()) refuse_texts(type, call);
  }

 private:
  void weigh(TokenRow& row) const {
    for (auto& [column, value] : row) value = (options_.sublinear_tf ? 1 + std::log(value) : value) * idf_[column];
    normalise(options_.norm, row);
  }

  TokenCounting counts_;
  TfidfOptions options_;
  std::vector<double> idf_;
};

class TokenHashing : public TokenRows<TokenHashing> {
 public:
  static constexpr std::string_view type = "HashingVectorizer";
  /// The most features that come out as an array.
  static constexpr std::size_t most_dense = std::size_t{1} << 16;

  explicit TokenHashing(HashingVectorizerOptions options = {})
      : options_(std::move(options)), tokenizer_(options_.tokenizer) {
    if (options_.n_features == 0 || options_.n_features > (std::size_t{1} << 31))
      throw ConfigError(text("HashingVectorizer: expected n_features from 1 to 2^31, received ", options_.n_features));
  }

  bool learned() const { return true; }
  std::size_t width() const { return options_.n_features; }
  /// One field for all.
  Schema output() const { return Schema({{"hash", Kind::number, {}, options_.n_features}}); }
  void row_of(std::string_view one, TokenMemory& memory) const {
    TokenRow& row = memory.row;
    row.clear();
    tokenizer_.each(one, memory.tokenizer, [&](std::string_view token) {
      const auto hash = static_cast<std::int32_t>(murmur_hash(token));
      const auto amount = hash < 0 ? -static_cast<std::int64_t>(hash) : static_cast<std::int64_t>(hash);
      row.emplace_back(static_cast<std::uint32_t>(amount % static_cast<std::int64_t>(options_.n_features)),
                       options_.alternate_sign && hash < 0 ? -1.0 : 1.0);
    });
    std::sort(row.begin(), row.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::size_t count = 0;
    for (const auto& entry : row)
      if (count > 0 && row[count - 1].first == entry.first)
        row[count - 1].second += entry.second;
      else
        row[count++] = entry;
    row.resize(count);
    if (options_.binary)
      for (auto& [column, value] : row) value = 1;
    normalise(options_.norm, row);
  }
  void learn_texts(std::span<const std::string_view> texts, std::vector<TokenRow>* rows) {
    TokenMemory memory;
    for (std::size_t i = 0; rows && i < texts.size(); ++i) {
      row_of(texts[i], memory);
      rows->push_back(memory.row);
    }
  }
  void learn_more(const Frame& x) { (void)learn(x); }
  void apply(Block in, MutableBlock out, Scratch& scratch) const {
    if (width() > most_dense)
      throw DataError(text(type, ": expected n_features of at most ", most_dense, " for an array, received ", width(),
                           "; call transform_sparse, or set n_features."));
    TokenRows::apply(in, out, scratch);
  }

  void fields(auto&& f) {
    options_.fields(f);
    *this = TokenHashing(options_);
  }

 protected:
  void need_learned(std::string_view) const {}

 private:
  HashingVectorizerOptions options_;
  Tokenizer tokenizer_;
};

}  // namespace detail

/// Texts to the counts of their tokens, a column for each token of the texts that fit saw, in the order of their bytes.
/// As sklearn.feature_extraction.text.CountVectorizer, to the column with WordRule::scikit_learn (the default differs
/// for words with marks, see Tokenizer); of equally frequent tokens at max_features the first in bytes stay, which
/// scikit-learn leaves open. Shares of texts are exact: a token of 7 among 100 texts is in 0.07 of them, and not for
/// scikit-learn 1.9.1, which multiplies two doubles. Tokens that fit did not see are left out.
///
/// fit throws ConfigError for options out of range, DataError when no token is left.
template <class T = float>
class CountVectorizer : public TextEstimator<CountVectorizer<T>, detail::TokenCounting, T> {
 public:
  explicit CountVectorizer(CountVectorizerOptions options = {}) : CountVectorizer::TextEstimator(std::move(options)) {}

  /// The token of each column.
  const std::vector<std::string>& get_feature_names_out() const { return this->tokens(); }
};

/// Counts of tokens, weighted by how rare the tokens are and scaled by row. As
/// sklearn.feature_extraction.text.TfidfVectorizer: idf = ln((1 + n) / (1 + df)) + 1 when smooth. fit throws as that of
/// CountVectorizer.
template <class T = float>
class TfidfVectorizer : public TextEstimator<TfidfVectorizer<T>, detail::TokenWeighing, T> {
 public:
  explicit TfidfVectorizer(CountVectorizerOptions counts = {}, TfidfOptions options = {})
      : TfidfVectorizer::TextEstimator(std::move(counts), options) {}

  /// The token of each column.
  const std::vector<std::string>& get_feature_names_out() const { return this->tokens(); }
};

/// Texts to the counts of their tokens in a fixed number of columns, chosen by a hash: nothing to learn, nothing to
/// keep. As sklearn.feature_extraction.text.HashingVectorizer, column for column with WordRule::scikit_learn; the
/// default differs for words with marks, see Tokenizer. The columns are named hash0, hash1, ...; more than 65,536 come
/// out by transform_sparse alone, an array throws DataError.
template <class T = float>
class HashingVectorizer : public TextEstimator<HashingVectorizer<T>, detail::TokenHashing, T> {
 public:
  /// Throws ConfigError for n_features of 0 or beyond 2^31.
  explicit HashingVectorizer(HashingVectorizerOptions options = {})
      : HashingVectorizer::TextEstimator(std::move(options)) {}
};

}  // namespace foretell
