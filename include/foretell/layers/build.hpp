// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/arena.hpp"
#include "foretell/core/error.hpp"
#include "foretell/core/rows.hpp"
#include "foretell/layers/parameter.hpp"

namespace foretell {

/// The parameters (or states) of a whole model by name, in one flat array of a scalar type.
class ParameterTable {
 public:
  template <class T>
  static ParameterTable of() {
    return ParameterTable(sizeof(T));
  }

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
    size_ += aligned_size(shape.size(), scalar_bytes_);
    return static_cast<std::uint32_t>(entries_.size() - 1);
  }
  const std::vector<ParameterInfo>& entries() const { return entries_; }
  /// Elements of the flat array, padding included.
  std::size_t size() const { return size_; }
  std::size_t scalar_bytes() const { return scalar_bytes_; }

 private:
  explicit ParameterTable(std::size_t scalar_bytes) : scalar_bytes_(scalar_bytes) {}

  std::vector<ParameterInfo> entries_;
  std::size_t size_ = 0, scalar_bytes_;
};

/// Per-pass memory of one node in elements: `per_row` for each row of the batch and `fixed` besides.
struct Extent {
  std::size_t per_row = 0, fixed = 0;
  std::size_t size(std::size_t rows) const { return per_row * rows + fixed; }
};

/// What becomes of the mask of a layer's input. `keep`, the usual: the output carries that of the first input that has
/// one, where both have the same number of axes and of steps. `make`: the layer writes one, in make_mask.
enum class MaskFlow : std::uint8_t { keep, drop, make };

/// Where a layer stands in a model, as far as it may know.
struct BuildPlace {
  std::string name;    ///< of its parameters: "hidden"
  std::string who;     ///< for messages: layer 2 "hidden" (Dense)
  std::string origin;  ///< of its input, for messages
  std::vector<Shape> inputs;
  std::vector<bool> masked{};  ///< which inputs carry masks; none when shorter
  bool trainable = true;
  bool training = true;  ///< false where nothing is kept for a backward pass
  ParameterGroup group{};
  std::size_t remembered_steps = 0;  ///< the longest sequence that is run step by step; 0 where none is
  std::vector<InputKind> kinds{};    ///< of its inputs; numbers when shorter
};

/// What a layer sees while it is built: its input shapes; it declares its memory here and returns its output shape. The
/// same for every scalar; layers name it Build<T>.
class LayerBuild {
 public:
  LayerBuild(BuildPlace place, ParameterTable& parameters, ParameterTable& states)
      : place_(std::move(place)), parameters_(parameters), states_(states) {}

  const Shape& input(std::size_t i = 0) const { return place_.inputs.at(i); }
  const std::vector<Shape>& inputs() const { return place_.inputs; }
  /// The axis of the first input that an option counts as Keras does: 0 is the batch, 1 the first axis of a row, -1 the
  /// last. Throws ConfigError for the batch and for one that is not there.
  std::size_t axis(int counted) const {
    const auto rank = static_cast<int>(input().rank());
    const int axis = counted < 0 ? counted + rank : counted - 1;
    if (axis < 0 || axis >= rank)
      fail_option(text("expected an axis from 1 to ", rank, " or from -", rank, " to -1, received ", counted));
    return static_cast<std::size_t>(axis);
  }
  /// What the rows of an input are; numbers, but for inputs of the model.
  InputKind input_kind(std::size_t i = 0) const {
    return i < place_.kinds.size() ? place_.kinds[i] : InputKind::numbers;
  }
  /// Whether an input carries a mask.
  bool masked(std::size_t i = 0) const { return i < place_.masked.size() && place_.masked[i]; }
  /// Whether passes may be training passes: what only those need is not declared otherwise.
  bool training() const { return place_.training; }
  /// How many steps a layer that is run step by step has to remember at most, in a Carry; 0 where it is not.
  std::size_t remembered_steps() const { return place_.remembered_steps; }
  /// False for a layer that the model has frozen.
  bool trainable() const { return place_.trainable; }

