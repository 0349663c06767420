// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "foretell/core/error.hpp"
#include "foretell/core/fields.hpp"
#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/layers/call_text.hpp"

namespace foretell {

/// A penalty on a parameter that is added to the loss: l1 sum |w| + l2 sum w^2, as keras.regularizers. Empty by
/// default.
class Regularizer {
 public:
  constexpr Regularizer() = default;
  constexpr explicit operator bool() const { return l1_ != 0 || l2_ != 0; }
  constexpr double l1() const { return l1_; }
  constexpr double l2() const { return l2_; }
  constexpr bool operator==(const Regularizer&) const = default;

  template <class T>
  double penalty(std::span<T> w) const {
    double sum = l2_ == 0 ? 0 : l2_ * kernels::sum_of_squares(w.size(), w.data());
    if (l1_ == 0) return sum;
    double absolute = 0;
    for (const T value : w) absolute += std::abs(static_cast<double>(value));
    return sum + l1_ * absolute;
  }
  /// g += l1 sign(w) + 2 l2 w, with sign(0) = 0.
  template <class T>
  void add_gradient(std::type_identity_t<std::span<const T>> w, std::span<T> g) const {
    if (l2_ != 0) kernels::axpy(w.size(), 2 * l2_, w.data(), g.data());
    if (l1_ == 0) return;
    const T slope = static_cast<T>(l1_);
    for (std::size_t i = 0; i < w.size(); ++i) g[i] += slope * static_cast<T>((w[i] > 0) - (w[i] < 0));
  }

 protected:
  constexpr Regularizer(double l1, double l2) : l1_(l1), l2_(l2) {
    if (!valid(l1) || !valid(l2))
      throw ConfigError(
          text("regularizer: expected factors that are finite and at least 0, received l1 = ", l1, " and l2 = ", l2));
  }

 private:
  static constexpr bool valid(double factor) { return factor >= 0 && factor - factor == 0; }
  friend void visit_field(FieldVisitor& visitor, std::string_view field, Regularizer& regularizer);

  double l1_ = 0, l2_ = 0;
};

struct L1 : Regularizer {
  constexpr explicit L1(double l1 = 0.01) : Regularizer(l1, 0) {}
};
struct L2 : Regularizer {
  constexpr explicit L2(double l2 = 0.01) : Regularizer(0, l2) {}
};
struct L1L2 : Regularizer {
  constexpr explicit L1L2(double l1 = 0, double l2 = 0) : Regularizer(l1, l2) {}
};

/// Stored by name: "none", "l1(0.01)", "l2(0.01)" or "l1_l2(0.01, 0.001)".
inline void visit_field(FieldVisitor& visitor, std::string_view field, Regularizer& regularizer) {
  double values[] = {regularizer.l1_, regularizer.l2_};
  std::string stored = "none";
  if (values[0] != 0 && values[1] != 0)
    stored = detail::call_text("l1_l2", values);
  else if (regularizer)
    stored = values[0] != 0 ? detail::call_text("l1", std::span(values, 1))
                            : detail::call_text("l2", std::span(values + 1, 1));
  visitor.value(field, stored);
  if (!visitor.reading()) return;
  values[0] = values[1] = 0;
  const std::string_view name = std::string_view(stored).substr(0, stored.find('('));
  const bool read = name == "none" ? stored == name
                    : name == "l1" ? detail::read_call_numbers(stored, std::span(values).first(1))
                    : name == "l2" ? detail::read_call_numbers(stored, std::span(values).last(1))
                                   : name == "l1_l2" && detail::read_call_numbers(stored, values);
  if (!read || !Regularizer::valid(values[0]) || !Regularizer::valid(values[1]))
    visitor.fail(field,
                 text("expected \"none\" or a regularizer such as \"l2(0.01)\" with factors of at least 0, received \"",
                      stored, "\""));
  regularizer = Regularizer(values[0], values[1]);
}

}  // namespace foretell
