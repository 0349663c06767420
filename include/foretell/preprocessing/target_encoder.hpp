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
#include <vector>

#include "foretell/core/random.hpp"
#include "foretell/preprocessing/encoding.hpp"

namespace foretell {

/// What a target is: texts of more than two kinds are classes, of two kinds a yes or no, as are two different numbers;
/// other numbers are quantities. `automatic` looks.
enum class TargetType : std::uint8_t { automatic, continuous, binary, multiclass };
constexpr auto enum_names(TargetType) {
  return std::array<std::string_view, 4>{"automatic", "continuous", "binary", "multiclass"};
}

/// As much smoothing as the variance within a category asks for, by empirical Bayes.
inline constexpr double auto_smooth = -1;

struct TargetEncoderOptions {
  TargetType target_type = TargetType::automatic;
  double smooth = auto_smooth;  ///< how many rows of the overall mean are mixed into each category
  std::size_t cv = 5;           ///< how many folds fit_transform makes, 2 to 1000
  bool shuffle = true;          ///< rows go to folds at random
  std::uint64_t seed = 0;
};

namespace detail {

/// The fold of each row: equally many rows in each, and for classes equally many of each class.
inline std::vector<std::uint16_t> folds_of(const std::vector<std::size_t>& classes, std::size_t class_count,
                                           std::size_t folds, bool shuffle, const Random& random) {
  const std::size_t rows = classes.size();
  std::vector<std::uint16_t> fold_of(rows);
  std::vector<std::vector<std::uint16_t>> waiting(class_count);  // the folds of the rows of each class, in order
  std::vector<std::size_t> counts(class_count), first_seen;
  for (const std::size_t k : classes)
    if (counts[k]++ == 0) first_seen.push_back(k);
  if (class_count == 1) {
    for (std::size_t f = 0; f < folds; ++f)
      waiting[0].insert(waiting[0].end(), rows / folds + (f < rows % folds), static_cast<std::uint16_t>(f));
  } else {
    std::size_t place = 0;  // of the sorted classes, every folds-th row goes to the same fold
    for (const std::size_t k : first_seen) {
      std::vector<std::size_t> share(folds);
      for (std::size_t i = 0; i < counts[k]; ++i) ++share[place++ % folds];
      for (std::size_t f = 0; f < folds; ++f)
        waiting[k].insert(waiting[k].end(), share[f], static_cast<std::uint16_t>(f));
    }
  }
  for (std::size_t k = 0; k < class_count; ++k)
    if (shuffle) random.stream(k).shuffle(waiting[k]);
  std::vector<std::size_t> next(class_count);
  for (std::size_t r = 0; r < rows; ++r) fold_of[r] = waiting[classes[r]][next[classes[r]]++];
  return fold_of;
}

class TargetEncoding {
 public:
  static constexpr std::string_view type = "TargetEncoder";

  explicit TargetEncoding(const TargetEncoderOptions& options = {}) : options_(options) {}

  /// The categories of each column; "nan" stands for missing.
  std::vector<std::vector<std::string>> categories() const { return encodings_.labels(); }
  /// The mean of the target, one number, or one a class.
  const std::vector<double>& target_mean() const { return means_; }
  /// What stands for each category of column c: as many numbers each as target_mean has. Throws DataError for a column
  /// that does not exist.
  std::span<const double> encodings(std::size_t c) const {
    if (c >= encodings_.size())
      throw DataError(text("TargetEncoder: column ", c, " of ", encodings_.size(), " does not exist."));
    return {values_.data() + starts_[c] * width(), (starts_[c + 1] - starts_[c]) * width()};
  }
  std::vector<ColumnHits> hits() const { return encodings_.hits(); }
  void clear_hits() { encodings_.clear_hits(); }

  /// Throws StateError without a target, ConfigError for options out of range, DataError for a target of one class.
  Schema learn(const Frame& x) {
    const Target& target = x.target(type);
    if (!(options_.smooth >= 0 || options_.smooth == auto_smooth))
      throw ConfigError(text("TargetEncoder: expected smooth >= 0 or auto_smooth, received ", options_.smooth, "."));
    if (options_.cv < 2 || options_.cv > 1000)
      throw ConfigError(text("TargetEncoder: expected 2 <= cv <= 1000, received ", options_.cv, "."));
    encodings_.learn(x, 0, 0, true, type);
    starts_ = encodings_.starts();
    const std::vector<double> distinct = target.distinct();
    TargetType kind = options_.target_type;
    if (kind == TargetType::automatic)
      kind = distinct.size() <= 2      ? TargetType::binary
             : target.labels().empty() ? TargetType::continuous
                                       : TargetType::multiclass;
    if (kind != TargetType::continuous && distinct.size() < 2)
      throw DataError(
          "TargetEncoder: expected a target of two classes or more, received one, of which every category has the same "
          "share; a constant quantity is TargetType::continuous.");
    if (kind == TargetType::binary && distinct.size() > 2)
      throw DataError(text("TargetEncoder: expected a binary target, received ", distinct.size(), " classes."));
    std::vector<std::size_t> classes(x.rows());
    if (kind != TargetType::continuous) classes = class_of_rows(target, distinct);
    const std::size_t class_count = kind == TargetType::continuous ? 1 : std::max<std::size_t>(distinct.size(), 1);
    const std::size_t width = kind == TargetType::multiclass ? class_count : 1;
    const std::size_t folds = std::min(options_.cv, x.rows());
    fold_of_ = folds_of(classes, class_count, folds, options_.shuffle, Random(options_.seed).stream(type));

    const std::size_t size = starts_.back() * width;
    means_.assign(width, 0);
    values_.assign(size, 0);
    fold_means_.assign(folds * width, 0);
    fold_values_.assign(folds * size, 0);
    std::vector<double> y = target.values();
    for (std::size_t k = 0; k < width; ++k) {
      if (kind != TargetType::continuous)
        for (std::size_t r = 0; r < y.size(); ++r) y[r] = static_cast<double>(width > 1 ? classes[r] == k : classes[r]);
      for_each_column(x, [&](std::size_t c, std::span<double> cells) {
        const CategoryEncoding& encoding = encodings_[c];
        std::vector<std::int32_t> groups(cells.size());
        for (std::size_t r = 0; r < cells.size(); ++r) groups[r] = encoding.find(cells[r]);
        const std::size_t first = starts_[c] * width + k;
        encode(groups, y, encoding.groups, no_fold, width, values_.data() + first, means_[k]);
        for (std::size_t f = 0; f < folds; ++f)
          encode(groups, y, encoding.groups, folds < 2 ? no_fold : static_cast<std::uint32_t>(f), width,
                 fold_values_.data() + f * size + first, fold_means_[f * width + k]);
      });
    }
    if (width == 1) return as_numbers(x.schema());
    Schema output;
    for (const Field& field : x.schema())
      for (std::size_t k = 0; k < width; ++k)
        output.add({text(field.name, "_", target.labels().empty() ? text(distinct[k]) : target.labels()[k])});
    return output;
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < in.columns; ++c)
        put(encodings_.find(c, in(r, c), Unknown::ignore, type), c, values_.data(), means_.data(), out.row(r));
  }

