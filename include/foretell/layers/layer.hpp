// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "foretell/core/erased.hpp"
#include "foretell/core/factory.hpp"
#include "foretell/core/view.hpp"
#include "foretell/kernels/activation.hpp"
#include "foretell/layers/build.hpp"
#include "foretell/layers/pass.hpp"

// The contract of a layer. A layer is a value: options, handles, no weights.
//
//   static constexpr std::string_view type = "package.Name";
//   Shape build(Build<T>&);                                            once, when the input shapes are known
//   void forward(const Pass<T>&, In<T> x, Out<T> y) const;             or Ins<T> x for a layer of several inputs
//   void backward(const Pass<T>&, In<T> x, In<T> y, Out<T> dy, Out<T> dx) const;      or Ins<T> x, ..., Outs<T> dx
//   void fields(auto&& f);
//
// forward assigns y. backward assigns dx, accumulates parameter gradients (or, of a parameter declared with
// assigns_gradient, assigns it where Pass::assigns says so), may overwrite dy; dx may be empty. Neither allocates or
// throws. x and y never overlap, but for a layer with `bool is_view(bool training) const`: while that is true its y may
// be its x (and dx its dy), and forward and backward only copy when they are not.
//
// What a layer may say of itself:
//
//   ActivationFunction output_activation() const; void set_output_activation(ActivationFunction);
//       that it ends in an activation, so that a loss can take the values before it
//   static constexpr bool couples_rows = true; or bool does_couple_rows() const;
//       that in training a row's output depends on the other rows
//   void validate(In<T> x, const std::string& who) const;
//       looks through data that is about to be read from an input of the model, where the layer cannot take any
//       number, and throws DataError; what comes out of another layer it refuses in forward (Pass::refuse)
//   static constexpr bool reads_pairs = true;
//       that it takes the rows of a SparseMatrix, as pairs (see SparseDense)
//
// Sequences. The first axis of a row are its steps; a View may carry a mask of them. A masked step must not change the
// answer of the real ones. Build::set_mask says what becomes of the mask; a layer that makes one writes it in `void
// make_mask(const Pass<T>&, In<T> x, std::uint8_t* mask) const` (Ins<T> for several inputs): 1 for each real step of
// the output, row after row. `static constexpr bool stepwise = true` (or `bool is_stepwise() const`) says that a step's
// output needs that step alone or what the layer keeps in a Carry, so that the layer can be run step by step.

