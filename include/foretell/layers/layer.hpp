// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "foretell/core/erased.hpp"
#include "foretell/core/factory.hpp"
#include "foretell/core/rows.hpp"
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
// What backward needs of a forward pass is kept in a Stash where Pass::keeps() says so; Pass::training() is about noise
// and statistics of the batch alone: gradients of inputs are those of a prediction.
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
//
// What it reads. `In<T> x` are numbers, from wherever they come. A layer whose functions take `Ids x` reads an input of
// the model that was given whole numbers of 64 bits; `SparseRows<T> x`, one that was given a SparseMatrix. A layer may
// do several of these, by templates or overloads; dx is empty but for numbers. An input that all of its readers can
// take as it was given reaches them so; whole numbers become a T for the others.
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
/// Its passes take an X for x: In<T>, Ids, SparseRows<T> or, merging several inputs, Ins<T>.
template <class L, class T, class X>
concept Reads = requires(const L& layer, const Pass<T>& p, X x, Out<T> y) {
  layer.forward(p, x, y);
};
template <class L, class T, class X>
concept LearnsFrom = requires(const L& layer, const Pass<T>& p, X x, In<T> y, Out<T> dy, Out<T> dx) {
  layer.backward(p, x, y, dy, dx);
};
template <class L, class T>
concept MergingBackward = requires(const L& layer, const Pass<T>& p, Ins<T> xs, In<T> x, Out<T> y, Outs<T> ys) {
  layer.backward(p, xs, x, y, ys);
};

/// Whether L is a layer of the scalar T.
template <class L, class T>
concept LayerOf = Reads<L, T, In<T>> || Reads<L, T, Ins<T>> || Reads<L, T, Ids> || Reads<L, T, SparseRows<T>>;

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
  bool couples_rows = false, stepwise = false;
  std::array<bool, 3> reads{};  ///< of each InputKind: whether it takes such rows

  bool can_read(InputKind kind) const { return reads[static_cast<std::size_t>(kind)]; }
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

/// How a type of layer is carried out for the scalar T on rows of one kind; null where it does nothing. What is not
/// numbers travels in the views as their data: ids in their place, the address of SparseRows.
template <class T>
struct LayerPasses {
  void (*forward)(const void*, const Pass<T>&, Ins<T>, const Out<T>&) = nullptr;
  void (*backward)(const void*, const Pass<T>&, Ins<T>, In<T>, Out<T>, Outs<T>) = nullptr;
  void (*make_mask)(const void*, const Pass<T>&, Ins<T>, std::uint8_t*) = nullptr;
  void (*validate)(const void*, Ins<T>, const std::string& who) = nullptr;
};

/// How a type of layer is carried out for the scalar T.
template <class T>
struct LayerOps : LayerType {
  std::array<LayerPasses<T>, 3> passes{};

  const LayerPasses<T>& on(InputKind kind) const { return passes[static_cast<std::size_t>(kind)]; }
};

template <class L>
struct LayerFunctions {
  static_assert(std::copyable<L>, "foretell: a layer must be copyable");
  static_assert(BuildsLayer<L>, "foretell: a layer needs `Shape build(Build<T>&)`");
  static_assert(HasFields<L>, "foretell: a layer needs `void fields(auto&& f)` that lists its options");

  static const L& of(const void* layer) { return *static_cast<const L*>(layer); }

  static bool is_view(const void* layer, bool training) { return of(layer).is_view(training); }
  static bool couples_rows(const void* layer) { return of(layer).does_couple_rows(); }
  static bool is_stepwise(const void* layer) { return of(layer).is_stepwise(); }
  static ActivationFunction output_activation(const void* layer) { return of(layer).output_activation(); }
  static void set_output_activation(void* layer, ActivationFunction f) {
    static_cast<L*>(layer)->set_output_activation(f);
  }
  static Shape build(void* layer, LayerBuild& b) { return static_cast<L*>(layer)->build(b); }
};

/// The passes of a layer that takes an X.
template <class L, class T, class X>
struct LayerPassesOn {
  static const L& of(const void* layer) { return *static_cast<const L*>(layer); }
  static X shown(Ins<T> x) {
    if constexpr (std::same_as<X, Ins<T>>)
      return x;
    else if constexpr (std::same_as<X, Ids>)
      return Ids(reinterpret_cast<const std::int64_t*>(x[0].data()), x[0].rows(), x[0].shape(), x[0].mask());
    else if constexpr (std::same_as<X, SparseRows<T>>)
      return *reinterpret_cast<const SparseRows<T>*>(x[0].data());
    else
      return x[0];
  }

