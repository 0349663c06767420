// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "foretell/core/erased.hpp"
#include "foretell/core/factory.hpp"
#include "foretell/core/has_name.hpp"
#include "foretell/core/view.hpp"
#include "foretell/kernels/activation.hpp"
#include "foretell/losses/output_facts.hpp"

// The contract of a loss: a small copyable value.
//
//   static constexpr std::string_view name = "acme.pinball";
//   template <class T> double operator()(const LossCall<T>& call) const;
//
// and, where it has them,
//
//   bool fuses(ActivationFunction f) const;
//   template <class T> void validate(In<T> truth, const Shape& prediction) const;
//   void check_output(const OutputFacts& output) const;
//   bool takes_logits() const;
//   void check() const;
//   void fields(auto&& f);
//   static constexpr bool whole_batch = true;
//   static constexpr bool whole_rows = true;
//
// The loss of a row is the mean over the row's numbers, or over its positions where the loss belongs to whole vectors
// along the last axis. With a mask on the prediction only real steps count, and the mean over rows becomes one over the
// real steps of the call: what is returned, divided by the rows, is sum(mask weight loss) / sum(mask).
//
// fuses: the loss takes the values before a final activation f (LossCall::fused); the gradient is by them.
// validate: called once, before training; ShapeError or DataError for a truth that cannot be learnt.
// check_output: ConfigError for an output that the loss cannot be meant for, such as probabilities from a linear layer.
// takes_logits: predictions are logits or margins; metrics with a threshold ask for it.
// check: ConfigError for options that make no sense. fields: the options.
// whole_batch: rows are compared with one another, so a batch must not be cut into parts.
// whole_rows: a row has one loss whatever its mask, so the mean stays one over rows; true of whole_batch, too.

namespace foretell {

/// One call of a loss. It returns the sum over rows of weight * loss; `gradient`, where there is one, is assigned
/// scale * weight * d loss / d prediction. The truth has the prediction's shape, or one class id for each position.
template <class T>
struct LossCall {
  In<T> truth;
  In<T> prediction;
  ActivationFunction fused{};
  const T* weights = nullptr;  ///< one for each row; 1 where there are none
  Out<T> gradient{};           ///< may not overlap truth or prediction
  double scale = 1;
  double rows_per_real_step = 0;  ///< of the whole batch, when this is a part of one with a mask; 0: of this call
};

/// Any loss as one value type.
template <class T>
class Loss {
 public:
  Loss() = default;
  template <class L>
  requires(!std::same_as<std::remove_cvref_t<L>, Loss> && HasName<std::remove_cvref_t<L>>)
      Loss(L&& loss)  // NOLINT(google-explicit-constructor): compile(Adam(), MeanSquaredError()) is the point
      : self_(std::make_unique<Model<std::remove_cvref_t<L>>>(std::forward<L>(loss))) {
    self_->check();
  }
  explicit operator bool() const { return static_cast<bool>(self_); }
  std::string_view name() const { return self_->name(); }
  std::string_view type() const { return name(); }
  /// Throws ConfigError when the loss was told that it gets logits and would get the output of `f`.
  bool fuses(ActivationFunction f) const { return self_->fuses(f); }
  /// Whether all rows of a batch must be in one call.
  bool whole_batch() const { return self_->whole_batch(); }
  /// Whether a mask leaves the mean one over rows.
  bool whole_rows() const { return self_->whole_rows(); }
  /// Throws ConfigError when the loss cannot be meant for such an output.
  void check_output(const OutputFacts& output) const { self_->check_output(output); }
  bool takes_logits() const { return self_->takes_logits(); }
  double operator()(const LossCall<T>& call) const { return self_->call(call); }
  void validate(In<T> truth, const Shape& prediction) const { self_->validate(truth, prediction); }
  void visit(FieldVisitor& visitor) {
    self_->visit(visitor);
    if (visitor.reading()) self_->check();
  }

  /// The loss inside when it is an L, else null.
  template <class L>
  const L* as() const {
    return self_.template as<L>();
  }

 private:
  struct Concept : detail::Erasable<Concept> {
    virtual std::string_view name() const = 0;
    virtual bool fuses(ActivationFunction) const = 0;
    virtual bool whole_batch() const = 0;
    virtual bool whole_rows() const = 0;
    virtual void check_output(const OutputFacts&) const = 0;
    virtual bool takes_logits() const = 0;
    virtual double call(const LossCall<T>&) const = 0;
    virtual void validate(In<T>, const Shape&) const = 0;
    virtual void check() const = 0;
    virtual void visit(FieldVisitor&) = 0;
  };

  template <class L>
  struct Model final : detail::Held<Concept, Model<L>, L> {
    using Held = detail::Held<Concept, Model<L>, L>;
    using Held::Held;
    using Held::value;
    static_assert(std::copyable<L>, "foretell: a loss must be copyable");
    static_assert(
        requires(const L& l, const LossCall<T>& c) {
          { l(c) } -> std::convertible_to<double>;
        },
        "foretell: a loss needs `double operator()(const LossCall<T>&) const` for the model's scalar type T; a formula "
        "of one truth and one prediction goes into elementwise_loss()");

    std::string_view name() const override { return L::name; }
    bool fuses(ActivationFunction f) const override {
      if constexpr (requires { value.fuses(f); }) return value.fuses(f);
      return false;
    }
    bool whole_batch() const override {
      if constexpr (requires { L::whole_batch; }) return L::whole_batch;
      return false;
    }
    bool whole_rows() const override {
      if constexpr (requires { L::whole_rows; })
        return L::whole_rows;
      else
        return whole_batch();
    }
    void check_output(const OutputFacts& output) const override {
      if constexpr (requires { value.check_output(output); }) value.check_output(output);
    }
    bool takes_logits() const override {
      if constexpr (requires { value.takes_logits(); }) return value.takes_logits();
      return false;
    }
    double call(const LossCall<T>& c) const override { return static_cast<double>(value(c)); }
    void validate(In<T> truth, const Shape& prediction) const override {
      if constexpr (requires { value.validate(truth, prediction); }) value.validate(truth, prediction);
    }
    void check() const override {
      if constexpr (requires { value.check(); }) value.check();
    }
    void visit(FieldVisitor& visitor) override {
      if constexpr (HasFields<L>) visit_fields(visitor, value);
    }
  };

  detail::Erased<Concept> self_;
};

template <class T>
void visit_field(FieldVisitor& visitor, std::string_view name, Loss<T>& loss) {
  visit_erased(visitor, name, loss);
}

}  // namespace foretell