namespace foretell {

template <class L>
concept HasType = requires {
  { std::remove_cvref_t<L>::type } -> std::convertible_to<std::string_view>;
};

namespace detail {

template <class L>
concept BuildsLayer = requires(L& layer, LayerBuild& b) {
  { layer.build(b) } -> std::convertible_to<Shape>;
};
template <class L, class T>
concept UnaryLayer = requires(const L& layer, const Pass<T>& p, In<T> x, Out<T> y) {
  layer.forward(p, x, y);
};
template <class L, class T>
concept MergingLayer = requires(const L& layer, const Pass<T>& p, Ins<T> x, Out<T> y) {
  layer.forward(p, x, y);
};
template <class L, class T>
concept UnaryBackward = requires(const L& layer, const Pass<T>& p, In<T> x, Out<T> y) {
  layer.backward(p, x, x, y, y);
};
template <class L, class T>
concept MergingBackward = requires(const L& layer, const Pass<T>& p, Ins<T> xs, In<T> x, Out<T> y, Outs<T> ys) {
  layer.backward(p, xs, x, y, ys);
};

/// Whether L is a layer of the scalar T.
template <class L, class T>
concept LayerOf = UnaryLayer<L, T> || MergingLayer<L, T>;

template <class L, class T>
struct rebound {  // L<U> as L<T>
  using type = void;
};
template <template <class> class L, class U, class T>
struct rebound<L<U>, T> {
  using type = L<T>;
};

}  // namespace detail

/// A layer with a name of its own: named("hidden", Dense(64)).
template <class L>
struct Named {
  static constexpr std::string_view type = L::type;
  std::string name;
  L layer;
};
namespace detail {
template <class L>
inline constexpr bool is_named = false;
template <class L>
inline constexpr bool is_named<Named<L>> = true;
}  // namespace detail
template <HasType L>
Named<L> named(std::string name, L layer) {
  return {std::move(name), std::move(layer)};
}

/// What kind of layer it is; see the contract above.
struct LayerTraits {
  bool merges = false;          ///< takes several inputs
  bool differentiable = false;  ///< has a backward pass
  bool predicts_only = false;   ///< was made for Purpose::prediction
  bool couples_rows = false, stepwise = false, reads_pairs = false;
};

namespace detail {

/// What is known of a type of layer without a scalar; null where the type says nothing.
struct LayerType : ValueOps {
  LayerTraits traits;
  Shape (*build)(void*, LayerBuild&) = nullptr;
  bool (*is_view)(const void*, bool training) = nullptr;
  bool (*couples_rows)(const void*) = nullptr, (*is_stepwise)(const void*) = nullptr;
  ActivationFunction (*output_activation)(const void*) = nullptr;
  void (*set_output_activation)(void*, ActivationFunction) = nullptr;
};

/// How a type of layer is carried out for the scalar T; null where it does nothing.
template <class T>
struct LayerOps : LayerType {
  void (*forward)(const void*, const Pass<T>&, Ins<T>, const Out<T>&) = nullptr;
  void (*backward)(const void*, const Pass<T>&, Ins<T>, In<T>, Out<T>, Outs<T>) = nullptr;
  void (*make_mask)(const void*, const Pass<T>&, Ins<T>, std::uint8_t*) = nullptr;
  void (*validate)(const void*, Ins<T>, const std::string& who) = nullptr;
};

template <class L, class T>
struct LayerFunctions {
  static constexpr bool unary = UnaryLayer<L, T>, merging = MergingLayer<L, T>;
  static_assert(std::copyable<L>, "foretell: a layer must be copyable");
  static_assert(BuildsLayer<L>, "foretell: a layer needs `Shape build(Build<T>&)`");
  static_assert(
      unary || merging,
      "foretell: a layer needs `void forward(const Pass<T>&, In<T> x, Out<T> y) const` for the model's scalar "
      "type T (Ins<T> x for several inputs)");
  static_assert(HasFields<L>, "foretell: a layer needs `void fields(auto&& f)` that lists its options");

  static L& of(void* layer) { return *static_cast<L*>(layer); }
  static const L& of(const void* layer) { return *static_cast<const L*>(layer); }

  static bool is_view(const void* layer, bool training) { return of(layer).is_view(training); }
  static bool couples_rows(const void* layer) { return of(layer).does_couple_rows(); }
  static bool is_stepwise(const void* layer) { return of(layer).is_stepwise(); }
  static ActivationFunction output_activation(const void* layer) { return of(layer).output_activation(); }
  static void set_output_activation(void* layer, ActivationFunction f) { of(layer).set_output_activation(f); }

