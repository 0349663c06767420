// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "foretell/preprocessing/transformer.hpp"

namespace foretell::detail {

/// What transformers share that keep some columns and drop the others.
class Selecting {
 public:
  /// Whether each column is kept.
  std::vector<bool> get_support() const {
    std::vector<bool> support(columns_);
    for (const std::size_t c : kept_) support[c] = true;
    return support;
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t i = 0; i < kept_.size(); ++i) out(r, i) = in(r, kept_[i]);
  }
  /// Dropped columns come back as zeros.
  void invert(Block out, MutableBlock in, Scratch&) const {
    for (std::size_t r = 0; r < out.rows; ++r) {
      std::fill_n(in.row(r), in.columns, 0.0);
      for (std::size_t i = 0; i < kept_.size(); ++i) in(r, kept_[i]) = out(r, i);
    }
  }
  bool fits(std::size_t in, std::size_t out) const {
    return in == columns_ && out == kept_.size() &&
           std::all_of(kept_.begin(), kept_.end(), [&](std::size_t c) { return c < columns_; });
  }

 protected:
  /// Keeps the columns whose place is true; returns them.
  Schema keep(const Schema& schema, const std::vector<bool>& support) {
    columns_ = schema.size();
    kept_.clear();
    Schema output;
    for (std::size_t c = 0; c < columns_; ++c)
      if (support[c]) {
        kept_.push_back(c);
        output.add(schema[c]);
      }
    return output;
  }

  void list(auto&& f) {
    f("columns", columns_);
    f("kept", kept_);
  }

 private:
  std::size_t columns_ = 0;
  std::vector<std::size_t> kept_;
};

}  // namespace foretell::detail
