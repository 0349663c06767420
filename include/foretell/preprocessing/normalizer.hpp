// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

/// The length of a row: root of the sum of squares, sum of absolute values, or the largest of them.
enum class RowNorm : std::uint8_t { l2, l1, max };
constexpr auto enum_names(RowNorm) { return std::array<std::string_view, 3>{"l2", "l1", "max"}; }

struct NormalizerOptions {
  RowNorm norm = RowNorm::l2;
};

namespace detail {

class Normalizing {
 public:
  static constexpr std::string_view type = "Normalizer";

  explicit Normalizing(const NormalizerOptions& options = {}) : options_(options) {}

  Schema learn(const Frame& x) {
    need_numbers(x.schema(), type);
    return as_numbers(x.schema());
  }

  /// Throws DataError for a row with an infinite number.
  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r) {
      const double* x = in.row(r);
      Length row = length(x, in.columns, 1);
      if (row.most > 1e140 || (row.most < 1e-140 && row.most > 0)) {  // its squares, or their sum, are no doubles
        if (std::isinf(row.most))
          throw DataError("Normalizer: a row holds an infinite number, of which no share can be taken; cut it first.");
        const double unit = row.most;
        row = length(x, in.columns, unit);
        for (std::size_t c = 0; c < in.columns; ++c) out(r, c) = x[c] / unit / row.all;
        continue;
      }
      const double by = row.all == 0 ? 1 : row.all;
      for (std::size_t c = 0; c < in.columns; ++c) out(r, c) = x[c] / by;
    }
  }

  bool fits(std::size_t in, std::size_t out) const { return in == out; }
  void fields(auto&& f) { f("norm", options_.norm); }

 private:
  struct Length {
    double all, most;
  };
  /// Of x / unit, and the largest number in it.
  Length length(const double* x, std::size_t columns, double unit) const {
    double sum = 0, most = 0;
    for (std::size_t c = 0; c < columns; ++c) {
      const double v = std::isnan(x[c]) ? 0 : std::abs(x[c]) / unit;
      most = v > most ? v : most;
      sum += options_.norm == RowNorm::l2 ? v * v : v;
    }
    return {options_.norm == RowNorm::max ? most : options_.norm == RowNorm::l2 ? std::sqrt(sum) : sum, most};
  }

  NormalizerOptions options_;
};

}  // namespace detail

/// Divides each row by its length; a row of zeros stays, one with an infinite number is refused. Missing values add
/// nothing to the length and stay missing.
template <class T = float>
class Normalizer : public Estimator<Normalizer<T>, detail::Normalizing, T> {
 public:
  explicit Normalizer(NormalizerOptions options = {}) : Normalizer::Estimator(options) {}
};

}  // namespace foretell