  static Shape build(void* layer, LayerBuild& b) { return of(layer).build(b); }
  static void forward(const void* layer, const Pass<T>& p, Ins<T> x, const Out<T>& y) {
    if constexpr (merging)
      of(layer).forward(p, x, y);
    else
      of(layer).forward(p, x[0], y);
  }
  static void backward(const void* layer, const Pass<T>& p, Ins<T> x, In<T> y, Out<T> dy, Outs<T> dx) {
    if constexpr (MergingBackward<L, T>)
      of(layer).backward(p, x, y, dy, dx);
    else
      of(layer).backward(p, x[0], y, dy, dx[0]);
  }
  static void make_mask(const void* layer, const Pass<T>& p, Ins<T> x, std::uint8_t* mask) {
    if constexpr (requires { of(layer).make_mask(p, x, mask); })
      of(layer).make_mask(p, x, mask);
    else
      of(layer).make_mask(p, x[0], mask);
  }
  static void validate(const void* layer, Ins<T> x, const std::string& who) {
    if constexpr (requires { of(layer).validate(x, who); })
      of(layer).validate(x, who);
    else
      of(layer).validate(x[0], who);
  }
};

template <class L, class T, Purpose purpose>
constexpr LayerOps<T> make_layer_ops() {
  using F = LayerFunctions<L, T>;
  auto ops = begin_ops<LayerOps<T>, L>();
  ops.traits.merges = F::merging;
  ops.traits.predicts_only = purpose == Purpose::prediction;
  if constexpr (requires { L::couples_rows; }) ops.traits.couples_rows = L::couples_rows;
  if constexpr (requires { L::stepwise; }) ops.traits.stepwise = L::stepwise;
  if constexpr (requires { L::reads_pairs; }) ops.traits.reads_pairs = L::reads_pairs;
  if constexpr (requires(const L& l) { l.is_view(true); }) ops.is_view = F::is_view;
  if constexpr (requires(const L& l) { l.does_couple_rows(); }) ops.couples_rows = F::couples_rows;
  if constexpr (requires(const L& l) { l.is_stepwise(); }) ops.is_stepwise = F::is_stepwise;
  if constexpr (requires(const L& l) { l.output_activation(); }) ops.output_activation = F::output_activation;
  if constexpr (requires(L & l) { l.set_output_activation(linear); })
    ops.set_output_activation = F::set_output_activation;
  ops.build = F::build;
  ops.forward = F::forward;
  if constexpr (MergingBackward<L, T> || UnaryBackward<L, T>) {
    if constexpr (purpose == Purpose::training) ops.backward = F::backward;
  }
  ops.traits.differentiable = ops.backward != nullptr;
  if constexpr (
      requires(const L& l, const Pass<T>& p, Ins<T> x, std::uint8_t* mask) { l.make_mask(p, x, mask); } ||
      requires(const L& l, const Pass<T>& p, In<T> x, std::uint8_t* mask) { l.make_mask(p, x, mask); })
    ops.make_mask = F::make_mask;
  if constexpr (
      requires(const L& l, Ins<T> x, const std::string& who) { l.validate(x, who); } ||
      requires(const L& l, In<T> x, const std::string& who) { l.validate(x, who); })
    ops.validate = F::validate;
  return ops;
}
/// The table of a type of layer; one for prediction is without the backward pass.
template <class L, class T, Purpose purpose = Purpose::training>
const ValueOps& layer_ops() {
  static constexpr LayerOps<T> ops = make_layer_ops<L, T, purpose>();
  return ops;
}

}  // namespace detail

/// A layer as graphs, files and summaries hold it: its type, its options, a name; no scalar.
class LayerSpec {
 public:
  LayerSpec() = default;
  explicit operator bool() const { return static_cast<bool>(self_); }
  std::string_view type() const { return self_->name; }
  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }
  Shape build(LayerBuild& b) { return self_->build(self_.get(), b); }
  void visit(FieldVisitor& visitor) { self_.visit(visitor); }
  LayerTraits traits() const {
    LayerTraits traits = self_->traits;
    if (self_->couples_rows) traits.couples_rows = self_->couples_rows(self_.get());
    if (self_->is_stepwise) traits.stepwise = self_->is_stepwise(self_.get());
    return traits;
  }
  bool is_view(bool training) const { return self_->is_view && self_->is_view(self_.get(), training); }
  ActivationFunction output_activation() const {
    return self_->output_activation ? self_->output_activation(self_.get()) : linear;
  }
  void set_output_activation(ActivationFunction f) {
    if (self_->set_output_activation) self_->set_output_activation(self_.get(), f);
  }
  /// The layer inside when it is an L, else null.
  template <class L>
  const L* as() const {
    return self_.as<L>();
  }
  /// The table of its type, and the layer that its functions take.
  const detail::LayerType* ops() const { return self_.operator->(); }
  const void* get() const { return self_.get(); }

