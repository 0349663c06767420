// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <string_view>

#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

namespace detail {

class PassingThrough {
 public:
  static constexpr std::string_view type = "Passthrough";

  Schema learn(const Frame& x) {
    need_numbers(x.schema(), type);
    return x.schema();
  }
  void apply(Block in, MutableBlock out, Scratch&) const { copy(in, out); }
  void invert(Block out, MutableBlock in, Scratch&) const { copy(out, in); }
  bool fits(std::size_t in, std::size_t out) const { return in == out; }
  void fields(auto&&) {}

 private:
  static void copy(Block from, MutableBlock to) {
    for (std::size_t r = 0; r < from.rows; ++r) std::copy_n(from.row(r), from.columns, to.row(r));
  }
};

}  // namespace detail

/// Leaves numbers and booleans as they are. Throws DataError for text columns.
template <class T = float>
class Passthrough : public Estimator<Passthrough<T>, detail::PassingThrough, T> {};

}  // namespace foretell
