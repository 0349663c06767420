// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include "foretell/serving/answer.hpp"
#include "foretell/serving/served.hpp"

namespace foretell::detail {

/// One thread's: makes answers of a network's outputs. After it is made nothing is allocated.
template <class T>
class PostProcessing {
 public:
  /// `plan` and `program` outlive this.
  PostProcessing(const RequestPlan<T>& plan, const Program& program) : plan_(plan), outputs_(plan.outputs.size()) {
    for (std::size_t o = 0; o < outputs_.size(); ++o) {
      outputs_[o].size = program.shapes[program.outputs[o]].size();
      if (plan.outputs[o].calibration) outputs_[o].calibrated.resize(outputs_[o].size);
      outputs_[o].order.resize(plan.outputs[o].top_k ? outputs_[o].size : 0);
      outputs_[o].top.resize(plan.outputs[o].top_k);
    }
    answers_.reserve(outputs_.size());
  }

  /// The calibrated numbers of output o, row after row, in place.
  void calibrate(std::size_t o, std::span<T> rows) const {
    if (!plan_.outputs[o].calibration) return;
    for (std::size_t at = 0; at < rows.size(); at += outputs_[o].size)
      plan_.outputs[o].calibration.apply(rows.subspan(at, outputs_[o].size));
  }

  /// The answers of a workspace that has run one row, each output's.
  std::span<const OutputAnswer<T>> answers(const Workspace<T>& workspace) {
    answers_.clear();
    for (std::size_t o = 0; o < outputs_.size(); ++o) {
      const std::span<const T> values = one(o, workspace);
      answers_.emplace_back(plan_.outputs[o], values, rank(o, values));
    }
    return answers_;
  }
  /// The numbers of output o of a workspace that has run one row.
  std::span<const T> one(std::size_t o, const Workspace<T>& workspace) {
    const In<T> y = workspace.output(o);
    if (!plan_.outputs[o].calibration) return {y.data(), y.size()};
    std::vector<T>& values = outputs_[o].calibrated;
    std::copy_n(y.data(), y.size(), values.data());
    plan_.outputs[o].calibration.apply(std::span<T>(values));
    return values;
  }

 private:
  struct Output {
    std::size_t size = 0;
    std::vector<T> calibrated;
    std::vector<std::size_t> order;
    std::vector<TopValue<T>> top;
  };

  std::span<const TopValue<T>> rank(std::size_t o, std::span<const T> values) {
    Output& output = outputs_[o];
    if (output.top.empty()) return {};
    std::iota(output.order.begin(), output.order.end(), std::size_t(0));
    std::partial_sort(
        output.order.begin(), output.order.begin() + static_cast<std::ptrdiff_t>(output.top.size()), output.order.end(),
        [&](std::size_t a, std::size_t b) { return values[a] != values[b] ? values[a] > values[b] : a < b; });
    const std::vector<std::string>& classes = plan_.outputs[o].classes;
    for (std::size_t i = 0; i < output.top.size(); ++i) {
      const std::size_t place = output.order[i];
      output.top[i] = {place, values[place],
                       place < classes.size() ? std::string_view(classes[place]) : std::string_view()};
    }
    return output.top;
  }

  const RequestPlan<T>& plan_;
  std::vector<Output> outputs_;
  std::vector<OutputAnswer<T>> answers_;
};

}  // namespace foretell::detail
