// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/preprocessing/encoding.hpp"

namespace foretell {

/// Which category gets no column of its own: none, the first, or the first of columns with two.
enum class Drop : std::uint8_t { none, first, if_binary };
constexpr auto enum_names(Drop) { return std::array<std::string_view, 3>{"none", "first", "if_binary"}; }

struct OneHotEncoderOptions {
  Unknown handle_unknown = Unknown::ignore;  ///< ignore: all zeros
  Drop drop = Drop::none;
  double min_frequency = 0;          ///< rows (>= 1) or share of rows (< 1) below which a category is infrequent
  std::size_t max_categories = 0;    ///< most columns for one column, the infrequent group included; 0: no limit
  double missing_min_frequency = 0;  ///< as min_frequency, below which missing is no category, see below
};

namespace detail {

class OneHotEncoding {
 public:
  static constexpr std::string_view type = "OneHotEncoder";

  explicit OneHotEncoding(const OneHotEncoderOptions& options = {}) : options_(options) {}

  /// The categories of each column, infrequent and dropped ones included; "nan" stands for missing.
  std::vector<std::vector<std::string>> categories() const { return encodings_.labels(); }
  /// How often each column was missing or unknown in transforms since fit, load or clear_hits.
  std::vector<ColumnHits> hits() const { return encodings_.hits(); }
  void clear_hits() { encodings_.clear_hits(); }

  Schema learn(const Frame& x) {
    encodings_.learn(x, options_.min_frequency, options_.max_categories, true, type, options_.missing_min_frequency);
    place();
    Schema output;
    for (std::size_t c = 0; c < encodings_.size(); ++c) {
      const std::vector<std::string> labels = encodings_[c].group_labels();
      for (auto g = static_cast<std::size_t>(drops(c)); g < labels.size(); ++g)
        output.add({text(encodings_[c].name, "_", labels[g])});
    }
    return output;
  }

  void apply(Block in, MutableBlock out, Scratch& scratch) const { spread_nonzeros(*this, in, out, scratch); }
  /// f(column, value) for the columns of a row that are not 0, in ascending order; 1, but for missing cells that stand
  /// for all categories.
  template <class F>
  void nonzeros(Block row, Scratch&, const F& f) const {
    const double* const x = row.data;
    for (std::size_t c = 0; c < encodings_.size(); ++c) {
      const std::vector<double>& shares = encodings_[c].missing_shares;
      if (!shares.empty() && x[c] != x[c]) {
        encodings_.count_missing(c, x[c]);
        for (auto g = static_cast<std::size_t>(drops_[c]); g < shares.size(); ++g)
          f(starts_[c] + g - static_cast<std::size_t>(drops_[c]), shares[g]);
        continue;
      }
      const std::int32_t group = encodings_.find(c, x[c], options_.handle_unknown, type);
      if (group >= drops_[c]) f(starts_[c] + static_cast<std::size_t>(group - drops_[c]), 1.0);
    }
  }

  /// The category with the largest value; zeros are the dropped category or, without one, missing, and so are the group
  /// of infrequent categories and the shares of all.
  void invert(Block out, MutableBlock in, Scratch&) const {
    for (std::size_t r = 0; r < out.rows; ++r)
      for (std::size_t c = 0; c < in.columns; ++c) {
        const double *first = out.row(r) + starts_[c], *last = out.row(r) + starts_[c + 1];
        const double* most = std::max_element(first, last);
        if (is_shares(c, first)) {
          in(r, c) = missing_cell;
          continue;
        }
        const bool zeros = first == last || *most == 0;
        in(r, c) = encodings_[c].cell_of(zeros ? drops_[c] - 1 : static_cast<std::int32_t>(most - first) + drops_[c]);
      }
  }

  bool fits(std::size_t in, std::size_t out) const { return in == encodings_.size() && out == starts_[in]; }

  void fields(auto&& f) {
    f("handle_unknown", options_.handle_unknown);
    f("drop", options_.drop);
    f("min_frequency", options_.min_frequency);
    f("max_categories", options_.max_categories);
    f("missing_min_frequency", options_.missing_min_frequency);
    f("columns", encodings_);
    place();
  }

 private:
  /// Whether these are what a missing cell of column c stands for, and no category: more than one share.
  bool is_shares(std::size_t c, const double* y) const {
    const std::vector<double>& shares = encodings_[c].missing_shares;
    return shares.size() > 1 && std::equal(shares.begin() + drops_[c], shares.end(), y,
                                           [](double a, double b) { return std::abs(a - b) < 1e-6; });
  }
  std::int32_t drops(std::size_t c) const {
    return options_.drop == Drop::first ? std::min(encodings_[c].groups, 1)
                                        : options_.drop == Drop::if_binary && encodings_[c].groups == 2;
  }

  void place() {
    starts_.assign(1, 0);
    drops_.clear();
    for (std::size_t c = 0; c < encodings_.size(); ++c) {
      drops_.push_back(drops(c));
      starts_.push_back(starts_.back() + static_cast<std::size_t>(encodings_[c].groups - drops_[c]));
    }
  }

  OneHotEncoderOptions options_;
  Encodings encodings_;
  std::vector<std::size_t> starts_{0};  ///< the first output column of each column, and the end
  std::vector<std::int32_t> drops_;     ///< how many groups, 0 or 1, have no column
};

}  // namespace detail

/// One 0/1 column for each category. Categories are sorted: texts by their bytes, numbers by value. A missing value is
/// a category of its own, the last, when fit saw one; otherwise it is handled as unknown ones are. Infrequent
/// categories share one column, behind the others. transform_sparse leaves the zeros out.
///
/// The columns are named column_category, the infrequent ones' column_infrequent_sklearn, as in scikit-learn, but that
/// numbers are spelled as short as they go (scikit-learn: region_1.0), booleans as they were read (flag_Yes, not
/// flag_True), and a name that comes up again gets _2 behind it.
///
/// With missing_min_frequency, which scikit-learn has not, a value that fit never or too rarely saw missing stands for
/// all of its categories when it is missing: each column has the share of its category among the rows of fit.
template <class T = float>
class OneHotEncoder : public Estimator<OneHotEncoder<T>, detail::OneHotEncoding, T> {
 public:
  explicit OneHotEncoder(OneHotEncoderOptions options = {}) : OneHotEncoder::Estimator(options) {}

  /// The categories behind the columns, as a table.
  template <ArrayLike X>
  Table inverse_transform(const X& x) const {
    return this->inverse_table(x);
  }
};

}  // namespace foretell
