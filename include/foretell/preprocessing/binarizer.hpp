// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>

#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

struct BinarizerOptions {
  double threshold = 0;  ///< larger values are 1
};

namespace detail {

class Binarizing {
 public:
  static constexpr std::string_view type = "Binarizer";

  explicit Binarizing(const BinarizerOptions& options = {}) : options_(options) {}

  Schema learn(const Frame& x) {
    need_numbers(x.schema(), type);
    return as_numbers(x.schema());
  }
  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < in.columns; ++c)
        out(r, c) = std::isnan(in(r, c)) ? in(r, c) : in(r, c) > options_.threshold;
  }
  bool fits(std::size_t in, std::size_t out) const { return in == out; }
  void fields(auto&& f) { f("threshold", options_.threshold); }

 private:
  BinarizerOptions options_;
};

}  // namespace detail

/// 1 for values above the threshold, 0 for others. Missing values stay missing.
template <class T = float>
class Binarizer : public Estimator<Binarizer<T>, detail::Binarizing, T> {
 public:
  explicit Binarizer(BinarizerOptions options = {}) : Binarizer::Estimator(options) {}
};

}  // namespace foretell
