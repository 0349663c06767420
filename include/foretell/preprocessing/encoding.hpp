// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/whole_rows.hpp"
#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

/// What an encoder does with a category not seen in fit: throw, give it the answer reserved for it, or treat it as one
/// of the infrequent categories.
enum class Unknown : std::uint8_t { error, ignore, infrequent };
constexpr auto enum_names(Unknown) { return std::array<std::string_view, 3>{"error", "ignore", "infrequent"}; }

namespace detail {

/// The categories of one column, in order, and the group of each: its own, or the last one when it is infrequent.
/// Number columns have categories too, their distinct values.
struct CategoryEncoding {
  static constexpr std::int32_t none = -1;

  std::string name;
  std::vector<std::string> labels;  ///< texts in byte order, numbers in ascending order, "nan" (missing) last
  std::vector<double> cells;        ///< the cell of each label
  std::vector<std::int32_t> group_of;
  std::int32_t groups = 0;
  bool infrequent = false;             ///< the last group is that of infrequent categories
  std::vector<double> missing_shares;  ///< of the groups, for what is missing and no category; empty: it is as unknown

  /// Learns from all cells of a column, which are reordered. `with_missing` makes missing a category where it occurs,
  /// or in at least `missing_min_frequency` rows, which is a share of them below 1; where it is rarer, above 0, a
  /// missing cell stands for all categories, by their shares of the others.
  void learn(const Field& field, std::span<double> column, double min_frequency, std::size_t max_categories,
             bool with_missing, double missing_min_frequency) {
    *this = {};
    name = field.name;
    const auto present = std::partition(column.begin(), column.end(), [](double cell) { return !std::isnan(cell); });
    const bool by_shares = missing_min_frequency > 0 && static_cast<double>(column.end() - present) <
                                                            least_rows(missing_min_frequency, column.size());
    std::sort(column.begin(), present);
    std::vector<std::size_t> counts;
    for (auto first = column.begin(); first != present;) {
      const auto last = std::upper_bound(first, present, *first);
      if (field.kind == Kind::number || *first >= 0) {
        cells.push_back(*first + 0.0);
        labels.push_back(label(field, *first + 0.0));
        counts.push_back(static_cast<std::size_t>(last - first));
      }
      first = last;
    }
    if (field.kind == Kind::category) sort_by_label(counts);
    if (with_missing && !by_shares && present != column.end()) {
      cells.push_back(missing_cell);
      labels.emplace_back("nan");
      counts.push_back(static_cast<std::size_t>(column.end() - present));
    }
    group(counts, least_rows(min_frequency, column.size()), max_categories);
    if (by_shares) {
      missing_shares.resize(static_cast<std::size_t>(groups));
      for (std::size_t i = 0; i < counts.size(); ++i)
        missing_shares[static_cast<std::size_t>(group_of[i])] +=
            static_cast<double>(counts[i]) / static_cast<double>(present - column.begin());
    }
    index();
  }

  /// The group of a cell, or `none` for one not seen in fit.
  std::int32_t find(double cell) const {
    if (std::isnan(cell)) return missing_group_;
    const double place = cell - lowest_;
    if (place >= 0 && place < static_cast<double>(direct_.size())) {
      const auto i = static_cast<std::size_t>(place);
      if (static_cast<double>(i) == place) return direct_[i];
    }
    if (all_direct_) return none;
    const auto found = std::lower_bound(sorted_.begin(), sorted_.end(), std::pair(cell, std::int32_t{0}));
    return found != sorted_.end() && found->first == cell ? found->second : none;
  }

  /// Whether the categories are texts, not the values of a column of numbers.
  bool texts() const { return texts_; }

  /// The cell of the only category of a group; an unknown cell for the group of infrequent ones.
  double cell_of(std::int32_t group) const {
    return group >= 0 && group < groups && !(infrequent && group == groups - 1)
               ? cell_of_[static_cast<std::size_t>(group)]
               : missing_cell;
  }

