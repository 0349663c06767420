// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/io/request.hpp"
#include "foretell/io/served.hpp"
#include "foretell/preprocessing/hits.hpp"

namespace foretell {

/// One of the greatest numbers of an output: its place, and the class of that place where classes have names.
template <class T>
struct TopValue {
  std::size_t index = 0;
  T value = 0;
  std::string_view label{};
};

/// What one output answers to a request: its numbers, calibrated where the file says so. Valid until the next call of
/// who answered.
template <class T = float>
class OutputAnswer {
 public:
  OutputAnswer(const ServedOutput& output, std::span<const T> values, std::span<const TopValue<T>> top = {})
      : output_(&output), values_(values), top_(top), value_(values[0]) {}

  /// The first number: a probability where there is one, of a sigmoid.
  T value() const { return value_; }
  std::span<const T> values() const { return values_; }

  /// Of a class by its name; of two classes and one number the number is the second's. Throws ConfigError for a name
  /// that is no class.
  T probability(std::string_view name) const {
    const std::vector<std::string>& classes = named();
    const auto found = std::find(classes.begin(), classes.end(), name);
    if (found == classes.end())
      throw ConfigError(text("Answer, output \"", output_->name, "\": expected one of the classes ",
                             quoted_list(classes), ", received \"", name, "\""));
    const auto place = static_cast<std::size_t>(found - classes.begin());
    if (values_.size() > 1) return values_[place];
    return place == 1 ? value_ : 1 - value_;
  }
  /// The name of the class: of two and one probability by the file's threshold (0.5 where it has none), else that of
  /// the greatest number. Throws ConfigError where classes have no names.
  const std::string& label() const {
    const std::vector<std::string>& classes = named();
    if (values_.size() == 1) return classes[static_cast<double>(value_) >= output_->threshold.value_or(0.5) ? 1 : 0];
    return classes[static_cast<std::size_t>(std::max_element(values_.begin(), values_.end()) - values_.begin())];
  }
  /// The greatest numbers, as many as the file's top_k says; of equal ones the first.
  std::span<const TopValue<T>> top() const { return top_; }

 private:
  const std::vector<std::string>& named() const {
    if (output_->classes.empty())
      throw ConfigError(
          text("Answer, output \"", output_->name,
               "\": expected classes with names, this file has none; save it with {.outputs = {{.classes = "
               "{...}}}}"));
    return output_->classes;
  }

  const ServedOutput* output_;
  std::span<const T> values_;
  std::span<const TopValue<T>> top_;
  T value_;
};

/// The answer to one request, that of the first output and of each by name, and what it stood on: how many of the
/// request's cells were missing, unknown or unreadable. Allocates nothing.
template <class T = float>
class Answer : public OutputAnswer<T> {
 public:
  /// `outputs` is not empty and stays where it is; `cells` are those of `schema`.
  Answer(std::span<const OutputAnswer<T>> outputs, const std::vector<ServedOutput>& names, const Schema& schema,
         std::span<const double> cells)
      : OutputAnswer<T>(outputs[0]), outputs_(outputs), names_(&names) {
    for (std::size_t c = 0; c < cells.size(); ++c)
      if (std::signbit(cells[c]) || cells[c] != cells[c]) detail::count_cell(counts_, schema[c].kind, cells[c]);
  }

  /// Throws ConfigError for a name that is no output.
  const OutputAnswer<T>& operator[](std::string_view output) const {
    for (std::size_t o = 0; o < outputs_.size(); ++o)
      if ((*names_)[o].name == output) return outputs_[o];
    std::vector<std::string> known;
    for (const ServedOutput& one : *names_) known.push_back(one.name);
    throw ConfigError(text("Answer: expected one of the outputs ", quoted_list(known), ", received \"", output, "\""));
  }

  /// Cells that were not set, or set as missing.
  std::size_t missing() const { return counts_.missing; }
  /// Categories not seen in training, of columns of texts. Of number columns that an encoder takes as categories, such
  /// as ids, hits() of the preprocessing counts them.
  std::size_t unknown() const { return counts_.unknown; }
  /// Values of another kind than their column's: "1,5" or "abc" where numbers stand, which count as missing to the
  /// model, a number where texts stand, which is an unknown category to it. They are in none of the other counts.
  std::size_t unreadable() const { return counts_.unreadable; }

 private:
  struct Counts {
    std::size_t missing = 0, unknown = 0, unreadable = 0;
  };

  std::span<const OutputAnswer<T>> outputs_;
  const std::vector<ServedOutput>* names_;
  Counts counts_;
};

}  // namespace foretell
