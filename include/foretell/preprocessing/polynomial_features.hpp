// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

struct PolynomialFeaturesOptions {
  std::size_t degree = 2;
  bool interaction_only = false;  ///< products of different columns only
  bool include_bias = true;       ///< a first column of ones
};

namespace detail {

class PolynomialExpanding {
 public:
  static constexpr std::string_view type = "PolynomialFeatures";

  explicit PolynomialExpanding(const PolynomialFeaturesOptions& options = {}) : options_(options) {}

  /// Throws ConfigError for more than a million features, DataError when a product may be infinite.
  Schema learn(const Frame& x) {
    need_numbers(x.schema(), type);
    columns_ = x.columns();
    if (!expand())
      throw ConfigError(text("PolynomialFeatures: degree ", options_.degree, " of ", columns_,
                             " columns gives more than ", most, " features; choose fewer columns or a lower degree."));
    std::vector<std::string> names;
    if (options_.include_bias) names.emplace_back("1");
    for (std::size_t t = 0; t < terms_.size(); ++t) names.push_back(name(x.schema(), t));
    if (names.empty()) throw ConfigError("PolynomialFeatures: expected degree > 0 or include_bias, received neither.");
    std::vector<double> greatest(columns_), product(names.size());
    for_each_column(x, [&](std::size_t c, std::span<double> cells) {
      for (const double cell : cells) greatest[c] = std::abs(cell) > greatest[c] ? std::abs(cell) : greatest[c];
    });
    Scratch none_needed;
    apply(Block(greatest.data(), 1, columns_), MutableBlock(product.data(), 1, names.size()), none_needed);
    for (std::size_t t = 0; t < names.size(); ++t) need_finite(type, {names[t]}, product[t]);
    return Schema(names);
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    const std::size_t start = options_.include_bias;
    for (std::size_t r = 0; r < in.rows; ++r) {
      const double* x = in.row(r);
      double* y = out.row(r);
      if (start) *y++ = 1;
      for (std::size_t t = 0; t < terms_.size(); ++t)
        y[t] = terms_[t].before == none ? x[terms_[t].column] : y[terms_[t].before] * x[terms_[t].column];
    }
  }

  bool fits(std::size_t in, std::size_t out) const {
    return in == columns_ && out == terms_.size() + options_.include_bias;
  }

  void fields(auto&& f) {
    f("degree", options_.degree);
    f("interaction_only", options_.interaction_only);
    f("include_bias", options_.include_bias);
    f("columns", columns_);
    if (!expand()) throw FormatError(text("PolynomialFeatures: more than ", most, " features."));
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1), most = 1000000;

  /// A product: an earlier term times a column.
  struct Term {
    std::size_t before, column;
  };

  /// Lists the terms by degree, each degree in the order of its columns; false when there are too many.
  bool expand() {
    terms_.clear();
    if (columns_ > most) return false;
    std::size_t first = 0;
    for (std::size_t degree = 1; degree <= options_.degree && columns_ > 0; ++degree) {
      const std::size_t end = terms_.size();
      for (std::size_t t = degree == 1 ? none : first; degree == 1 ? t == none : t < end; ++t) {
        const std::size_t from = degree == 1 ? 0 : terms_[t].column + options_.interaction_only;
        for (std::size_t c = from; c < columns_; ++c) {
          if (terms_.size() == most) return false;
          terms_.push_back({t, c});
        }
      }
      first = end;
      if (terms_.size() == end) break;
    }
    return true;
  }

  std::string name(const Schema& schema, std::size_t t) const {
    std::vector<std::size_t> factors;
    for (; t != none; t = terms_[t].before) factors.insert(factors.begin(), terms_[t].column);
    std::string name;
    for (std::size_t i = 0, next = 0; i < factors.size(); i = next) {
      while (next < factors.size() && factors[next] == factors[i]) ++next;
      name += text(i ? " " : "", schema[factors[i]].name);
      if (next - i > 1) name += text("^", next - i);
    }
    return name;
  }

  PolynomialFeaturesOptions options_;
  std::size_t columns_ = 0;
  std::vector<Term> terms_;
};

}  // namespace detail

/// All products of columns up to a degree: 1, a, b, a^2, a b, b^2. Missing values make their products missing.
template <class T = float>
class PolynomialFeatures : public Estimator<PolynomialFeatures<T>, detail::PolynomialExpanding, T> {
 public:
  explicit PolynomialFeatures(PolynomialFeaturesOptions options = {}) : PolynomialFeatures::Estimator(options) {}
};

}  // namespace foretell
