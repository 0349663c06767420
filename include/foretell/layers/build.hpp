// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/arena.hpp"
#include "foretell/core/error.hpp"
#include "foretell/layers/parameter.hpp"

namespace foretell {

/// The parameters (or states) of a whole model by name, in one flat array.
template <class T>
class ParameterTable {
 public:
  /// The entry `name`, new or, for a layer that is shared or built again for another input shape, the one that is
  /// there.
  std::uint32_t declare(const std::string& name, const Shape& shape, const Initializer& initializer,
                        const ParameterOptions& options, const std::string& who) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].name != name) continue;
      if (!(entries_[i].shape == shape))
        throw ShapeError(text(who, ": expected input that gives \"", name, "\" the shape ",
                              to_string(entries_[i].shape), " it was built with, received input that asks for ",
                              to_string(shape),
                              "; give the data the width the model was built for, or make a new model"));
      return static_cast<std::uint32_t>(i);
    }
    entries_.push_back({name, shape, size_, initializer, options});
    size_ += aligned_size<T>(shape.size());
    return static_cast<std::uint32_t>(entries_.size() - 1);
  }
  const std::vector<ParameterInfo>& entries() const { return entries_; }
  /// Elements of the flat array, padding included.
  std::size_t size() const { return size_; }

 private:
  std::vector<ParameterInfo> entries_;
  std::size_t size_ = 0;
};

/// Per-pass memory of one node in elements: `per_row` for each row of the batch and `fixed` besides.
struct Extent {
  std::size_t per_row = 0, fixed = 0;
  std::size_t size(std::size_t rows) const { return per_row * rows + fixed; }
};

/// What a layer sees while it is built: its input shapes; it declares its memory here and returns its output shape.
template <class T>
class Build {
 public:
  Build(std::string name, std::string who, std::vector<Shape> inputs, std::string origin, ParameterTable<T>& parameters,
        ParameterTable<T>& states)
      : name_(std::move(name)),
        who_(std::move(who)),
        inputs_(std::move(inputs)),
        origin_(std::move(origin)),
        parameters_(parameters),
        states_(states) {}

  const Shape& input(std::size_t i = 0) const { return inputs_.at(i); }
  const std::vector<Shape>& inputs() const { return inputs_; }

  Parameter parameter(std::string_view name, const Shape& shape, const Initializer& initializer,
                      const ParameterOptions& options = {}) {
    return Parameter(parameters_.declare(text(name_, "/", name), shape, initializer, options, who_));
  }
  State state(std::string_view name, const Shape& shape, const Initializer& initializer) {
    return State(states_.declare(text(name_, "/", name), shape, initializer, {}, who_));
  }
  Stash stash(std::size_t per_row, std::size_t fixed = 0) { return Stash(add(stash_, per_row, fixed)); }
  LayerScratch scratch(std::size_t per_row, std::size_t fixed = 0) {
    return LayerScratch(add(scratch_, per_row, fixed));
  }

  /// Throws ShapeError: layer 2 "hidden" (Dense): expected `expected`, received (*, 30) from layer 1 "flatten";
  /// `advice`.
  [[noreturn]] void fail_shape(std::string_view expected, std::string_view advice = {}) const {
    std::string received;
    for (const Shape& shape : inputs_) received += text(received.empty() ? "" : " and ", rows_text(shape));
    throw ShapeError(text(who_, ": expected ", expected, ", received ", received, origin_.empty() ? "" : " from ",
                          origin_, advice.empty() ? "" : "; ", advice));
  }
  [[noreturn]] void fail_option(std::string_view problem) const { throw ConfigError(text(who_, ": ", problem)); }
  const std::string& who() const { return who_; }

  const std::vector<Extent>& stashes() const { return stash_; }
  const std::vector<Extent>& scratches() const { return scratch_; }

 private:
  static std::uint32_t add(std::vector<Extent>& extents, std::size_t per_row, std::size_t fixed) {
    extents.push_back({per_row, fixed});
    return static_cast<std::uint32_t>(extents.size() - 1);
  }

  std::string name_, who_;
  std::vector<Shape> inputs_;
  std::string origin_;
  ParameterTable<T>& parameters_;
  ParameterTable<T>& states_;
  std::vector<Extent> stash_, scratch_;
};

}  // namespace foretell
