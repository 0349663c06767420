// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
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
//   static constexpr bool signed_weights = true;
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
// signed_weights: a weight below 0 makes sense, as an advantage does: the loss is each row's weight times what the row
// gives by itself. Else such weights are refused.

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

namespace detail {

/// What a type of loss does; null where it does nothing.
template <class T>
struct LossOps : ValueOps {
  bool whole_batch = false, whole_rows = false, signed_weights = false;
  double (*call)(const void*, const LossCall<T>&) = nullptr;
  bool (*fuses)(const void*, ActivationFunction) = nullptr;
  bool (*takes_logits)(const void*) = nullptr;
  void (*check_output)(const void*, const OutputFacts&) = nullptr;
  void (*validate)(const void*, In<T> truth, const Shape& prediction) = nullptr;
};

template <class L, class T>
struct LossFunctions {
  static_assert(std::copyable<L>, "foretell: a loss must be copyable");
  static_assert(
      requires(const L& l, const LossCall<T>& c) {
        { l(c) } -> std::convertible_to<double>;
      },
      "foretell: a loss needs `double operator()(const LossCall<T>&) const` for the model's scalar type T; a formula "
      "of one truth and one prediction goes into elementwise_loss()");

  static const L& of(const void* loss) { return *static_cast<const L*>(loss); }
  static double call(const void* loss, const LossCall<T>& c) { return static_cast<double>(of(loss)(c)); }
  static bool fuses(const void* loss, ActivationFunction f) { return of(loss).fuses(f); }
  static bool takes_logits(const void* loss) { return of(loss).takes_logits(); }
  static void check_output(const void* loss, const OutputFacts& output) { of(loss).check_output(output); }
  static void validate(const void* loss, In<T> truth, const Shape& prediction) { of(loss).validate(truth, prediction); }
};

template <class L, class T>
constexpr LossOps<T> make_loss_ops() {
  using F = LossFunctions<L, T>;
  auto ops = begin_ops<LossOps<T>, L>();
  if constexpr (requires { L::whole_batch; }) ops.whole_batch = L::whole_batch;
  ops.whole_rows = ops.whole_batch;
  if constexpr (requires { L::whole_rows; }) ops.whole_rows = L::whole_rows;
  if constexpr (requires { L::signed_weights; }) ops.signed_weights = L::signed_weights;
  ops.call = F::call;
  if constexpr (requires(const L& l) { l.fuses(linear); }) ops.fuses = F::fuses;
  if constexpr (requires(const L& l) { l.takes_logits(); }) ops.takes_logits = F::takes_logits;
  if constexpr (requires(const L& l, const OutputFacts& output) { l.check_output(output); })
    ops.check_output = F::check_output;
  if constexpr (requires(const L& l, In<T> truth, const Shape& prediction) { l.validate(truth, prediction); })
    ops.validate = F::validate;
  return ops;
}
/// The table of a type of loss.
template <class L, class T>
const ValueOps& loss_ops() {
  static constexpr LossOps<T> ops = make_loss_ops<L, T>();
  return ops;
}

}  // namespace detail

/// Any loss as one value type.
template <class T>
class Loss {
 public:
  Loss() = default;
  template <class L>
  requires(!std::same_as<std::remove_cvref_t<L>, Loss> && HasName<std::remove_cvref_t<L>>)
      Loss(L&& loss)  // NOLINT(google-explicit-constructor): compile(Adam(), MeanSquaredError()) is the point
      : self_(detail::ErasedValue::of(detail::loss_ops<std::remove_cvref_t<L>, T>(), std::forward<L>(loss))) {
    self_.check();
  }
  /// The default of a type, by its table.
  explicit Loss(const detail::ValueOps& ops) : self_(detail::ErasedValue::made(ops)) {}
  explicit operator bool() const { return static_cast<bool>(self_); }
  std::string_view name() const { return self_->name; }
  std::string_view type() const { return name(); }
  /// Throws ConfigError when the loss was told that it gets logits and would get the output of `f`.
  bool fuses(ActivationFunction f) const { return self_->fuses && self_->fuses(self_.get(), f); }
  /// Whether all rows of a batch must be in one call.
  bool whole_batch() const { return self_->whole_batch; }
  /// Whether a mask leaves the mean one over rows.
  bool whole_rows() const { return self_->whole_rows; }
  /// Whether weights of rows may be below 0.
  bool signed_weights() const { return self_->signed_weights; }
  /// Throws ConfigError when the loss cannot be meant for such an output.
  void check_output(const OutputFacts& output) const {
    if (self_->check_output) self_->check_output(self_.get(), output);
  }
  bool takes_logits() const { return self_->takes_logits && self_->takes_logits(self_.get()); }
  double operator()(const LossCall<T>& call) const { return self_->call(self_.get(), call); }
  void validate(In<T> truth, const Shape& prediction) const {
    if (self_->validate) self_->validate(self_.get(), truth, prediction);
  }
  void visit(FieldVisitor& visitor) {
    self_.visit(visitor);
    if (visitor.reading()) self_.check();
  }

  /// The table of its type.
  const detail::ValueOps* ops() const { return self_.ops(); }
  /// The loss inside when it is an L, else null.
  template <class L>
  const L* as() const {
    return self_.template as<L>();
  }

 private:
  detail::Erased<detail::LossOps<T>> self_;
};

template <class T>
void visit_field(FieldVisitor& visitor, std::string_view name, Loss<T>& loss) {
  visit_erased(visitor, name, loss);
}

}  // namespace foretell
