// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

#include "foretell/preprocessing/linear_algebra.hpp"
#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

struct PCAOptions {
  double n_components = 0;  ///< how many, or a share of the variance (< 1) that they must explain; 0: all there are
  bool whiten = false;      ///< give each component variance 1, but for those that have none, such as of a constant
                            ///< column, which scikit-learn divides by 2.2e-16
};

struct TruncatedSVDOptions {
  std::size_t n_components = 2;
};

namespace detail {

/// What PCA and TruncatedSVD share: coordinates of rows along a few directions.
class Projecting {
 public:
  /// The directions, one a row; the largest coefficient of each is positive.
  const std::vector<double>& components() const { return components_; }
  std::size_t n_components() const { return variance_.size(); }
  const std::vector<double>& explained_variance() const { return variance_; }
  const std::vector<double>& explained_variance_ratio() const { return ratio_; }
  const std::vector<double>& singular_values() const { return singular_; }

  void apply(Block in, MutableBlock out, Scratch& scratch) const {
    const Scratch::Mark mark(scratch);
    double* const x = scratch.take(in.columns);
    for (std::size_t r = 0; r < in.rows; ++r) {
      for (std::size_t c = 0; c < in.columns; ++c) x[c] = in(r, c) - mean_[c];
      for (std::size_t k = 0; k < out.columns; ++k) {
        const double* const direction = components_.data() + k * in.columns;
        double sum = 0;
        for (std::size_t c = 0; c < in.columns; ++c) sum += x[c] * direction[c];
        out(r, k) = sum / scale_[k];
      }
    }
  }
  void invert(Block out, MutableBlock in, Scratch&) const {
    for (std::size_t r = 0; r < out.rows; ++r) {
      double* const x = in.row(r);
      std::copy_n(mean_.data(), in.columns, x);
      for (std::size_t k = 0; k < out.columns; ++k)
        for (std::size_t c = 0; c < in.columns; ++c) x[c] += out(r, k) * scale_[k] * components_[k * in.columns + c];
    }
  }
  bool fits(std::size_t in, std::size_t out) const {
    return in == mean_.size() && out == scale_.size() && out == variance_.size() && components_.size() == in * out;
  }

 protected:
  void list(auto&& f) {
    f("mean", mean_);
    f("scale", scale_);
    f("components", components_);
    f("explained_variance", variance_);
    f("explained_variance_ratio", ratio_);
    f("singular_values", singular_);
  }

  /// The means of the columns; throws DataError for what is missing or infinite.
  static std::vector<double> means(const Frame& x, std::string_view who) {
    need_numbers(x.schema(), who);
    std::vector<double> origin(x.columns()), sum(x.columns());
    std::size_t row = 0;
    for_each_block(x, [&](Block block) {
      for (std::size_t r = 0; r < block.rows; ++r, ++row)
        for (std::size_t c = 0; c < block.columns; ++c) {
          const double v = block(r, c);
          if (!std::isfinite(v))
            throw DataError(text(who, ": column \"", x.schema()[c].name, "\" is ",
                                 std::isnan(v) ? "missing" : "infinite", " in row ", row,
                                 "; fill it first, with SimpleImputer for one."));
          if (row == 0) origin[c] = v;
          sum[c] += v - origin[c];
        }
    });
    for (std::size_t c = 0; c < sum.size(); ++c) need_finite(who, x.schema()[c], sum[c]);
    for (std::size_t c = 0; c < sum.size(); ++c) sum[c] = origin[c] + sum[c] / static_cast<double>(x.rows());
    return sum;
  }

  /// The upper triangle of the sums of products of the columns, less `center`.
  static std::vector<double> products(const Frame& x, const std::vector<double>& center, std::string_view who) {
    const std::size_t columns = x.columns();
    std::vector<double> sum(columns * columns), centered;
    for_each_block(x, [&](Block block) {
      centered.resize(block.rows * columns);
      for (std::size_t r = 0; r < block.rows; ++r)
        for (std::size_t c = 0; c < columns; ++c) centered[r * columns + c] = block(r, c) - center[c];
      add_products(Block(centered.data(), block.rows, columns), sum);
    });
    for (std::size_t c = 0; c < columns; ++c) need_finite(who, x.schema()[c], sum[c * columns + c]);
    return sum;
  }

  void keep(const Eigen& eigen, std::size_t count, std::size_t columns) {
    components_.assign(eigen.vectors.begin(), eigen.vectors.begin() + static_cast<std::ptrdiff_t>(count * columns));
    for (auto v = components_.begin(); v != components_.end(); v += static_cast<std::ptrdiff_t>(columns)) {
      const auto end = v + static_cast<std::ptrdiff_t>(columns);
      const auto largest = std::max_element(v, end, [](double a, double b) { return std::abs(a) < std::abs(b); });
      if (*largest < 0) std::transform(v, end, v, [](double a) { return -a; });
    }
    scale_.assign(count, 1);
  }

  static Schema named(std::string_view prefix, std::size_t count) {
    Schema output;
    for (std::size_t k = 0; k < count; ++k) output.add({text(prefix, k)});
    return output;
  }

