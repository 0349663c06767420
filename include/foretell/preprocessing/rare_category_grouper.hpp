// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/preprocessing/encoding.hpp"

namespace foretell {

struct RareCategoryGrouperOptions {
  double min_frequency = 0.01;     ///< rows (>= 1) or share of rows (< 1) below which a category is rare
  std::size_t max_categories = 0;  ///< most categories, the common one included; 0: no limit
  std::string other = "other";     ///< the common name of rare and unknown categories
};

namespace detail {

class RareGrouping {
 public:
  static constexpr std::string_view type = "RareCategoryGrouper";

  explicit RareGrouping(RareCategoryGrouperOptions options = {}) : options_(std::move(options)) {}

  /// How often each column was missing or unknown in transforms since fit, load or clear_hits.
  std::vector<ColumnHits> hits() const { return encodings_.hits(); }
  void clear_hits() { encodings_.clear_hits(); }

  Schema learn(const Frame& x) {
    encodings_.learn(x, options_.min_frequency, options_.max_categories, false, type);
    place();
    Schema output;
    for (std::size_t c = 0; c < encodings_.size(); ++c) {
      std::vector<std::string> names = encodings_[c].group_labels();
      names.resize(static_cast<std::size_t>(kept(c)));
      if (other_[c] == kept(c)) names.push_back(options_.other);
      output.add({encodings_[c].name, Kind::category, Categories(names)});
    }
    return output;
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < in.columns; ++c) {
        if (std::isnan(in(r, c))) {
          encodings_.count_missing(c, in(r, c));
          out(r, c) = in(r, c);
        } else {
          const std::int32_t group = encodings_.find(c, in(r, c), Unknown::ignore, type);
          out(r, c) = group < 0 || group >= kept(c) ? other_[c] : group;
        }
      }
  }

  /// Categories that were put together come back missing.
  void invert(Block out, MutableBlock in, Scratch&) const {
    for (std::size_t r = 0; r < out.rows; ++r)
      for (std::size_t c = 0; c < out.columns; ++c) {
        const double group = std::round(out(r, c));
        in(r, c) =
            group >= 0 && group < kept(c) ? encodings_[c].cell_of(static_cast<std::int32_t>(group)) : missing_cell;
      }
  }

  bool fits(std::size_t in, std::size_t out) const { return in == encodings_.size() && out == in; }

  void fields(auto&& f) {
    f("min_frequency", options_.min_frequency);
    f("max_categories", options_.max_categories);
    f("other", options_.other);
    f("columns", encodings_);
    place();
  }

 private:
  /// How many categories of a column keep their name.
  std::int32_t kept(std::size_t c) const { return encodings_[c].groups - encodings_[c].infrequent; }

  /// Finds the code of the common name: that of a category which has this name already, or the next.
  void place() {
    other_.clear();
    for (std::size_t c = 0; c < encodings_.size(); ++c) {
      const std::vector<std::string> names = encodings_[c].group_labels();
      std::int32_t code = 0;
      while (code < kept(c) && names[static_cast<std::size_t>(code)] != options_.other) ++code;
      other_.push_back(code);
    }
  }

  RareCategoryGrouperOptions options_;
  Encodings encodings_;
  std::vector<std::int32_t> other_;
};

}  // namespace detail

/// Puts rare categories, and those not seen in fit, under one name; the columns stay text, for any encoder behind it.
/// Numbers become categories, spelled as shortly as they can be. Missing values stay missing.
template <class T = float>
class RareCategoryGrouper : public Estimator<RareCategoryGrouper<T>, detail::RareGrouping, T> {
 public:
  explicit RareCategoryGrouper(RareCategoryGrouperOptions options = {})
      : RareCategoryGrouper::Estimator(std::move(options)) {}
};

}  // namespace foretell
