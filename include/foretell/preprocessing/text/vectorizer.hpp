// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/sparse_matrix.hpp"
#include "foretell/core/whole_rows.hpp"
#include "foretell/data/column.hpp"
#include "foretell/preprocessing/hash.hpp"
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

/// Texts one after the other: of a vector of strings, or of a category column, whose missing values are empty texts.
template <class Texts, class F>
void each_text(const Texts& texts, const F& f) {
  if constexpr (std::same_as<Texts, Column>) {
    (void)texts.codes();
    for (std::size_t row = 0; row < texts.size(); ++row) f(texts.text(row));
  } else {
    for (const auto& one : texts) f(std::string_view(one));
  }
}

template <class Pairs>
void normalise(TextNorm norm, Pairs& row) {
  double sum = 0;
  for (const auto& [column, value] : row) sum += norm == TextNorm::l2 ? value * value : std::abs(value);
  if (norm == TextNorm::none || sum == 0) return;
  const double scale = norm == TextNorm::l2 ? std::sqrt(sum) : sum;
  for (auto& [column, value] : row) value /= scale;
}

}  // namespace detail

/// Texts to the counts of their tokens, a column for each token of the texts that fit saw, in the order of their bytes.
/// As sklearn.feature_extraction.text.CountVectorizer, to the column with WordRule::scikit_learn (the default differs
/// for words with marks, see Tokenizer); of equally frequent tokens at max_features the first in bytes stay, which
/// scikit-learn leaves open. Shares of texts are exact: a token of 7 among 100 texts is in 0.07 of them, and not for
/// scikit-learn 1.9.1, which multiplies two doubles. Tokens that fit did not see are left out.
template <class T = float>
class CountVectorizer {
 public:
  static constexpr std::string_view type = "CountVectorizer";
  explicit CountVectorizer(CountVectorizerOptions options = {})
      : options_(std::move(options)), tokenizer_(options_.tokenizer) {}

  /// Learns the tokens of a std::vector of texts or a category column. Throws ConfigError for options out of range,
  /// DataError when no token is left.
  template <class Texts>
  CountVectorizer& fit(const Texts& texts) {
    (void)learn(texts, false);
    return *this;
  }
  /// One row a text. Throws StateError before fit.
  template <class Texts>
  SparseMatrix<T> transform(const Texts& texts) const {
    need_fitted("transform");
    SparseMatrix<T> out(names_.size());
    std::vector<std::pair<std::uint32_t, double>> row;
    detail::each_text(texts, [&](std::string_view one) {
      counts_of(one, row);
      out.add_row(row);
    });
    return out;
  }
  template <class Texts>
  SparseMatrix<T> fit_transform(const Texts& texts) {
    return learn(texts, true);
  }

  bool fitted() const { return !names_.empty(); }
  /// The token of each column.
  const std::vector<std::string>& get_feature_names_out() const { return names_; }
  /// The column of a token, -1 for none. Throws StateError before fit.
  std::int32_t column_of(std::string_view token) const {
    need_fitted("column_of");
    return index_.find(token);
  }
  const CountVectorizerOptions& options() const { return options_; }

  /// The column and count of each token of a text, in ascending order of the columns. Throws StateError before fit.
  void counts_of(std::string_view one, std::vector<std::pair<std::uint32_t, double>>& row) const {
    need_fitted("counts_of");
    std::vector<std::uint32_t> found;
    tokenizer_.each(one, [&](std::string_view token) {
      if (const std::int32_t column = index_.find(token); column >= 0)
        found.push_back(static_cast<std::uint32_t>(column));
    });
    collect(found, row);
  }
  void fields(auto&& f) {
    options_.fields(f);
    f("vocabulary", names_);
    tokenizer_ = Tokenizer(options_.tokenizer);
    index_ = Dictionary(names_);
  }

 private:
  void need_fitted(std::string_view who) const {
    if (!fitted())
      throw StateError(text("CountVectorizer: expected fit before ", who, "; call fit or fit_transform first"));
  }
  void collect(std::vector<std::uint32_t>& found, std::vector<std::pair<std::uint32_t, double>>& row) const {
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
  /// The tokens, and the counts when wanted.
  template <class Texts>
  SparseMatrix<T> learn(const Texts& texts, bool wanted) {
    Dictionary all;
    std::vector<double> in_texts, times;
    std::vector<std::vector<std::pair<std::uint32_t, double>>> rows;
    std::vector<std::pair<std::uint32_t, double>> row;
    std::vector<std::uint32_t> found;
    double count = 0;
    detail::each_text(texts, [&](std::string_view one) {
      found.clear();
      tokenizer_.each(one,
                      [&](std::string_view token) { found.push_back(static_cast<std::uint32_t>(all.add(token))); });
      in_texts.resize(all.size());
      times.resize(all.size());
      collect(found, row);
      for (const auto& [token, n] : row) ++in_texts[token], times[token] += n;
      if (wanted) rows.push_back(row);
      ++count;
    });
    const double min_df = checked(options_.min_df), max_df = checked(options_.max_df),
                 least = min_df < 1 ? static_cast<double>(detail::rows_up(min_df * count)) : min_df,
                 most = max_df <= 1 ? static_cast<double>(detail::rows_down(max_df * count)) : max_df;
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
    for (const std::uint32_t token : kept) {
      column[token] = static_cast<std::int32_t>(names_.size());
      names_.push_back(tokens[token]);
    }
    index_ = Dictionary(names_);
    SparseMatrix<T> out(names_.size());
    for (auto& one : rows) {
      row.clear();
      for (const auto& [token, n] : one)
        if (column[token] >= 0) row.emplace_back(static_cast<std::uint32_t>(column[token]), n);
      std::sort(row.begin(), row.end());
      out.add_row(row);
    }
    return out;
  }

  CountVectorizerOptions options_;
  Tokenizer tokenizer_;
  std::vector<std::string> names_;
  Dictionary index_;
};

/// Counts of tokens, weighted by how rare the tokens are and scaled by row. As
/// sklearn.feature_extraction.text.TfidfVectorizer: idf = ln((1 + n) / (1 + df)) + 1 when smooth.
template <class T = float>
class TfidfVectorizer {
 public:
  static constexpr std::string_view type = "TfidfVectorizer";
  explicit TfidfVectorizer(CountVectorizerOptions counts = {}, TfidfOptions options = {})
      : counts_(std::move(counts)), options_(options) {}

