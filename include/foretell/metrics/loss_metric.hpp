// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include "foretell/core/view.hpp"
#include "foretell/losses/loss.hpp"
#include "foretell/metrics/mean.hpp"
#include "foretell/metrics/mode.hpp"

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

/// A loss where a metric is expected: the weighted mean of its losses over all rows seen or, with a mask, over all real
/// steps, each with the weight of its row, whatever the batches; NaN where nothing has a weight. As the
/// weighted_metrics of Keras. The constructor throws ConfigError for options that make no sense.
template <class L>
class LossMetric {
 public:
  static constexpr Mode mode = Mode::min;
  explicit LossMetric(L loss) : loss_(std::move(loss)) {
    if constexpr (requires { loss_.check(); }) loss_.check();
  }

  std::string name() const { return detail::name_of(loss_); }
  template <class T>
  requires requires(const L& loss, const LossCall<T>& call) { loss(call); }
  void update(In<T> truth, In<T> prediction, const T* weights) {
    LossCall<T> call{truth, prediction};
    call.weights = weights;
    const bool sequence = !whole_rows() && (prediction.mask() || prediction.shape().rank() > 1);
    const std::size_t steps = sequence ? prediction.shape().front() : 1;
    double real = 0, total = 0;  // steps, and their weights
    for (std::size_t row = 0; row < prediction.rows(); ++row) {
      const std::uint8_t* mask = sequence && prediction.mask() ? prediction.mask() + row * steps : nullptr;
      const double of_row = static_cast<double>(
          mask ? steps - static_cast<std::size_t>(std::count(mask, mask + steps, std::uint8_t(0))) : steps);
      real += of_row;
      total += of_row * (weights ? static_cast<double>(weights[row]) : 1);
    }
    if (real > 0)  // the loss of a call is one over its real steps
      mean_.add_sum(static_cast<double>(loss_(call)) * (real / static_cast<double>(prediction.rows())), total);
  }
  void check_output(const OutputFacts& output) const {
    if constexpr (requires { loss_.check_output(output); }) loss_.check_output(output);
  }
  double result() const { return mean_.result(); }
  void reset() { mean_ = {}; }
  void merge(const LossMetric& other) { mean_.merge(other.mean_); }

 private:
  bool whole_rows() const {
    if constexpr (requires { loss_.whole_rows(); })
      return loss_.whole_rows();
    else if constexpr (requires { L::whole_rows; })
      return L::whole_rows;
    else if constexpr (requires { L::whole_batch; })
      return L::whole_batch;
    else
      return false;
  }

  L loss_;
  detail::WeightedMean mean_;
};

}  // namespace foretell