  static void forward(const void* layer, const Pass<T>& p, Ins<T> x, const Out<T>& y) {
    of(layer).forward(p, shown(x), y);
  }
  static void backward(const void* layer, const Pass<T>& p, Ins<T> x, In<T> y, Out<T> dy, Outs<T> dx) {
    if constexpr (std::same_as<X, Ins<T>>)
      of(layer).backward(p, x, y, dy, dx);
    else
      of(layer).backward(p, shown(x), y, dy, dx[0]);
  }
  static void make_mask(const void* layer, const Pass<T>& p, Ins<T> x, std::uint8_t* mask) {
    of(layer).make_mask(p, shown(x), mask);
  }
  static void validate(const void* layer, Ins<T> x, const std::string& who) { of(layer).validate(shown(x), who); }

  template <Purpose purpose>
  static constexpr LayerPasses<T> make() {
    LayerPasses<T> passes;
    passes.forward = forward;
    if constexpr (purpose == Purpose::training &&
                  (std::same_as<X, Ins<T>> ? MergingBackward<L, T> : LearnsFrom<L, T, X>))
      passes.backward = backward;
    if constexpr (requires(const L& l, const Pass<T>& p, X x, std::uint8_t* mask) { l.make_mask(p, x, mask); })
      passes.make_mask = make_mask;
    if constexpr (requires(const L& l, X x, const std::string& who) { l.validate(x, who); }) passes.validate = validate;
    return passes;
  }
};

template <class L, class T, Purpose purpose>
constexpr LayerOps<T> make_layer_ops() {
  using F = LayerFunctions<L>;
  static_assert(
      LayerOf<L, T>,
      "foretell: a layer needs `void forward(const Pass<T>&, In<T> x, Out<T> y) const` for the model's scalar "
      "type T (Ins<T> x for several inputs, Ids x for ids, SparseRows<T> x for a SparseMatrix)");
  auto ops = begin_ops<LayerOps<T>, L>();
  ops.traits.predicts_only = purpose == Purpose::prediction;
  if constexpr (requires { L::couples_rows; }) ops.traits.couples_rows = L::couples_rows;
  if constexpr (requires { L::stepwise; }) ops.traits.stepwise = L::stepwise;
  if constexpr (requires(const L& l) { l.is_view(true); }) ops.is_view = F::is_view;
  if constexpr (requires(const L& l) { l.does_couple_rows(); }) ops.couples_rows = F::couples_rows;
  if constexpr (requires(const L& l) { l.is_stepwise(); }) ops.is_stepwise = F::is_stepwise;
  if constexpr (requires(const L& l) { l.output_activation(); }) ops.output_activation = F::output_activation;
  if constexpr (requires(L & l) { l.set_output_activation(linear); })
    ops.set_output_activation = F::set_output_activation;
  ops.build = F::build;
  const auto reads = [&]<class X>(std::type_identity<X>, InputKind kind) {
    const auto k = static_cast<std::size_t>(kind);
    if constexpr (Reads<L, T, X>) ops.passes[k] = LayerPassesOn<L, T, X>::template make<purpose>();
    ops.traits.reads[k] = ops.passes[k].forward != nullptr;
    ops.traits.differentiable = ops.traits.differentiable || ops.passes[k].backward != nullptr;
  };
  ops.traits.merges = Reads<L, T, Ins<T>>;
  reads(std::type_identity<std::conditional_t<Reads<L, T, Ins<T>>, Ins<T>, In<T>>>(), InputKind::numbers);
  reads(std::type_identity<Ids>(), InputKind::ids);
  reads(std::type_identity<SparseRows<T>>(), InputKind::sparse);
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
  /// Throws ShapeError for rows of a kind that the layer cannot read.
  Shape build(LayerBuild& b) {
    for (std::size_t i = 0; i < b.inputs().size(); ++i)
      if (!traits().can_read(b.input_kind(i))) refuse_kind(b, i);
    return self_->build(self_.get(), b);
  }
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

 private:
  [[noreturn, gnu::noinline]] void refuse_kind(const LayerBuild& b, std::size_t i) const {
    constexpr std::array<std::string_view, 3> words{"numbers", "ids of an input of the model",
                                                    "a SparseMatrix that is an input of the model"};
    std::size_t can = 0;
    while (!self_->traits.reads[can]) ++can;
    const auto given = static_cast<std::size_t>(b.input_kind(i));
    throw ShapeError(text(b.who(), ": expected ", words[can], ", received ", words[given],
                          b.input_kind(i) == InputKind::sparse ? "; begin the model with SparseDense" : ""));
  }
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

  /// On numbers.
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
  const detail::LayerPasses<T>& run() const { return detail::ops_of<T>(*this).on(InputKind::numbers); }
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
