// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/preprocessing/encoding.hpp"

namespace foretell {

struct CountEncoderOptions {
  bool normalize = false;  ///< the share of rows instead of their number
};

namespace detail {

class CountEncoding {
 public:
  static constexpr std::string_view type = "CountEncoder";

  explicit CountEncoding(const CountEncoderOptions& options = {}) : options_(options) {}

  /// The categories of each column; "nan" stands for missing.
  std::vector<std::vector<std::string>> categories() const { return encodings_.labels(); }
  std::vector<ColumnHits> hits() const { return encodings_.hits(); }
  void clear_hits() { encodings_.clear_hits(); }

  Schema learn(const Frame& x) {
    encodings_.learn(x, 0, 0, true, type);
    starts_ = encodings_.starts();
    values_.assign(starts_.back(), 0);
    const double all = options_.normalize ? static_cast<double>(x.rows()) : 1;
    for_each_column(x, [&](std::size_t c, std::span<double> cells) {
      double* const counts = values_.data() + starts_[c];
      for (const double cell : cells)
        if (const std::int32_t group = encodings_[c].find(cell); group >= 0) counts[group] += 1;
      for (std::int32_t g = 0; g < encodings_[c].groups; ++g) counts[g] /= all;
    });
    return as_numbers(x.schema());
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < in.columns; ++c) {
        const std::int32_t group = encodings_.find(c, in(r, c), Unknown::ignore, type);
        out(r, c) = group < 0 ? 0 : values_[starts_[c] + static_cast<std::size_t>(group)];
      }
  }

  bool fits(std::size_t in, std::size_t out) const {
    return in == encodings_.size() && out == in && values_.size() == starts_.back();
  }

  void fields(auto&& f) {
    f("normalize", options_.normalize);
    f("columns", encodings_);
    f("values", values_);
    starts_ = encodings_.starts();
  }

 private:
  CountEncoderOptions options_;
  Encodings encodings_;
  std::vector<double> values_;
  std::vector<std::size_t> starts_{0};  ///< the first category of each column, and the end
};

}  // namespace detail

/// How many rows of fit had the category, or which share of them: 0 for one not seen. Missing is a category of its own
/// when fit saw it.
template <class T = float>
class CountEncoder : public Estimator<CountEncoder<T>, detail::CountEncoding, T> {
 public:
  explicit CountEncoder(CountEncoderOptions options = {}) : CountEncoder::Estimator(options) {}
};

}  // namespace foretell
