// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/sparse_matrix.hpp"
#include "foretell/io/json.hpp"
#include "foretell/layers/layer.hpp"

namespace foretell::testing {

/// A layer that breaks the contract.
class ContractError : public Error {
 public:
  using Error::Error;
};

struct CheckLayerOptions {
  std::size_t rows = 5;
  std::uint64_t seed = 1;
  bool differentiable = true;  ///< compare gradients with finite differences
  bool ids = false;            ///< inputs are whole numbers 0 .. 9, without gradients
  InputKind kind =
      InputKind::numbers;  ///< as which the only input reaches the layer; ids and sparse are without gradients

  bool has_input_gradients() const { return !ids && kind == InputKind::numbers; }
  const Factory* registry = nullptr;  ///< makes the layers within the layer, when its configuration is read
  bool masked = false;  ///< the first input carries a mask: row i has as many steps less at its end as i, at least one
};

namespace detail {

/// One layer with memory of its own, run by hand.
template <class T>
class Rig {
 public:
  Rig(Layer<T> layer, std::vector<Shape> inputs, const CheckLayerOptions& options)
      : layer_(std::move(layer)), shapes_(std::move(inputs)), options_(options) {
    BuildPlace place{"layer", text("layer \"", layer_.type(), "\""), "", shapes_, {options.masked}};
    place.kinds = {options.kind};
    Build<T> build(std::move(place), parameters_, states_);
    output_ = layer_.build(build);
    assigned_.resize(parameters_.entries().size());
    for (const auto& use : build.uses()) assigned_[use.parameter] = use.assigns;
    const Random random = Random(options.seed).stream("check_layer");
    weights_ = Arena<T>(parameters_.size());
    state_ = Arena<T>(states_.size());
    fill(parameters_, weights_, random);
    fill(states_, state_, random);
    for (const Extent& extent : build.stashes()) stash_memory_.emplace_back(extent.size(options.rows) + 1);
    for (const Extent& extent : build.scratches()) scratch_memory_.emplace_back(extent.size(options.rows) + 1);
    for (auto& memory : stash_memory_) stash_.push_back(memory.data());
    for (auto& memory : scratch_memory_) scratch_.push_back(memory.data());
    if (options.masked)
      for (std::size_t i = 0; i < options.rows; ++i)
        for (std::size_t t = 0; t < shapes_[0].front(); ++t)
          mask_.push_back(t == 0 || t + i < shapes_[0].front() ? 1 : 0);
    for (std::size_t k = 0; k < shapes_.size(); ++k) {
      x_.emplace_back(shapes_[k].size() * options.rows + 1);
      for (std::size_t i = 0; i < x_[k].size(); ++i)
        x_[k][i] =
            options.ids ? static_cast<T>(random.stream(k).below(i, 10)) : static_cast<T>(random.stream(k).normal(i));
    }
    ids_.assign(x_[0].begin(), x_[0].end());
    if (options.kind == InputKind::sparse) {
      SparseMatrix<T> matrix(shapes_[0].size());
      for (std::size_t r = 0; r < options.rows; ++r) {
        std::vector<std::pair<std::size_t, T>> row;
        for (std::size_t c = r % 2; r % 4 != 3 && c < matrix.columns(); c += 2)
          row.emplace_back(c, x_[0][r * matrix.columns() + c]);
        matrix.add_row(row);
      }
      matrix_ = std::move(matrix);
    }
  }

  std::vector<T> forward(std::size_t first, std::size_t rows, bool training) {
    Arena<T> y(output_.size() * rows + 1);
    std::fill(y.begin(), y.end(), std::numeric_limits<T>::quiet_NaN());
    const PassContext<T> context = this->context(training, first);
    passes().forward(layer_.get(), Pass<T>(context, 0, stash_.data(), scratch_.data()), ins(first, rows),
                     Out<T>(y.data(), rows, output_));
    last_ = y;
    return {y.data(), y.data() + output_.size() * rows};
  }

  /// After a forward pass: the gradients for the upstream gradient `dy` (that of sum(weight * y) without one), added to
  /// `start` for the parameters; with `assign`, in place of `start` for those whose gradients may be assigned.
  void backward(std::size_t rows, T start, bool want_inputs, const std::vector<T>& upstream = {}, bool assign = false) {
    dx_.clear();
    std::vector<Out<T>> outs;
    for (std::size_t k = 0; k < shapes_.size(); ++k) {
      dx_.emplace_back(shapes_[k].size() * rows + 1);
      std::fill(dx_[k].begin(), dx_[k].end(), std::numeric_limits<T>::quiet_NaN());
      outs.push_back(want_inputs ? Out<T>(dx_[k].data(), rows, shapes_[k]) : Out<T>());
    }
    gradients_ = Arena<T>(parameters_.size());
    std::fill(gradients_.begin(), gradients_.end(), start);
    Arena<T> dy(output_.size() * rows + 1);
    for (std::size_t i = 0; i < output_.size() * rows; ++i) dy[i] = upstream.empty() ? weight(i) : upstream[i];
    PassContext<T> context = this->context(true, 0);
    if (assign) context.assigned = assigned_.data();
    passes().backward(layer_.get(), Pass<T>(context, 0, stash_.data(), scratch_.data()), ins(0, rows),
                      In<T>(last_.data(), rows, output_), Out<T>(dy.data(), rows, output_), outs);
  }

