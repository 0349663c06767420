// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "foretell/core/view.hpp"
#include "foretell/losses/loss.hpp"
#include "foretell/metrics/mean.hpp"

namespace foretell {

namespace detail {

/// The tag of metrics and of losses in their place: a static member or a member function `name`.
template <class M>
concept MetricTag = requires {
  &M::name;
}
&&!std::is_member_object_pointer_v<decltype(&M::name)>;

template <class M>
std::string name_of(const M& part) {
  if constexpr (requires { std::string(part.name()); })
    return std::string(part.name());
  else
    return std::string(part.name);
}

}  // namespace detail

/// A loss where a metric is expected: the weighted mean of the row losses over all rows seen; NaN of no rows. The
/// constructor throws ConfigError for options that make no sense.
template <class L>
class LossMetric {
 public:
  explicit LossMetric(L loss) : loss_(std::move(loss)) {
    if constexpr (requires { loss_.check(); }) loss_.check();
  }

  std::string name() const { return detail::name_of(loss_); }
  template <class T>
  requires requires(const L& loss, const LossCall<T>& call) { loss(call); }
  void update(In<T> truth, In<T> prediction, const T* weights) {
    LossCall<T> call{truth, prediction};
    call.weights = weights;
    double total = static_cast<double>(prediction.rows());
    if (weights) {
      total = 0;
      for (std::size_t row = 0; row < prediction.rows(); ++row) total += static_cast<double>(weights[row]);
    }
    mean_.add_sum(static_cast<double>(loss_(call)), total);
  }
  double result() const { return mean_.result(); }
  void reset() { mean_ = {}; }
  void merge(const LossMetric& other) { mean_.merge(other.mean_); }

 private:
  L loss_;
  detail::WeightedMean mean_;
};

}  // namespace foretell
