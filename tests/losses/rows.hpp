// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <foretell/losses/loss.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace foretell::losses_test {

/// Rows with owned values, to be seen through a view.
template <class T>
struct Rows {
  std::size_t rows = 0;
  Shape shape;
  std::vector<T> values;
  std::vector<std::uint8_t> mask{};

  In<T> in() const { return In<T>(values.data(), rows, shape, mask.empty() ? nullptr : mask.data()); }
  Out<T> out() { return Out<T>(values.data(), rows, shape); }
};

template <class T>
struct Result {
  double sum = 0;
  std::vector<T> gradient;
};

struct How {
  ActivationFunction fused{};
  std::vector<double> weights{};
  double scale = 1;
};

template <class T>
Result<T> run(const Loss<T>& loss, const Rows<T>& truth, const Rows<T>& prediction, const How& how = {}) {
  Rows<T> gradient{prediction.rows, prediction.shape, std::vector<T>(prediction.values.size(), T(77))};
  const std::vector<T> weights(how.weights.begin(), how.weights.end());
  LossCall<T> call{truth.in(), prediction.in(), how.fused, weights.empty() ? nullptr : weights.data()};
  call.scale = how.scale;
  const double without = loss(call);
  call.gradient = gradient.out();
  const double sum = loss(call);
  if (!(without == sum) && sum == sum)
    return {std::numeric_limits<double>::infinity(), {}};  // the gradient must not change the loss
  return {sum, gradient.values};
}

}  // namespace foretell::losses_test
