// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <memory>
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

template <class L, class T>
concept BuildsFor = requires(L& layer, Build<T>& b) {
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

/// Any layer as one value type: copyable, built-in and user layers alike.
template <class T>
class Layer {
 public:
  Layer() = default;
  template <class L>
  requires(!std::same_as<std::remove_cvref_t<L>, Layer> && HasType<L>)
      Layer(L&& layer) {  // NOLINT(google-explicit-constructor): braces of layers are the point
    adopt(std::forward<L>(layer));
  }
  /// A layer of the scalar type T; one for prediction has no backward pass.
  template <Purpose purpose, HasType L>
  static Layer made_for() {
    Layer result;
    result.self_ = std::make_unique<Model<L, purpose>>();
    return result;
  }
  explicit operator bool() const { return static_cast<bool>(self_); }
  std::string_view type() const { return self_->type(); }
  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }

  Shape build(Build<T>& b) { return self_->build(b); }
  void forward(const Pass<T>& p, Ins<T> x, const Out<T>& y) const { self_->forward(p, x, y); }
  void backward(const Pass<T>& p, Ins<T> x, In<T> y, Out<T> dy, Outs<T> dx) const { self_->backward(p, x, y, dy, dx); }
  void visit(FieldVisitor& visitor) { self_->visit(visitor); }
  bool is_view(bool training) const { return self_->is_view(training); }
  LayerTraits traits() const { return self_->traits(); }
  void make_mask(const Pass<T>& p, Ins<T> x, std::uint8_t* mask) const { self_->make_mask(p, x, mask); }
  void validate(Ins<T> x, const std::string& who) const { self_->validate(x, who); }
  ActivationFunction output_activation() const { return self_->output_activation(); }
  void set_output_activation(ActivationFunction f) { self_->set_output_activation(f); }

  /// The layer inside when it is an L, else null.
  template <class L>
  const L* as() const {
    return self_.template as<L>();
  }

 private:
  struct Concept : detail::Erasable<Concept> {
    virtual std::string_view type() const = 0;
    virtual Shape build(Build<T>&) = 0;
    virtual void forward(const Pass<T>&, Ins<T>, const Out<T>&) const = 0;
    virtual void backward(const Pass<T>&, Ins<T>, In<T>, Out<T>, Outs<T>) const = 0;
    virtual void visit(FieldVisitor&) = 0;
    virtual bool is_view(bool) const = 0;
    virtual LayerTraits traits() const = 0;
    virtual void make_mask(const Pass<T>&, Ins<T>, std::uint8_t*) const = 0;
    virtual void validate(Ins<T>, const std::string&) const = 0;
    virtual ActivationFunction output_activation() const = 0;
    virtual void set_output_activation(ActivationFunction) = 0;
  };

  template <class L, Purpose purpose = Purpose::training>
  struct Model final : detail::Held<Concept, Model<L, purpose>, L> {
    using Held = detail::Held<Concept, Model<L, purpose>, L>;
    using Held::Held;
    using Held::value;
    static constexpr bool unary = detail::UnaryLayer<L, T>, merging = detail::MergingLayer<L, T>;
    static constexpr bool trains = purpose == Purpose::training;
    static_assert(std::copyable<L>, "foretell: a layer must be copyable");
    static_assert(detail::BuildsFor<L, T>,
                  "foretell: a layer needs `Shape build(Build<T>&)` for the model's scalar type T");
    static_assert(unary || merging,
                  "foretell: a layer needs `void forward(const Pass<T>&, In<T> x, Out<T> y) const` (Ins<T> x for "
                  "several inputs)");
    static_assert(HasFields<L>, "foretell: a layer needs `void fields(auto&& f)` that lists its options");

    std::string_view type() const override { return L::type; }
    Shape build(Build<T>& b) override { return value.build(b); }
    void forward(const Pass<T>& p, Ins<T> x, const Out<T>& y) const override {
      if constexpr (merging)
        value.forward(p, x, y);
      else
        value.forward(p, x[0], y);
    }
    void backward(const Pass<T>& p, Ins<T> x, In<T> y, Out<T> dy, Outs<T> dx) const override {
      if constexpr (trains && detail::MergingBackward<L, T>)
        value.backward(p, x, y, dy, dx);
      else if constexpr (trains && detail::UnaryBackward<L, T>)
        value.backward(p, x[0], y, dy, dx[0]);
    }
    void visit(FieldVisitor& visitor) override { visit_fields(visitor, value); }
    bool is_view(bool training) const override {
      if constexpr (requires { value.is_view(training); }) return value.is_view(training);
      return false;
    }
    LayerTraits traits() const override {
      LayerTraits traits;
      traits.merges = merging;
      traits.differentiable = trains && (detail::MergingBackward<L, T> || detail::UnaryBackward<L, T>);
      traits.predicts_only = !trains;
      if constexpr (requires { value.does_couple_rows(); })
        traits.couples_rows = value.does_couple_rows();
      else if constexpr (requires { L::couples_rows; })
        traits.couples_rows = L::couples_rows;
      if constexpr (requires { value.is_stepwise(); })
        traits.stepwise = value.is_stepwise();
      else if constexpr (requires { L::stepwise; })
        traits.stepwise = L::stepwise;
      if constexpr (requires { L::reads_pairs; }) traits.reads_pairs = L::reads_pairs;
      return traits;
    }
    void make_mask(const Pass<T>& p, Ins<T> x, std::uint8_t* mask) const override {
      if constexpr (requires { value.make_mask(p, x, mask); })
        value.make_mask(p, x, mask);
      else if constexpr (requires { value.make_mask(p, x[0], mask); })
        value.make_mask(p, x[0], mask);
    }
    void validate(Ins<T> x, const std::string& who) const override {
      if constexpr (requires { value.validate(x, who); })
        value.validate(x, who);
      else if constexpr (requires { value.validate(x[0], who); })
        value.validate(x[0], who);
    }
    ActivationFunction output_activation() const override {
      if constexpr (requires { value.output_activation(); }) return value.output_activation();
      return linear;
    }
    void set_output_activation(ActivationFunction f) override {
      if constexpr (requires { value.set_output_activation(f); }) value.set_output_activation(f);
    }
  };

  template <class L>
  void adopt(L&& layer) {
    using Plain = std::remove_cvref_t<L>;
    if constexpr (detail::is_named<Plain>) {
      name_ = layer.name;
      adopt(std::forward<L>(layer).layer);
    } else if constexpr (!detail::BuildsFor<Plain, T> && !std::is_void_v<typename detail::rebound<Plain, T>::type>) {
      using Rebound = typename detail::rebound<Plain, T>::type;
      self_ = std::make_unique<Model<Rebound>>(with_fields_of<Rebound>(Plain(layer)));
    } else {
      self_ = std::make_unique<Model<Plain>>(std::forward<L>(layer));
    }
  }

  std::string name_;
  detail::Erased<Concept> self_;
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
