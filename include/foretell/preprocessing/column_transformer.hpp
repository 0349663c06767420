// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/data/near_match.hpp"
#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

/// Columns by name, or by place (from 0) among all columns of the data.
class Columns {
 public:
  Columns() = default;
  Columns(std::initializer_list<std::string_view> names) : names_(names.begin(), names.end()) {}
  Columns(std::initializer_list<std::size_t> places) : places_(places) {}
  Columns(std::vector<std::string> names) : names_(std::move(names)) {}
  Columns(std::vector<std::size_t> places) : places_(std::move(places)) {}
  template <class Name>
  requires std::convertible_to<const Name&, std::string_view> Columns(const Name& name)
      : names_{std::string(std::string_view(name))} {}

  const std::vector<std::string>& names() const { return names_; }
  const std::vector<std::size_t>& places() const { return places_; }

  /// The places in `schema`; throws DataError for a column that does not exist.
  std::vector<std::size_t> find(const Schema& schema) const {
    std::vector<std::size_t> found = places_;
    for (const std::size_t place : places_)
      if (place >= schema.size()) throw DataError(text("column ", place, " of ", schema.size(), " does not exist."));
    for (const auto& name : names_) found.push_back(schema.index(name));
    return found;
  }

  void fields(auto&& f) {
    f("names", names_);
    f("places", places_);
  }

 private:
  std::vector<std::string> names_;
  std::vector<std::size_t> places_;
};

/// What becomes of the columns that no branch names.
enum class Remainder : std::uint8_t { drop, passthrough };
constexpr auto enum_names(Remainder) { return std::array<std::string_view, 2>{"drop", "passthrough"}; }

struct ColumnTransformerOptions {
  Remainder remainder = Remainder::drop;  ///< passthrough: behind all others, named remainder__column
};

namespace detail {

struct NamedBranch {
  std::string name;
  AnyTransformer transformer;
  Columns columns;

  void fields(auto&& f) {
    f("name", name);
    f("transformer", transformer);
    f("columns", columns);
  }
};

class Branching {
 public:
  static constexpr std::string_view type = "ColumnTransformer";

  explicit Branching(std::vector<NamedBranch> branches = {}, ColumnTransformerOptions options = {})
      : branches_(std::move(branches)), options_(options) {}

  const std::vector<NamedBranch>& branches() const { return branches_; }
  /// The transformer of that name; throws ConfigError that lists the names when there is none.
  const AnyTransformer& operator[](std::string_view name) const {
    std::vector<std::string> names;
    for (const auto& branch : branches_) {
      if (branch.name == name) return branch.transformer;
      names.push_back(branch.name);
    }
    throw ConfigError(text("ColumnTransformer: there is no branch \"", name, "\".", did_you_mean(name, names),
                           " The branches are ", quoted_list(names), "."));
  }
  /// The missing and unknown values that the branches met.
  std::vector<ColumnHits> hits() const {
    std::vector<ColumnHits> all;
    for (const auto& branch : branches_)
      for (auto& hits : branch.transformer.hits()) all.push_back(std::move(hits));
    return all;
  }
  void clear_hits() {
    for (auto& branch : branches_) branch.transformer.clear_hits();
  }

  std::vector<std::string> needs(std::vector<std::string> names) const {
    if (branches_.empty() || options_.remainder == Remainder::passthrough) return names;
    std::vector<std::string> used;
    for (const auto& branch : branches_) {
      if (!branch.columns.places().empty()) return names;
      used.insert(used.end(), branch.columns.names().begin(), branch.columns.names().end());
    }
    const auto absent_from = [](const std::vector<std::string>& list) {
      return [&list](const std::string& name) { return std::find(list.begin(), list.end(), name) == list.end(); };
    };
    std::vector<std::string> lacking;
    std::copy_if(used.begin(), used.end(), std::back_inserter(lacking), absent_from(names));
    std::erase_if(names, absent_from(used));
    names.insert(names.end(), lacking.begin(), lacking.end());
    return names;
  }