  /// The names of the groups: the labels, and "infrequent_sklearn", as scikit-learn has it.
  std::vector<std::string> group_labels() const {
    std::vector<std::string> names(static_cast<std::size_t>(groups));
    for (std::size_t i = labels.size(); i-- > 0;) names[static_cast<std::size_t>(group_of[i])] = labels[i];
    if (infrequent) names.back() = "infrequent_sklearn";
    return names;
  }

  void fields(auto&& f) {
    f("name", name);
    f("labels", labels);
    f("cells", cells);
    f("group_of", group_of);
    f("groups", groups);
    f("infrequent", infrequent);
    f("missing_shares", missing_shares);
    index();
  }

 private:
  static std::string label(const Field& field, double cell) {
    NumberText room;
    if (field.kind == Kind::number) return std::string(text_of(cell, room));
    const auto code = static_cast<std::size_t>(cell);
    if (code < field.categories.size()) return field.categories[code];
    return code ? "true" : "false";
  }

  void sort_by_label(std::vector<std::size_t>& counts) {
    std::vector<std::size_t> order(labels.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return labels[a] < labels[b]; });
    const auto sorted = [&](auto& values) {
      std::remove_reference_t<decltype(values)> result;
      for (const std::size_t i : order) result.push_back(std::move(values[i]));
      values = std::move(result);
    };
    sorted(labels);
    sorted(cells);
    sorted(counts);
  }

  /// Infrequent are the categories with fewer rows than `least` and, when there are still more groups than `most`, the
  /// rarest, of equally rare ones the first.
  void group(const std::vector<std::size_t>& counts, double least, std::size_t most) {
    std::vector<bool> rare(counts.size());
    for (std::size_t i = 0; i < counts.size(); ++i) rare[i] = static_cast<double>(counts[i]) < least;
    const auto few = static_cast<std::size_t>(std::count(rare.begin(), rare.end(), true));
    if (most > 0 && counts.size() - few + 1 > most) {
      std::vector<std::size_t> order(counts.size());
      std::iota(order.begin(), order.end(), std::size_t{0});
      std::sort(order.begin(), order.end(),
                [&](std::size_t a, std::size_t b) { return std::pair(counts[a], a) < std::pair(counts[b], b); });
      order.resize(counts.size() - (most - 1));
      for (const std::size_t i : order) rare[i] = true;
    }
    infrequent = std::find(rare.begin(), rare.end(), true) != rare.end();
    for (const bool r : rare) group_of.push_back(r ? none : groups++);
    for (auto& g : group_of)
      if (g == none) g = groups;
    groups += infrequent;
  }

  /// Prepares `find` from the learned values; throws FormatError when those contradict each other.
  void index() {
    bool sound = labels.size() == cells.size() && labels.size() == group_of.size() && groups >= 0 &&
                 static_cast<std::size_t>(groups) <= labels.size();
    std::vector<std::int32_t> members(sound ? static_cast<std::size_t>(groups) : 0);
    for (const std::int32_t g : group_of) {
      sound = sound && g >= 0 && g < groups;
      if (sound) ++members[static_cast<std::size_t>(g)];
    }
    sound = sound && (missing_shares.empty() || missing_shares.size() == static_cast<std::size_t>(groups));
    for (const std::int32_t count : members) sound = sound && count > 0;
    if (!sound || (infrequent && groups == 0))
      throw FormatError(text("the categories of column \"", name, "\" and their groups do not fit together."));
    missing_group_ = none;
    texts_ = false;
    sorted_.clear();
    cell_of_.assign(static_cast<std::size_t>(groups), missing_cell);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      cell_of_[static_cast<std::size_t>(group_of[i])] = cells[i];
      texts_ = texts_ || (!std::isnan(cells[i]) && labels[i] != text(cells[i]));
      if (std::isnan(cells[i]))
        missing_group_ = group_of[i];
      else
        sorted_.emplace_back(cells[i], group_of[i]);
    }
    std::sort(sorted_.begin(), sorted_.end());
    direct_.clear();
    lowest_ = sorted_.empty() ? 0 : std::floor(sorted_[0].first);
    const double span = sorted_.empty() ? 0 : sorted_.back().first - lowest_ + 1;
    const bool dense = span <= static_cast<double>(8 * sorted_.size() + 64);
    if (dense) direct_.assign(static_cast<std::size_t>(span), none);
    all_direct_ = dense;
    for (const auto& [cell, g] : sorted_) {
      if (dense && std::floor(cell) == cell)
        direct_[static_cast<std::size_t>(cell - lowest_)] = g;
      else
        all_direct_ = false;
    }
  }

  std::int32_t missing_group_ = none;
  bool texts_ = false;
  double lowest_ = 0;
  std::vector<std::int32_t> direct_;  ///< the group of lowest_ + i
  bool all_direct_ = true;
  std::vector<std::pair<double, std::int32_t>> sorted_;
  std::vector<double> cell_of_;
};

