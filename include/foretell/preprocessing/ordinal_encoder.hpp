// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/preprocessing/encoding.hpp"

namespace foretell {

/// The next free number of a column, behind its categories.
inline constexpr double own_slot = std::numeric_limits<double>::infinity();

struct OrdinalEncoderOptions {
  Unknown handle_unknown = Unknown::ignore;  ///< ignore: `unknown_value`
  double unknown_value = own_slot;           ///< for a category not seen in fit
  double missing_value = own_slot;           ///< for a missing value
  double min_frequency = 0;        ///< rows (>= 1) or share of rows (< 1) below which a category is infrequent
  std::size_t max_categories = 0;  ///< most numbers for categories, the infrequent group included; 0: no limit
};

namespace detail {

class OrdinalEncoding {
 public:
  static constexpr std::string_view type = "OrdinalEncoder";

  explicit OrdinalEncoding(const OrdinalEncoderOptions& options = {}) : options_(options) {}

  /// The categories of each column, infrequent ones included.
  std::vector<std::vector<std::string>> categories() const { return encodings_.labels(); }
  /// How many numbers each column may take, own slots included.
  std::vector<std::size_t> cardinalities() const {
    std::vector<std::size_t> sizes;
    for (std::size_t c = 0; c < encodings_.size(); ++c)
      sizes.push_back(static_cast<std::size_t>(encodings_[c].groups) + (options_.missing_value == own_slot) +
                      (options_.unknown_value == own_slot));
    return sizes;
  }
  /// How often each column was missing or unknown in transforms since fit, load or clear_hits.
  std::vector<ColumnHits> hits() const { return encodings_.hits(); }
  void clear_hits() { encodings_.clear_hits(); }

  /// Throws ConfigError when unknown_value or missing_value is the number of a category.
  Schema learn(const Frame& x) {
    encodings_.learn(x, options_.min_frequency, options_.max_categories, false, type);
    const auto check = [&](std::string_view what, double value) {
      for (std::size_t c = 0; c < encodings_.size(); ++c)
        if (value >= 0 && value < encodings_[c].groups)
          throw ConfigError(text("OrdinalEncoder: ", what, " ", value, " is the number of a category of column \"",
                                 encodings_[c].name, "\", which has ", encodings_[c].groups,
                                 "; use a negative number or own_slot."));
    };
    check("unknown_value", options_.unknown_value);
    check("missing_value", options_.missing_value);
    return as_numbers(x.schema());
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t c = 0; c < in.columns; ++c) {
      const double groups = encodings_[c].groups;
      const double missing = options_.missing_value == own_slot ? groups : options_.missing_value;
      const double unknown =
          options_.unknown_value == own_slot ? groups + (options_.missing_value == own_slot) : options_.unknown_value;
      for (std::size_t r = 0; r < in.rows; ++r) {
        if (std::isnan(in(r, c))) {
          encodings_.count_missing(c, in(r, c));
          out(r, c) = missing;
        } else {
          const std::int32_t group = encodings_.find(c, in(r, c), options_.handle_unknown, type);
          out(r, c) = group < 0 ? unknown : group;
        }
      }
    }
  }

  /// Missing, unknown and infrequent come back as missing.
  void invert(Block out, MutableBlock in, Scratch&) const {
    for (std::size_t r = 0; r < out.rows; ++r)
      for (std::size_t c = 0; c < out.columns; ++c) {
        const double group = std::round(out(r, c));
        in(r, c) = group >= 0 && group < encodings_[c].groups ? encodings_[c].cell_of(static_cast<std::int32_t>(group))
                                                              : missing_cell;
      }
  }

  bool fits(std::size_t in, std::size_t out) const { return in == encodings_.size() && out == in; }

  void fields(auto&& f) {
    f("handle_unknown", options_.handle_unknown);
    f("unknown_value", options_.unknown_value);
    f("missing_value", options_.missing_value);
    f("min_frequency", options_.min_frequency);
    f("max_categories", options_.max_categories);
    f("columns", encodings_);
  }

 private:
  OrdinalEncoderOptions options_;
  Encodings encodings_;
};

}  // namespace detail

/// Numbers the sorted categories 0, 1, ... k-1 in each column; infrequent ones share the last. In their own slots,
/// missing is k and unknown is k + 1, so that every answer is a row of an embedding of `cardinalities()` rows, whatever
/// comes.
template <class T = float>
class OrdinalEncoder : public Estimator<OrdinalEncoder<T>, detail::OrdinalEncoding, T> {
 public:
  explicit OrdinalEncoder(OrdinalEncoderOptions options = {}) : OrdinalEncoder::Estimator(options) {}

  /// The categories behind the numbers, as a table.
  template <ArrayLike X>
  Table inverse_transform(const X& x) const {
    return this->inverse_table(x);
  }
};

}  // namespace foretell
