// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "foretell/preprocessing/statistics.hpp"
#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

/// Bins of equal width, of equally many rows, or around the centres of a k-means clustering.
enum class Bins : std::uint8_t { quantile, uniform, kmeans };
constexpr auto enum_names(Bins) { return std::array<std::string_view, 3>{"quantile", "uniform", "kmeans"}; }

/// One 0/1 column for each bin, or the number of the bin.
enum class BinCode : std::uint8_t { onehot, ordinal };
constexpr auto enum_names(BinCode) { return std::array<std::string_view, 2>{"onehot", "ordinal"}; }

/// Quantiles between values are the mean of the two where a share is met exactly, else the upper one; or interpolated,
/// scikit-learn's "linear".
enum class QuantileMethod : std::uint8_t { averaged_inverted_cdf, interpolated };
constexpr auto enum_names(QuantileMethod) {
  return std::array<std::string_view, 2>{"averaged_inverted_cdf", "interpolated"};
}

struct KBinsDiscretizerOptions {
  std::size_t n_bins = 5;  ///< at least 2; bins narrower than 1e-8 (of the range where that is below 1) merge
  BinCode encode = BinCode::onehot;
  Bins strategy = Bins::quantile;
  QuantileMethod quantile_method = QuantileMethod::averaged_inverted_cdf;
};

namespace detail {

/// The centres of Lloyd's algorithm on sorted numbers, from centres in ascending order; an empty cluster moves to the
/// number farthest from its centre, of equally far ones that of the last row, as in scikit-learn. Stops when no number
/// changes its cluster or the centres hardly move.
inline std::vector<double> kmeans_centers(std::span<const double> sorted, const std::vector<std::size_t>& row_of,
                                          std::vector<double> centers) {
  const std::size_t n = sorted.size(), k = centers.size();
  const double variance = Moments(sorted).variance;
  double sum = 0, lost = 0;  // and what rounding took from it (Neumaier)
  for (const double v : sorted) {
    const double next = sum + v;
    lost += std::abs(sum) >= std::abs(v) ? (sum - next) + v : (v - next) + sum;
    sum = next;
  }
  const double mean = (sum + lost) / static_cast<double>(n);
  std::vector<double> x(n), sums(n + 1);  // the numbers, and the sums of the first i of them
  for (std::size_t i = 0; i < n; ++i) x[i] = sorted[i] - mean, sums[i + 1] = sums[i] + x[i];
  for (double& center : centers) center -= mean;
  std::vector<std::size_t> ends(k), before;
  for (int round = 0; round < 300; ++round) {
    before = ends;
    for (std::size_t j = 0; j + 1 < k; ++j) {
      const double middle = centers[j] + (centers[j + 1] - centers[j]) / 2;
      ends[j] = static_cast<std::size_t>(std::upper_bound(x.begin(), x.end(), middle) - x.begin());
    }
    ends[k - 1] = n;
    std::vector<double> total(k), count(k);
    std::vector<std::size_t> empty;
    for (std::size_t j = 0; j < k; ++j) {
      const std::size_t first = j ? ends[j - 1] : 0;
      total[j] = sums[ends[j]] - sums[first];
      count[j] = static_cast<double>(ends[j] - first);
      if (count[j] == 0) empty.push_back(j);
    }
    if (!empty.empty()) {
      std::vector<std::tuple<double, std::size_t, std::size_t>> far;  // squared distance, row, place
      std::vector<std::size_t> cluster_of(n);
      for (std::size_t i = 0, j = 0; i < n; ++i) {
        while (ends[j] <= i) ++j;
        cluster_of[i] = j;
        far.emplace_back((x[i] - centers[j]) * (x[i] - centers[j]), row_of[i], i);
      }
      const std::size_t most = std::min(empty.size(), n);
      std::partial_sort(far.begin(), far.begin() + static_cast<std::ptrdiff_t>(most), far.end(), std::greater<>());
      for (std::size_t e = 0; e < most && std::get<0>(far[0]) > 0; ++e) {
        const std::size_t i = std::get<2>(far[e]), from = cluster_of[i];
        total[from] -= x[i];
        count[from] -= 1;
        total[empty[e]] = x[i];
        count[empty[e]] = 1;
      }
    }
    const auto largest = static_cast<std::size_t>(std::max_element(count.begin(), count.end()) - count.begin());
    double moved = 0;
    for (std::size_t j = 0; j < k; ++j) {  // still empty: more clusters than different numbers
      const std::size_t from = count[j] > 0 ? j : largest;
      const double center = total[from] / count[from];
      moved += (center - centers[j]) * (center - centers[j]);
      centers[j] = center;
    }
    std::sort(centers.begin(), centers.end());
    if ((round > 0 && ends == before) || moved <= 1e-4 * variance) break;
  }
  for (double& center : centers) center += mean;
  return centers;
}

class KBinsDiscretizing {
 public:
  static constexpr std::string_view type = "KBinsDiscretizer";