/// The encodings of all columns, with the counters of missing and unknown values.
class Encodings {
 public:
  void learn(const Frame& x, double min_frequency, std::size_t max_categories, bool with_missing, std::string_view who,
             double missing_min_frequency = 0) {
    if (!(missing_min_frequency >= 0))
      throw ConfigError(text(who, ": expected missing_min_frequency >= 0, received ", missing_min_frequency, "."));
    if (!(min_frequency >= 0))
      throw ConfigError(text(who, ": expected min_frequency >= 0, received ", min_frequency, "."));
    columns_.assign(x.columns(), {});
    counters_ = Counters(x.schema().names());
    for_each_column(x, [&](std::size_t c, std::span<double> cells) {
      columns_[c].learn(x.schema()[c], cells, min_frequency, max_categories, with_missing, missing_min_frequency);
    });
  }

  std::size_t size() const { return columns_.size(); }
  const CategoryEncoding& operator[](std::size_t c) const { return columns_[c]; }

  /// The group of a cell in column c. One not seen in fit is `none`, the infrequent group or a DataError. Counts
  /// missing and unknown cells.
  std::int32_t find(std::size_t c, double cell, Unknown handling, std::string_view who) const {
    const std::int32_t group = columns_[c].find(cell);
    const bool missing = std::isnan(cell);
    if (missing) count_missing(c, cell);
    return group != CategoryEncoding::none ? group : not_seen(c, cell, handling, who);
  }
  void count_missing(std::size_t c, double cell) const { counters_[c].raise_missing(cell); }

  std::vector<ColumnHits> hits() const { return counters_.hits(); }
  void clear_hits() { counters_.clear(); }

  /// The first group of each column among those of all, and the end.
  std::vector<std::size_t> starts() const {
    std::vector<std::size_t> starts{0};
    for (const CategoryEncoding& encoding : columns_)
      starts.push_back(starts.back() + static_cast<std::size_t>(encoding.groups));
    return starts;
  }
  /// The labels of all columns.
  std::vector<std::vector<std::string>> labels() const {
    std::vector<std::vector<std::string>> labels;
    for (const CategoryEncoding& encoding : columns_) labels.push_back(encoding.labels);
    return labels;
  }

  friend void visit_field(FieldVisitor& visitor, std::string_view name, Encodings& encodings) {
    visit_value(visitor, name, encodings.columns_);
    if (!visitor.reading()) return;
    std::vector<std::string> names(encodings.size());
    for (std::size_t c = 0; c < names.size(); ++c) names[c] = encodings[c].name;
    encodings.counters_ = Counters(std::move(names));
  }

 private:
  std::int32_t not_seen(std::size_t c, double cell, Unknown handling, std::string_view who) const {
    const CategoryEncoding& encoding = columns_[c];
    const bool missing = std::isnan(cell);
    if (!missing)
      (encoding.texts() && is_unreadable_category(cell) ? counters_[c].unreadable : counters_[c].unknown).raise();
    if (handling == Unknown::error)
      throw DataError(text(who, ": column \"", encoding.name, "\" holds ", missing ? "a missing value" : "a category",
                           ", not seen in fit (", quoted_list(encoding.labels, 8),
                           "); handle_unknown = Unknown::ignore accepts it."));
    return handling == Unknown::infrequent && encoding.infrequent ? encoding.groups - 1 : CategoryEncoding::none;
  }

  std::vector<CategoryEncoding> columns_;
  Counters counters_;
};

}  // namespace detail
}  // namespace foretell