  double objective(std::size_t rows) {
    const std::vector<T> y = forward(0, rows, true);
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += static_cast<double>(weight(i)) * static_cast<double>(y[i]);
    return sum;
  }

  Layer<T>& layer() { return layer_; }
  const Shape& output() const { return output_; }
  const std::vector<Shape>& inputs() const { return shapes_; }
  Arena<T>& x(std::size_t k) { return x_[k]; }
  Arena<T>& weights() { return weights_; }
  const Arena<T>& gradients() const { return gradients_; }
  const Arena<T>& dx(std::size_t k) const { return dx_[k]; }
  const std::vector<ParameterInfo>& parameters() const { return parameters_.entries(); }
  bool assigned(std::size_t parameter) const { return assigned_[parameter]; }
  const std::vector<ParameterInfo>& states() const { return states_.entries(); }
  Arena<T>& state() { return state_; }
  /// The states as the last training pass left them.
  const Arena<T>& moved_state() const { return moved_; }
  std::vector<std::uint8_t>& mask() { return mask_; }

 private:
  static void fill(const ParameterTable& table, Arena<T>& values, const Random& random) {
    for (const ParameterInfo& info : table.entries()) info.initialize(values.data(), random);
  }
  T weight(std::size_t i) const { return static_cast<T>(Random(options_.seed).stream("weights").normal(i)); }
  PassContext<T> context(bool training, std::size_t first) {
    moved_ = state_;
    PassContext<T> context;
    context.parameters = parameters_.entries().data();
    context.states = states_.entries().data();
    context.weights = weights_.data();
    context.gradients = gradients_.data();
    context.state = training ? moved_.data() : state_.data();
    context.state_update = training ? moved_.data() : nullptr;
    context.training = training;
    context.random = Random(options_.seed).stream("pass");
    context.first_row = first;
    return context;
  }
  Ins<T> ins(std::size_t first, std::size_t rows) {
    ins_.clear();
    if (options_.kind == InputKind::sparse) {
      sparse_ = matrix_.sparse_rows().range(first, rows);
      ins_.emplace_back(reinterpret_cast<const T*>(&sparse_), rows, shapes_[0]);
      return ins_;
    }
    if (options_.kind == InputKind::ids) {
      ins_.emplace_back(reinterpret_cast<const T*>(ids_.data() + first * shapes_[0].size()), rows, shapes_[0]);
      return ins_;
    }
    for (std::size_t k = 0; k < shapes_.size(); ++k)
      ins_.emplace_back(x_[k].data() + first * shapes_[k].size(), rows, shapes_[k],
                        k == 0 && options_.masked ? mask_.data() + first * shapes_[0].front() : nullptr);
    return ins_;
  }

  const foretell::detail::LayerPasses<T>& passes() const {
    return foretell::detail::ops_of<T>(layer_).on(options_.kind);
  }