  explicit KBinsDiscretizing(const KBinsDiscretizerOptions& options = {}) : options_(options) {}

  /// The edges of the bins of each column, ends included.
  std::vector<std::vector<double>> bin_edges() const {
    std::vector<std::vector<double>> edges;
    for (std::size_t c = 0; c + 1 < starts_.size(); ++c) edges.emplace_back(edges_of(c), edges_of(c) + bins(c) + 1);
    return edges;
  }

  /// Throws ConfigError for fewer than two bins, DataError for a range and, of kmeans, a variance that is infinite.
  Schema learn(const Frame& x) {
    if (options_.n_bins < 2)
      throw ConfigError(text("KBinsDiscretizer: expected n_bins >= 2, received ", options_.n_bins, "."));
    need_numbers(x.schema(), type);
    edges_.clear();
    starts_.assign(1, 0);
    std::vector<std::vector<double>> all(x.columns());
    for_each_column(x, [&](std::size_t c, std::span<double> cells) {
      const auto end = std::remove_if(cells.begin(), cells.end(), [](double cell) { return !std::isfinite(cell); });
      std::vector<std::size_t> row_of;  // of the sorted values
      if (options_.strategy == Bins::kmeans) {
        row_of.resize(static_cast<std::size_t>(end - cells.begin()));
        std::iota(row_of.begin(), row_of.end(), std::size_t{0});
        std::sort(row_of.begin(), row_of.end(),
                  [&](std::size_t a, std::size_t b) { return std::pair(cells[a], a) < std::pair(cells[b], b); });
      }
      std::sort(cells.begin(), end);
      if (end != cells.begin()) need_finite(type, x.schema()[c], *(end - 1) - cells.front());
      if (options_.strategy == Bins::kmeans) need_finite(type, x.schema()[c], Moments({cells.begin(), end}).variance);
      all[c] = edges_for({cells.begin(), end}, row_of);
    });
    for (const auto& edges : all) {
      edges_.insert(edges_.end(), edges.begin(), edges.end());
      starts_.push_back(edges_.size());
    }
    if (options_.encode == BinCode::ordinal) return as_numbers(x.schema());
    Schema output;
    for (std::size_t c = 0; c < x.columns(); ++c)
      for (std::size_t b = 0; b < bins(c); ++b) output.add({text(x.schema()[c].name, "_", b)});
    return output;
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    std::size_t place = 0;
    for (std::size_t c = 0; c < in.columns; ++c) {
      const double *first = edges_of(c) + 1, *last = edges_of(c) + bins(c);
      for (std::size_t r = 0; r < in.rows; ++r) {
        const double v = in(r, c);
        const auto bin = static_cast<std::size_t>(std::upper_bound(first, last, v) - first);
        if (options_.encode == BinCode::ordinal) {
          out(r, c) = std::isnan(v) ? v : static_cast<double>(bin);
        } else {
          std::fill_n(&out(r, place), bins(c), 0.0);
          if (!std::isnan(v)) out(r, place + bin) = 1;
        }
      }
      place += bins(c);
    }
  }