  std::vector<double> mean_, scale_, components_, variance_, ratio_, singular_;
};

class PrincipalComponents : public Projecting {
 public:
  static constexpr std::string_view type = "PCA";

  explicit PrincipalComponents(const PCAOptions& options = {}) : options_(options) {}

  const std::vector<double>& mean() const { return mean_; }
  /// The mean variance of the components that were left out.
  double noise_variance() const { return noise_; }

  /// Throws ConfigError for more components than rows or columns, DataError for missing values.
  Schema learn(const Frame& x) {
    const std::size_t most = std::min(x.rows(), x.columns());
    const double wanted = options_.n_components;
    if (!(wanted >= 0 && (wanted < 1 || (wanted <= static_cast<double>(most) && wanted == std::floor(wanted)))))
      throw ConfigError(text("PCA: expected n_components to be 0, a share below 1, or a whole number up to ", most,
                             " (the smaller of rows and columns), received ", wanted, "."));
    mean_ = means(x, type);
    const Eigen eigen = symmetric_eigen(x.columns(), products(x, mean_, type));
    const double divisor = x.rows() > 1 ? static_cast<double>(x.rows() - 1) : 1;
    std::vector<double> values(eigen.values.begin(), eigen.values.begin() + static_cast<std::ptrdiff_t>(most));
    double total = 0, rest = 0, explained = 0;
    for (double& value : values) total += value = std::max(value, 0.0);
    std::size_t count = wanted < 1 ? most : static_cast<std::size_t>(wanted);
    if (wanted > 0 && wanted < 1) {
      count = 0;
      while (count < most && explained <= wanted * total) explained += values[count++];
    }
    keep(eigen, count, x.columns());
    variance_.clear(), ratio_.clear(), singular_.clear();
    const double rounding =
        static_cast<double>(x.columns()) * std::numeric_limits<double>::epsilon() * (most ? values[0] : 0);
    for (std::size_t k = 0; k < most; ++k) {
      if (k >= count) {
        rest += values[k] / divisor;
        continue;
      }
      variance_.push_back(values[k] / divisor);
      ratio_.push_back(total > 0 ? values[k] / total : 0);
      singular_.push_back(std::sqrt(values[k]));
      if (options_.whiten && values[k] > rounding) scale_[k] = std::sqrt(variance_[k]);
    }
    noise_ = count < most ? rest / static_cast<double>(most - count) : 0;
    return named("pca", count);
  }

  void fields(auto&& f) {
    f("n_components", options_.n_components);
    f("whiten", options_.whiten);
    list(f);
    f("noise_variance", noise_);
  }

 private:
  PCAOptions options_;
  double noise_ = 0;
};

class SingularDirections : public Projecting {
 public:
  static constexpr std::string_view type = "TruncatedSVD";

  explicit SingularDirections(const TruncatedSVDOptions& options = {}) : options_(options) {}

  /// Throws ConfigError for no components or more than columns, DataError for missing values.
  Schema learn(const Frame& x) {
    const std::size_t columns = x.columns(), count = options_.n_components;
    if (count == 0 || count > columns)
      throw ConfigError(text("TruncatedSVD: expected 1 <= n_components <= ", columns,
                             ", the number of columns, received ", count, "."));
    const std::vector<double> mean = means(x, type);
    const auto n = static_cast<double>(x.rows());
    mean_.assign(columns, 0);
    const std::vector<double> sums = products(x, mean_, type);
    const Eigen eigen = symmetric_eigen(columns, sums);
    keep(eigen, count, columns);
    double total = 0;
    for (std::size_t c = 0; c < columns; ++c) total += sums[c * columns + c] / n - mean[c] * mean[c];
    variance_.clear(), ratio_.clear(), singular_.clear();
    for (std::size_t k = 0; k < count; ++k) {
      const double value = std::max(eigen.values[k], 0.0);
      double middle = 0;
      for (std::size_t c = 0; c < columns; ++c) middle += mean[c] * components_[k * columns + c];
      singular_.push_back(std::sqrt(value));
      variance_.push_back(std::max(value / n - middle * middle, 0.0));
      ratio_.push_back(total > 0 ? variance_[k] / total : 0);
    }
    return named("truncatedsvd", count);
  }

  void fields(auto&& f) {
    f("n_components", options_.n_components);
    list(f);
  }

 private:
  TruncatedSVDOptions options_;
};

}  // namespace detail

/// Principal components: coordinates along the directions in which rows vary most, after subtracting the mean. The
/// covariance is read a block of rows at a time and decomposed exactly; time and memory grow with the third and second
/// power of the columns. A row with a missing value is missing throughout.
template <class T = float>
class PCA : public Estimator<PCA<T>, detail::PrincipalComponents, T> {
 public:
  explicit PCA(PCAOptions options = {}) : PCA::Estimator(options) {}
};

/// The same along the first right singular vectors, without subtracting the mean.
template <class T = float>
class TruncatedSVD : public Estimator<TruncatedSVD<T>, detail::SingularDirections, T> {
 public:
  explicit TruncatedSVD(TruncatedSVDOptions options = {}) : TruncatedSVD::Estimator(options) {}
};

}  // namespace foretell