  std::vector<std::string> reads_texts(std::vector<std::string> names) const {
    std::vector<std::string> texts;
    for (const auto& branch : branches_) {
      std::vector<std::string> own;
      for (const std::size_t place : places_of(branch, Schema(names))) own.push_back(names[place]);
      for (auto& name : branch.transformer.reads_texts(std::move(own))) texts.push_back(std::move(name));
    }
    return texts;
  }

  /// Throws ConfigError for equal names of branches, DataError for a column that does not exist.
  Schema learn(const Frame& x) {
    check_names();
    find_places(x.schema());
    Schema output;
    for (std::size_t i = 0; i < branches_.size(); ++i) {
      const Schema features = branches_[i].transformer.learn(SelectedFrame(x, parts_[i].places));
      parts_[i].width = features.size();
      for (Field field : features) {
        field.name = text(branches_[i].name, "__", field.name);
        output.add(std::move(field));
      }
    }
    for (const std::size_t place : remainder_) {
      Field field = x.schema()[place];
      if (field.kind != Kind::number && field.kind != Kind::boolean)
        throw DataError(text("ColumnTransformer: column \"", field.name, "\" is left to the remainder, but it holds ",
                             field.kind == Kind::id ? "ids" : "text",
                             "; give it to an encoder in a branch, or drop it."));
      field.name = text("remainder__", field.name);
      output.add(std::move(field));
    }
    return output;
  }

  void apply(Block in, MutableBlock out, Scratch& scratch) const {
    spread(in, out, scratch,
           [&](const AnyTransformer& branch, Block from, MutableBlock to) { branch.apply(from, to, scratch); });
  }
  void apply_learned(std::size_t first, Block in, MutableBlock out, Scratch& scratch) const {
    spread(in, out, scratch, [&](const AnyTransformer& branch, Block from, MutableBlock to) {
      branch.apply_learned(first, from, to, scratch);
    });
  }

  template <class F>
  void nonzeros(Block row, Scratch& scratch, const F& f) const {
    std::size_t start = 0;
    for (std::size_t i = 0; i < parts_.size(); start += parts_[i++].width) {
      const Scratch::Mark mark(scratch);
      branches_[i].transformer.nonzeros(selected(row, parts_[i].places, scratch), parts_[i].width, scratch,
                                        [&](std::size_t column, double value) { f(start + column, value); });
    }
    for (std::size_t i = 0; i < remainder_.size(); ++i)
      if (const double value = row.data[remainder_[i]]; value != 0) f(start + i, value);
  }

  /// A column that no branch got comes back missing, one that several got as the last of them has it.
  void invert(Block out, MutableBlock in, Scratch& scratch) const {
    for (std::size_t r = 0; r < in.rows; ++r) std::fill_n(in.row(r), in.columns, missing_cell);
    std::size_t start = 0;
    for (std::size_t i = 0; i < parts_.size(); start += parts_[i++].width) {
      const Scratch::Mark mark(scratch);
      const auto& places = parts_[i].places;
      const MutableBlock some = scratch.block(out.rows, places.size());
      branches_[i].transformer.invert(out.slice(start, parts_[i].width), some, scratch);
      for (std::size_t r = 0; r < in.rows; ++r)
        for (std::size_t c = 0; c < places.size(); ++c) in(r, places[c]) = some(r, c);
    }
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t i = 0; i < remainder_.size(); ++i) in(r, remainder_[i]) = out(r, start + i);
  }

  bool fits(std::size_t in, std::size_t out) const {
    const auto outside = [in](const std::vector<std::size_t>& places) {
      return std::any_of(places.begin(), places.end(), [in](std::size_t place) { return place >= in; });
    };
    if (parts_.size() != branches_.size() || outside(remainder_)) return false;
    for (std::size_t i = 0; i < parts_.size(); out -= parts_[i++].width) {
      const auto& [places, width] = parts_[i];
      if (outside(places) || width > out || !branches_[i].transformer.fits(places.size(), width)) return false;
    }
    return out == remainder_.size();
  }