  template <class Texts>
  TfidfVectorizer& fit(const Texts& texts) {
    (void)fit_transform(texts);
    return *this;
  }
  template <class Texts>
  SparseMatrix<T> transform(const Texts& texts) const {
    if (!fitted()) throw StateError("TfidfVectorizer: expected fit before transform; call fit or fit_transform first");
    SparseMatrix<T> out(idf_.size());
    std::vector<std::pair<std::uint32_t, double>> row;
    detail::each_text(texts, [&](std::string_view one) {
      counts_.counts_of(one, row);
      weigh(row);
      out.add_row(row);
    });
    return out;
  }
  /// Throws as CountVectorizer::fit does.
  template <class Texts>
  SparseMatrix<T> fit_transform(const Texts& texts) {
    const SparseMatrix<T> counts = counts_.fit_transform(texts);
    std::vector<double> df(counts.columns());
    for (std::size_t r = 0; r < counts.rows(); ++r)
      for (const std::uint32_t column : counts.indices(r)) ++df[column];
    const double more = options_.smooth_idf ? 1 : 0, n = static_cast<double>(counts.rows());
    idf_.assign(df.size(), 1);
    for (std::size_t i = 0; options_.use_idf && i < df.size(); ++i) idf_[i] = std::log((n + more) / (df[i] + more)) + 1;
    SparseMatrix<T> out(counts.columns());
    std::vector<std::pair<std::uint32_t, double>> row;
    for (std::size_t r = 0; r < counts.rows(); ++r) {
      row.clear();
      for (std::size_t i = 0; i < counts.indices(r).size(); ++i)
        row.emplace_back(counts.indices(r)[i], static_cast<double>(counts.values(r)[i]));
      weigh(row);
      out.add_row(row);
    }
    return out;
  }
  bool fitted() const { return !idf_.empty(); }
  const std::vector<double>& idf() const { return idf_; }
  const std::vector<std::string>& get_feature_names_out() const { return counts_.get_feature_names_out(); }
  void fields(auto&& f) {
    counts_.fields(f);
    options_.fields(f);
    f("idf", idf_);
    if (idf_.size() != counts_.get_feature_names_out().size())
      throw FormatError(text("TfidfVectorizer: expected a weight for each token, received ", idf_.size()));
  }

 private:
  void weigh(std::vector<std::pair<std::uint32_t, double>>& row) const {
    for (auto& [column, value] : row) value = (options_.sublinear_tf ? 1 + std::log(value) : value) * idf_[column];
    detail::normalise(options_.norm, row);
  }
  CountVectorizer<T> counts_;
  TfidfOptions options_;
  std::vector<double> idf_;
};

/// Texts to the counts of their tokens in a fixed number of columns, chosen by a hash: nothing to learn, nothing to
/// keep. As sklearn.feature_extraction.text.HashingVectorizer, column for column with WordRule::scikit_learn; the
/// default differs for words with marks, see Tokenizer.
template <class T = float>
class HashingVectorizer {
 public:
  static constexpr std::string_view type = "HashingVectorizer";
  /// Throws ConfigError for n_features of 0 or beyond 2^31.
  explicit HashingVectorizer(HashingVectorizerOptions options = {})
      : options_(std::move(options)), tokenizer_(options_.tokenizer) {
    if (options_.n_features == 0 || options_.n_features > (std::size_t{1} << 31))
      throw ConfigError(text("HashingVectorizer: expected n_features from 1 to 2^31, received ", options_.n_features));
  }
  template <class Texts>
  SparseMatrix<T> transform(const Texts& texts) const {
    SparseMatrix<T> out(options_.n_features);
    std::vector<std::pair<std::uint32_t, double>> found, row;
    detail::each_text(texts, [&](std::string_view one) {
      found.clear();
      tokenizer_.each(one, [&](std::string_view token) {
        const auto hash = static_cast<std::int32_t>(murmur_hash(token));
        const auto amount = hash < 0 ? -static_cast<std::int64_t>(hash) : static_cast<std::int64_t>(hash);
        found.emplace_back(static_cast<std::uint32_t>(amount % static_cast<std::int64_t>(options_.n_features)),
                           options_.alternate_sign && hash < 0 ? -1.0 : 1.0);
      });
      std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
      row.clear();
      for (const auto& [column, value] : found)
        if (!row.empty() && row.back().first == column)
          row.back().second += value;
        else
          row.emplace_back(column, value);
      if (options_.binary)
        for (auto& [column, value] : row) value = 1;
      detail::normalise(options_.norm, row);
      out.add_row(row);
    });
    return out;
  }
  template <class Texts>
  SparseMatrix<T> fit_transform(const Texts& texts) const {
    return transform(texts);
  }
  bool fitted() const { return true; }
  void fields(auto&& f) {
    options_.fields(f);
    *this = HashingVectorizer(options_);
  }

 private:
  HashingVectorizerOptions options_;
  Tokenizer tokenizer_;
};

}  // namespace foretell