 protected:
  std::string name_;
  detail::Erased<detail::LayerType> self_;
};

namespace detail {
/// How a layer is carried out in the scalar T, which must be the one it was made for.
template <class T>
const LayerOps<T>& ops_of(const LayerSpec& layer) {
  return static_cast<const LayerOps<T>&>(*layer.ops());
}
}  // namespace detail

/// Any layer as one value type, carried out in the scalar T: copyable, built-in and user layers alike.
template <class T>
class Layer : public LayerSpec {
 public:
  Layer() = default;
  template <class L>
  requires(!std::same_as<std::remove_cvref_t<L>, Layer> && HasType<L>)
      Layer(L&& layer) {  // NOLINT(google-explicit-constructor): braces of layers are the point
    adopt(std::forward<L>(layer));
  }
  /// The default of a type, by its table.
  explicit Layer(const detail::ValueOps& ops) {
    self_ = detail::Erased<detail::LayerType>(detail::ErasedValue::made(ops));
  }

  void forward(const Pass<T>& p, Ins<T> x, const Out<T>& y) const { run().forward(self_.get(), p, x, y); }
  void backward(const Pass<T>& p, Ins<T> x, In<T> y, Out<T> dy, Outs<T> dx) const {
    run().backward(self_.get(), p, x, y, dy, dx);
  }
  void make_mask(const Pass<T>& p, Ins<T> x, std::uint8_t* mask) const {
    if (run().make_mask) run().make_mask(self_.get(), p, x, mask);
  }
  void validate(Ins<T> x, const std::string& who) const {
    if (run().validate) run().validate(self_.get(), x, who);
  }

 private:
  const detail::LayerOps<T>& run() const { return detail::ops_of<T>(*this); }
  template <class L>
  void adopt(L&& layer) {
    using Plain = std::remove_cvref_t<L>;
    if constexpr (detail::is_named<Plain>) {
      name_ = layer.name;
      adopt(std::forward<L>(layer).layer);
    } else if constexpr (!detail::LayerOf<Plain, T> && !std::is_void_v<typename detail::rebound<Plain, T>::type>) {
      hold(with_fields_of<typename detail::rebound<Plain, T>::type>(Plain(layer)));
    } else {
      hold(std::forward<L>(layer));
    }
  }
  template <class L>
  void hold(L&& layer) {
    self_ = detail::Erased<detail::LayerType>(
        detail::ErasedValue::of(detail::layer_ops<std::remove_cvref_t<L>, T>(), std::forward<L>(layer)));
  }
};

/// A layer within a layer, such as the one of a wrapper.
template <class T>
void visit_field(FieldVisitor& visitor, std::string_view name, Layer<T>& layer) {
  visit_erased(visitor, name, layer);
}

/// Activations are stored by name, with their parameter when it is not the usual one: "relu", "leaky_relu(0.1)".
inline void visit_field(FieldVisitor& visitor, std::string_view field, ActivationFunction& f) {
  std::string stored(foretell::name(f.kind));
  if (f != *activation_by_name(stored)) stored = text(stored, "(", f.alpha, ")");
  visitor.value(field, stored);
  if (!visitor.reading()) return;
  const std::size_t brace = stored.find('(');
  const auto found = activation_by_name(std::string_view(stored).substr(0, brace));
  if (!found) visitor.fail(field, text("expected an activation such as \"relu\", received \"", stored, "\""));
  f = *found;
  if (brace == std::string::npos) return;
  const char* end = stored.data() + stored.size();
  if (std::from_chars(stored.data() + brace + 1, end, f.alpha).ptr != end - 1)
    visitor.fail(field, text("expected an activation such as \"leaky_relu(0.1)\", received \"", stored, "\""));
}

}  // namespace foretell