  /// The middle of each bin; missing for zeros.
  void invert(Block out, MutableBlock in, Scratch&) const {
    std::size_t place = 0;
    for (std::size_t c = 0; c < in.columns; place += bins(c++))
      for (std::size_t r = 0; r < in.rows; ++r) {
        double bin = missing_cell;
        if (options_.encode == BinCode::ordinal) {
          bin = std::clamp(std::round(out(r, c)), 0.0, static_cast<double>(bins(c) - 1));
        } else {
          const double *first = &out(r, place), *most = std::max_element(first, first + bins(c));
          if (*most != 0) bin = static_cast<double>(most - first);
        }
        const double* const edge = edges_of(c) + (std::isnan(bin) ? 0 : static_cast<std::size_t>(bin));
        in(r, c) = std::isnan(bin) ? missing_cell : std::midpoint(edge[0], edge[1]);
      }
  }

  bool fits(std::size_t in, std::size_t out) const {
    std::size_t all = 0;
    for (std::size_t c = 0; c + 1 < starts_.size(); ++c) {
      if (starts_[c + 1] < starts_[c] + 2 || starts_[c + 1] > edges_.size()) return false;
      all += bins(c);
    }
    return starts_[0] == 0 && starts_.back() == edges_.size() && in + 1 == starts_.size() &&
           out == (options_.encode == BinCode::ordinal ? in : all);
  }

  void fields(auto&& f) {
    f("n_bins", options_.n_bins);
    f("encode", options_.encode);
    f("strategy", options_.strategy);
    f("quantile_method", options_.quantile_method);
    f("edges", edges_);
    f("starts", starts_);
    if (starts_.empty()) starts_.assign(1, 0);
  }

 private:
  const double* edges_of(std::size_t c) const { return edges_.data() + starts_[c]; }
  std::size_t bins(std::size_t c) const { return starts_[c + 1] - starts_[c] - 1; }

  std::vector<double> edges_for(std::span<const double> sorted, const std::vector<std::size_t>& row_of) const {
    if (sorted.empty()) return {0, 0};
    const double low = sorted.front(), high = sorted.back();
    const std::size_t n = options_.n_bins;
    if (low == high) return {low, high};
    std::vector<double> edges(n + 1);
    const auto even = [&](std::size_t i) {
      return i == n ? high : low + static_cast<double>(i) * ((high - low) / static_cast<double>(n));
    };
    if (options_.strategy == Bins::quantile) {
      for (std::size_t i = 0; i <= n; ++i) {
        const double share = i == n ? 1 : static_cast<double>(i) * (100.0 / static_cast<double>(n)) / 100;
        edges[i] = options_.quantile_method == QuantileMethod::interpolated ? quantile_of_sorted(sorted, share)
                                                                            : inverted_cdf(sorted, share);
      }
    } else if (options_.strategy == Bins::uniform) {
      for (std::size_t i = 0; i <= n; ++i) edges[i] = even(i);
      return edges;
    } else {
      std::vector<double> centers(n);
      for (std::size_t i = 0; i < n; ++i) centers[i] = std::midpoint(even(i), even(i + 1));
      centers = kmeans_centers(sorted, row_of, std::move(centers));
      edges.front() = low;
      for (std::size_t i = 1; i < n; ++i) edges[i] = std::midpoint(centers[i - 1], centers[i]);
      edges.back() = high;
    }
    std::vector<double> apart{edges[0]};
    for (std::size_t i = 1; i <= n; ++i)
      if (edges[i] - edges[i - 1] > 1e-8 * std::min(1.0, high - low)) apart.push_back(edges[i]);
    if (apart.size() == 1) apart.push_back(high);
    return apart;
  }

  KBinsDiscretizerOptions options_;
  std::vector<double> edges_;           ///< of all columns, one column after the other
  std::vector<std::size_t> starts_{0};  ///< the first edge of each column, and the end
};

}  // namespace detail

/// Puts the numbers of each column into bins; values beyond those of fit go to the first and the last. Infinite and
/// missing values are left out of the edges; they stay missing, or are all zeros. One-hot bins are named age_0, age_1
/// ... (scikit-learn: age_0.0).
template <class T = float>
class KBinsDiscretizer : public Estimator<KBinsDiscretizer<T>, detail::KBinsDiscretizing, T> {
 public:
  explicit KBinsDiscretizer(KBinsDiscretizerOptions options = {}) : KBinsDiscretizer::Estimator(options) {}
};

}  // namespace foretell