  Layer<T> layer_;
  std::vector<Shape> shapes_;
  CheckLayerOptions options_;
  ParameterTable parameters_ = ParameterTable::of<T>(), states_ = parameters_;
  Shape output_;
  Arena<T> weights_, state_, moved_, gradients_, last_;
  std::vector<Arena<T>> x_, dx_, stash_memory_, scratch_memory_;
  std::vector<T*> stash_, scratch_;
  std::vector<In<T>> ins_;
  std::vector<std::int64_t> ids_;  ///< of the only input, where it is ids; matrix_ where it is sparse
  SparseMatrix<T> matrix_;
  SparseRows<T> sparse_;
  std::vector<std::uint8_t> mask_, assigned_;
};

inline void require(bool good, std::string_view type, const std::string& problem) {
  if (!good) throw ContractError(text("check_layer, ", type, ": ", problem));
}

template <class T>
void check_gradients(Rig<T>& rig, const CheckLayerOptions& options) {
  const std::string type(rig.layer().type());
  const double step = std::is_same_v<T, double> ? 1e-5 : 1e-2, tolerance = std::is_same_v<T, double> ? 1e-6 : 2e-2;
  (void)rig.objective(options.rows);
  rig.backward(options.rows, T(3), options.has_input_gradients());
  std::vector<T> with(rig.gradients().begin(), rig.gradients().end());
  std::vector<std::vector<T>> dx;
  for (std::size_t k = 0; k < rig.inputs().size(); ++k) dx.emplace_back(rig.dx(k).begin(), rig.dx(k).end());
  const auto compare = [&](T& number, double gradient, const std::string& what) {
    const T kept = number;
    number = static_cast<T>(static_cast<double>(kept) + step);
    const double high = number, above = rig.objective(options.rows);
    number = static_cast<T>(static_cast<double>(kept) - step);
    const double low = number, below = rig.objective(options.rows);
    number = kept;
    const double expected = (above - below) / (high - low);
    require(std::abs(gradient - expected) <= tolerance * (1 + std::abs(expected)), type,
            text("expected the gradient of ", what, " to be ", expected, " (finite difference), received ", gradient,
                 std::isnan(gradient) ? "; is dx assigned everywhere?" : ""));
  };
  for (const ParameterInfo& info : rig.parameters())
    for (std::size_t i = 0; i < info.shape.size(); ++i)
      compare(rig.weights()[info.offset + i], static_cast<double>(with[info.offset + i]) - 3,
              text("parameter \"", info.name, "\"[", i, "] (accumulated onto 3)"));
  for (std::size_t k = 0; k < dx.size() && options.has_input_gradients(); ++k)
    for (std::size_t i = 0; i < options.rows * rig.inputs()[k].size(); ++i)
      compare(rig.x(k)[i], static_cast<double>(dx[k][i]), text("input ", k, ", element ", i));
  (void)rig.objective(options.rows);
  rig.backward(options.rows, T(3), false);
  require(std::equal(with.begin(), with.end(), rig.gradients().begin()), type,
          "expected the same parameter gradients when dx is not wanted");
  (void)rig.objective(options.rows);
  rig.backward(options.rows, T(3), false, {}, true);
  for (std::size_t p = 0; p < rig.parameters().size(); ++p)
    for (std::size_t i = 0; i < rig.parameters()[p].shape.size(); ++i) {
      const std::size_t at = rig.parameters()[p].offset + i;
      const double expected = static_cast<double>(with[at]) - (rig.assigned(p) ? 3 : 0);
      require(std::abs(static_cast<double>(rig.gradients()[at]) - expected) <= tolerance * (1 + std::abs(expected)),
              type,
              text("expected the gradient of parameter \"", rig.parameters()[p].name, "\"[", i, "] to be ",
                   rig.assigned(p) ? "assigned, as it was declared with assigns_gradient and Pass::assigns says so"
                                   : "accumulated",
                   ", received ", rig.gradients()[at], " for ", expected));
    }
}

}  // namespace detail

/// Checks any layer against the contract in layers/layer.hpp: output and gradients (by finite differences; use double),
/// accumulated parameter gradients and assigned input gradients, repeatable passes, rows that do not depend on their
/// neighbours, copies, the round trip of its configuration, no rows at all. Throws ContractError that says what is
/// broken.
template <template <class> class L, class T>
void check_layer(const L<T>& layer, const std::vector<Shape>& inputs, CheckLayerOptions options = {}) {
  const std::string_view type = L<T>::type;
  using detail::require;
  detail::Rig<T> rig(Layer<T>(layer), inputs, options);
  for (const bool training : {false, true}) {
    const std::vector<T> y = rig.forward(0, options.rows, training), again = rig.forward(0, options.rows, training);
    for (const T value : y) require(std::isfinite(value), type, "expected every output to be assigned and finite");
    require(y == again, type, "expected the same pass to give the same bits");
    (void)rig.forward(0, 0, training);
    if (training && rig.layer().traits().couples_rows) continue;
    const std::size_t n = rig.output().size();
    for (std::size_t i = 0; i < options.rows; ++i) {
      const std::vector<T> alone = rig.forward(i, 1, training);
      require(std::equal(alone.begin(), alone.end(), y.begin() + static_cast<std::ptrdiff_t>(i * n)), type,
              text("expected row ", i, " alone to give the bits it gives in a batch"));
    }
  }
  if (options.differentiable && rig.layer().traits().differentiable) detail::check_gradients(rig, options);

  detail::Rig<T> copy(Layer<T>(rig.layer()), inputs, options);
  require(copy.forward(0, options.rows, true) == rig.forward(0, options.rows, true), type,
          "expected a copy to give the same bits");
  const Json config = write_json(Layer<T>(layer));
  Layer<T> restored{L<T>()};
  read_json(config, "$", restored, options.registry);
  require(write_json(restored) == config, type, text("expected fields() to read back what it wrote, ", config.dump()));
  detail::Rig<T> reread(restored, inputs, options);
  require(reread.forward(0, options.rows, true) == rig.forward(0, options.rows, true), type,
          "expected a layer restored from its fields to give the same bits");
}
template <template <class> class L, class T>
void check_layer(const L<T>& layer, const Shape& input, CheckLayerOptions options = {}) {
  check_layer(layer, std::vector<Shape>{input}, options);
}

}  // namespace foretell::testing