  void fields(auto&& f) {
    f("branches", branches_);
    f("remainder", options_.remainder);
    f("parts", parts_);
    f("remainder_places", remainder_);
  }

 private:
  /// What fit found out about a branch.
  struct Part {
    std::vector<std::size_t> places;  ///< its columns among those of the data
    std::size_t width = 0;            ///< how many columns come out

    void fields(auto&& f) {
      f("places", places);
      f("width", width);
    }
  };

  template <class F>
  void spread(Block in, MutableBlock out, Scratch& scratch, F apply_branch) const {
    std::size_t start = 0;
    for (std::size_t i = 0; i < parts_.size(); start += parts_[i++].width) {
      const Scratch::Mark mark(scratch);
      apply_branch(branches_[i].transformer, selected(in, parts_[i].places, scratch),
                   out.slice(start, parts_[i].width));
    }
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t i = 0; i < remainder_.size(); ++i) out(r, start + i) = in(r, remainder_[i]);
  }

  void check_names() const {
    if (branches_.empty() && options_.remainder == Remainder::drop)
      throw ConfigError("ColumnTransformer: it has no branches; give it {\"name\", transformer, {\"column\", ...}}.");
    for (std::size_t i = 0; i < branches_.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (branches_[i].name == branches_[j].name)
          throw ConfigError(
              text("ColumnTransformer: two branches are named \"", branches_[i].name, "\"; give each its own name."));
  }

  static std::vector<std::size_t> places_of(const NamedBranch& branch, const Schema& schema) {
    try {
      return branch.columns.find(schema);
    } catch (const DataError& error) {
      throw DataError(text("ColumnTransformer: branch \"", branch.name, "\": ", error.what()));
    }
  }

  void find_places(const Schema& schema) {
    parts_.clear();
    std::vector<bool> used(schema.size());
    for (const auto& branch : branches_) {
      parts_.push_back({places_of(branch, schema)});
      for (const std::size_t place : parts_.back().places) used[place] = true;
    }
    remainder_.clear();
    for (std::size_t c = 0; c < schema.size(); ++c)
      if (options_.remainder == Remainder::passthrough && !used[c]) remainder_.push_back(c);
  }

  /// The columns of a branch: borrowed when they stand together, else copied.
  static Block selected(Block in, const std::vector<std::size_t>& places, Scratch& scratch) {
    bool together = !places.empty();
    for (std::size_t c = 1; c < places.size(); ++c) together = together && places[c] == places[c - 1] + 1;
    if (together) return in.slice(places[0], places.size());
    const MutableBlock some = scratch.block(in.rows, places.size());
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < places.size(); ++c) some(r, c) = in(r, places[c]);
    return some;
  }

  std::vector<NamedBranch> branches_;
  ColumnTransformerOptions options_;
  std::vector<Part> parts_;             ///< one a branch
  std::vector<std::size_t> remainder_;  ///< the columns that pass
};

}  // namespace detail

/// A transformer of a ColumnTransformer and the columns that it gets.
template <class T>
using Branch = detail::NamedBranch;

/// Gives columns to transformers and puts their outputs side by side, in the order of the branches. A column that comes
/// out is named branch__column. Of a table, only the columns that are used are read, at fit and later.
template <class T = float>
class ColumnTransformer : public Estimator<ColumnTransformer<T>, detail::Branching, T> {
 public:
  ColumnTransformer() = default;
  ColumnTransformer(std::initializer_list<Branch<T>> branches, ColumnTransformerOptions options = {})
      : ColumnTransformer(std::vector<Branch<T>>(branches), options) {}
  explicit ColumnTransformer(std::vector<Branch<T>> branches, ColumnTransformerOptions options = {})
      : ColumnTransformer::Estimator(std::move(branches), options) {}
};

}  // namespace foretell