  /// Each row is encoded by what the rows of the other folds say.
  void apply_learned(std::size_t first, Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r) {
      const std::size_t fold = fold_of_[first + r];
      for (std::size_t c = 0; c < in.columns; ++c)
        put(encodings_[c].find(in(r, c)), c, fold_values_.data() + fold * values_.size(),
            fold_means_.data() + fold * width(), out.row(r));
    }
  }

  bool fits(std::size_t in, std::size_t out) const {
    return in == encodings_.size() && width() > 0 && out == in * width() && values_.size() == starts_.back() * width();
  }

  void fields(auto&& f) {
    f("target_type", options_.target_type);
    f("smooth", options_.smooth);
    f("cv", options_.cv);
    f("shuffle", options_.shuffle);
    f("seed", options_.seed);
    f("columns", encodings_);
    f("target_mean", means_);
    f("values", values_);
    starts_ = encodings_.starts();
  }

 private:
  static constexpr std::uint32_t no_fold = static_cast<std::uint32_t>(-1);

  std::size_t width() const { return means_.size(); }

  void put(std::int32_t group, std::size_t c, const double* values, const double* means, double* out) const {
    const double* const from = group < 0 ? means : values + (starts_[c] + static_cast<std::size_t>(group)) * width();
    std::copy_n(from, width(), out + c * width());
  }

  /// The encoding of every group from the rows that are not in `fold`, to out[0], out[step], ...
  void encode(const std::vector<std::int32_t>& groups, const std::vector<double>& y, std::int32_t group_count,
              std::uint32_t fold, std::size_t step, double* out, double& mean) const {
    const auto size = static_cast<std::size_t>(group_count);
    std::vector<double> count(size), average(size), squares(size);
    const auto each = [&](auto f) {
      for (std::size_t r = 0; r < groups.size(); ++r)
        if (fold_of_[r] != fold && groups[r] >= 0) f(static_cast<std::size_t>(groups[r]), y[r]);
    };
    double rows = 0, sum = 0, variance = 0;
    for (std::size_t r = 0; r < y.size(); ++r)
      if (fold_of_[r] != fold) sum += y[r], rows += 1;
    mean = sum / rows;
    for (std::size_t r = 0; r < y.size(); ++r)
      if (fold_of_[r] != fold) variance += (y[r] - mean) * (y[r] - mean);
    variance /= rows;
    each([&](std::size_t g, double value) { count[g] += 1, average[g] += value; });
    if (options_.smooth != auto_smooth) {
      for (std::size_t g = 0; g < size; ++g) {
        const double weight = count[g] + options_.smooth;
        out[g * step] = weight == 0 ? mean : (average[g] + options_.smooth * mean) / weight;
      }
      return;
    }
    for (std::size_t g = 0; g < size; ++g) average[g] /= count[g];
    each([&](std::size_t g, double value) { squares[g] += (value - average[g]) * (value - average[g]); });
    for (std::size_t g = 0; g < size; ++g) {
      const double between = variance * count[g], share = between / (between + squares[g] / count[g]);
      out[g * step] = std::isnan(share) ? mean : share * average[g] + (1 - share) * mean;
    }
  }

  TargetEncoderOptions options_;
  Encodings encodings_;
  std::vector<double> means_, values_;
  std::vector<std::size_t> starts_{0};  ///< the first category of each column, and the end
  std::vector<std::uint16_t> fold_of_;  ///< of the rows of fit; this and what follows is not saved
  std::vector<double> fold_means_, fold_values_;
};

}  // namespace detail

/// The mean of the target in each category, mixed with the overall mean: fit(x, y). fit_transform encodes each row by
/// the rows of other folds, also as a step of a Pipeline, so that later steps and models do not see a row's own target.
/// A category not seen in fit is the overall mean; missing is a category of its own when fit saw it. A target of more
/// than two classes gives one column a class.
template <class T = float>
class TargetEncoder : public Estimator<TargetEncoder<T>, detail::TargetEncoding, T> {
 public:
  explicit TargetEncoder(TargetEncoderOptions options = {}) : TargetEncoder::Estimator(options) {}
};

}  // namespace foretell
