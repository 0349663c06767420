// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "foretell/core/parameter_group.hpp"
#include "foretell/core/shape.hpp"
#include "foretell/layers/initializer.hpp"
#include "foretell/layers/regularizer.hpp"

namespace foretell {

namespace detail {

/// A place in one of the four kinds of memory; made by Build, read through Pass.
template <class Kind>
class Handle {
 public:
  Handle() = default;
  explicit Handle(std::uint32_t index) : index_(index) {}
  explicit operator bool() const { return index_ != none; }
  std::uint32_t index() const { return index_; }

 private:
  static constexpr std::uint32_t none = 0xffffffffu;
  std::uint32_t index_ = none;
};

}  // namespace detail

/// Trained and saved.
using Parameter = detail::Handle<struct ParameterKind>;
/// Saved but not trained, such as running means.
using State = detail::Handle<struct StateKind>;
/// Kept from a forward pass to its backward pass.
using Stash = detail::Handle<struct StashKind>;
/// Used within one call.
using LayerScratch = detail::Handle<struct ScratchKind>;
/// What a layer remembers of a sequence from one call to the next, where somebody keeps it: hidden states.
using Carry = detail::Handle<struct CarryKind>;

/// Where a layer within a layer has its memory among that of the outer one.
struct InnerPlace {
  std::uint32_t stash = 0, scratch = 0, carry = 0, number = 0;
  std::size_t rows_per_row = 1;  ///< rows of the inner layer for one of the outer
  bool remembers = true;         ///< whether its carries are kept from call to call
};

struct ParameterOptions {
  Regularizer regularizer{};
  bool trainable = true;
  ParameterGroup group{};
  std::size_t touched_rows =
      0;  ///< of a table whose gradients are written with Pass::gradient_row alone: how many of its
          ///< rows a row of a batch touches, at most; only touched rows are then updated. 0: all are
  bool assigns_gradient = false;      ///< the backward pass asks Pass::assigns and writes the whole gradient once
  std::array<std::size_t, 2> ones{};  ///< first and last of the numbers that start as 1, whatever the initializer says
};

/// One parameter or state in the flat array of its kind.
struct ParameterInfo {
  std::string name;  ///< "hidden/kernel"
  Shape shape;
  std::size_t offset = 0;  ///< in elements; every entry starts on an aligned address
  Initializer initializer;
  ParameterOptions options;

  /// Its first values: a pure function of `random`.
  template <class T>
  void initialize(T* values, const Random& random) const {
    initializer.fill(std::span<T>(values + offset, shape.size()), shape, random.stream(name));
    std::fill(values + offset + options.ones[0], values + offset + options.ones[1], T(1));
  }
};

}  // namespace foretell