  Parameter parameter(std::string_view name, const Shape& shape, const Initializer& initializer,
                      ParameterOptions options = {}) {
    options.trainable = options.trainable && place_.trainable;
    options.group.learning_rate_multiplier *= place_.group.learning_rate_multiplier;
    options.group.weight_decay = options.group.weight_decay && place_.group.weight_decay;
    learns_ = learns_ || options.trainable;
    if (options.touched_rows == 0) weights_ += shape.size();
    const std::uint32_t index =
        parameters_.declare(text(place_.name, "/", name), shape, initializer, options, place_.who);
    uses_.push_back({index, options.assigns_gradient && !options.regularizer});
    return Parameter(index);
  }
  /// The parameter `name` of an earlier layer, as "items/embeddings", whose gradients are then those of both.
  Parameter tied(const std::string& name, const Shape& shape) {
    const auto& entries = parameters_.entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].name != name) continue;
      if (!(entries[i].shape == shape))
        fail_shape(text("input that fits \"", name, "\" of shape ", to_string(entries[i].shape)));
      if (entries[i].options.touched_rows)
        fail_option(text("expected \"", name, "\" to take gradients of all rows; give its layer .row_sparse = false"));
      weights_ += shape.size();
      uses_.push_back({static_cast<std::uint32_t>(i), false});
      return Parameter(static_cast<std::uint32_t>(i));
    }
    fail_option(text("expected the name of a parameter of an earlier layer, received \"", name, "\""));
  }
  /// The shape of a parameter of an earlier layer; none of rank 0 when there is none.
  Shape shape_of(std::string_view name) const {
    for (const ParameterInfo& info : parameters_.entries())
      if (info.name == name) return info.shape;
    return {};
  }
  State state(std::string_view name, const Shape& shape, const Initializer& initializer) {
    return State(states_.declare(text(place_.name, "/", name), shape, initializer, {}, place_.who));
  }
  Stash stash(std::size_t per_row, std::size_t fixed = 0) { return Stash(add(stash_, per_row, fixed)); }
  LayerScratch scratch(std::size_t per_row, std::size_t fixed = 0) {
    return LayerScratch(add(scratch_, per_row, fixed));
  }
  Carry carry(std::size_t per_row) { return Carry(add(carry_, per_row, 0)); }
  void set_mask(MaskFlow flow) { mask_flow_ = flow; }

  /// Throws ShapeError: layer 2 "hidden" (Dense): expected `expected`, received (*, 30) from layer 1 "flatten";
  /// `advice`.
  [[noreturn]] void fail_shape(std::string_view expected, std::string_view advice = {}) const {
    std::string received;
    for (const Shape& shape : place_.inputs) received += text(received.empty() ? "" : " and ", rows_text(shape));
    throw ShapeError(text(place_.who, ": expected ", expected, ", received ", received,
                          place_.origin.empty() ? "" : " from ", place_.origin, advice.empty() ? "" : "; ", advice));
  }
  [[noreturn]] void fail_option(std::string_view problem) const { throw ConfigError(text(place_.who, ": ", problem)); }
  const std::string& who() const { return place_.who; }

  const std::vector<Extent>& stashes() const { return stash_; }
  const std::vector<Extent>& scratches() const { return scratch_; }
  const std::vector<Extent>& carries() const { return carry_; }
  MaskFlow mask_flow() const { return mask_flow_; }
  /// A parameter that was declared or tied, and whether its gradient may be assigned.
  struct Use {
    std::uint32_t parameter;
    bool assigns;
  };
  const std::vector<Use>& uses() const { return uses_; }
  /// Whether a trainable parameter was declared.
  bool learns() const { return learns_; }
  /// Numbers in the parameters that are not row-sparse.
  std::size_t weights() const { return weights_; }

  /// For a layer within this one, such as the one of a wrapper; its parameters stand below `name`. What it declares
  /// becomes part of this layer by `adopt`.
  LayerBuild inner(std::string_view name, std::vector<Shape> inputs) const {
    BuildPlace place = place_;
    if (!name.empty()) place.name = text(place_.name, "/", name);
    place.inputs = std::move(inputs);
    place.kinds.clear();
    return LayerBuild(std::move(place), parameters_, states_);
  }
  /// Takes the memory of a layer that was built with `inner`, which sees `rows_per_row` rows for one of this layer and,
  /// unless it `remembers`, begins anew with every call.
  InnerPlace adopt(const LayerBuild& inner, std::size_t rows_per_row = 1, bool remembers = true) {
    const InnerPlace place{static_cast<std::uint32_t>(stash_.size()),
                           static_cast<std::uint32_t>(scratch_.size()),
                           static_cast<std::uint32_t>(carry_.size()),
                           ++adopted_,
                           rows_per_row,
                           remembers};
    const auto append = [&](std::vector<Extent>& to, const std::vector<Extent>& from) {
      for (const Extent& extent : from) to.push_back({extent.per_row * rows_per_row, extent.fixed});
    };
    append(stash_, inner.stash_);
    append(scratch_, inner.scratch_);
    if (remembers) append(carry_, inner.carry_);
    learns_ = learns_ || inner.learns_;
    weights_ += inner.weights_;
    for (const Use& use : inner.uses_) uses_.push_back({use.parameter, false});  // its backward may run several times
    return place;
  }

 private:
  static std::uint32_t add(std::vector<Extent>& extents, std::size_t per_row, std::size_t fixed) {
    extents.push_back({per_row, fixed});
    return static_cast<std::uint32_t>(extents.size() - 1);
  }

  BuildPlace place_;
  ParameterTable& parameters_;
  ParameterTable& states_;
  std::vector<Extent> stash_, scratch_, carry_;
  std::vector<Use> uses_;
  MaskFlow mask_flow_ = MaskFlow::keep;
  bool learns_ = false;
  std::size_t weights_ = 0;
  std::uint32_t adopted_ = 0;
};

template <class T>
using Build = LayerBuild;

}  // namespace foretell
