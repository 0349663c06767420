// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/data/near_match.hpp"
#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

namespace detail {

struct NamedStep {
  std::string name;
  AnyTransformer transformer;

  void fields(auto&& f) {
    f("name", name);
    f("transformer", transformer);
  }
};

/// What an earlier step makes of the frame that it learned from, for the next one to learn from; both must outlive this
/// one.
class AppliedFrame : public Frame {
 public:
  AppliedFrame(const Frame& source, const AnyTransformer& transform, Schema output)
      : Frame(std::move(output), source.rows(), source.target()), source_(source), transform_(transform) {}

  void read(std::size_t first, MutableBlock out) const override {
    const Scratch::Mark mark(scratch_);
    const MutableBlock in = scratch_.block(out.rows, source_.columns());
    source_.read(first, in);
    transform_.apply_learned(first, in, out, scratch_);
  }

 private:
  const Frame& source_;
  const AnyTransformer& transform_;
  mutable Scratch scratch_;
};

class StepByStep {
 public:
  static constexpr std::string_view type = "Pipeline";

  explicit StepByStep(std::vector<NamedStep> steps = {}) : steps_(std::move(steps)) {}

  const std::vector<NamedStep>& steps() const { return steps_; }
  /// The transformer of that name; throws ConfigError that lists the names when there is none.
  const AnyTransformer& operator[](std::string_view name) const {
    std::vector<std::string> names;
    for (const auto& step : steps_) {
      if (step.name == name) return step.transformer;
      names.push_back(step.name);
    }
    throw ConfigError(text("Pipeline: there is no step \"", name, "\".", did_you_mean(name, names), " The steps are ",
                           quoted_list(names), "."));
  }
  /// The missing and unknown values that the steps met.
  std::vector<ColumnHits> hits() const {
    std::vector<ColumnHits> all;
    for (const auto& step : steps_)
      for (auto& hits : step.transformer.hits()) all.push_back(std::move(hits));
    return all;
  }
  void clear_hits() {
    for (auto& step : steps_) step.transformer.clear_hits();
  }

  std::vector<std::string> needs(std::vector<std::string> names) const {
    return steps_.empty() ? std::move(names) : steps_.front().transformer.needs(std::move(names));
  }
  std::vector<std::string> reads_texts(std::vector<std::string> names) const {
    return steps_.empty() ? std::vector<std::string>() : steps_.front().transformer.reads_texts(std::move(names));
  }

  Schema learn(const Frame& x) {
    if (steps_.empty()) throw ConfigError("Pipeline: it has no steps; give it at least one transformer.");
    widths_.clear();
    std::vector<std::unique_ptr<Frame>> frames;
    const Frame* last = &x;
    for (std::size_t i = 0;; ++i) {
      Schema output = steps_[i].transformer.learn(*last);
      widths_.push_back(output.size());
      if (i + 1 == steps_.size()) return output;
      frames.push_back(std::make_unique<AppliedFrame>(*last, steps_[i].transformer, output.expanded()));
      last = frames.back().get();
    }
  }

  void apply(Block in, MutableBlock out, Scratch& scratch) const {
    chain(
        in, scratch, [&](const AnyTransformer& step, Block from, MutableBlock to) { step.apply(from, to, scratch); },
        [&](const AnyTransformer& last, Block from) { last.apply(from, out, scratch); });
  }
  template <class F>
  void nonzeros(Block row, Scratch& scratch, const F& f) const {
    chain(
        row, scratch, [&](const AnyTransformer& step, Block from, MutableBlock to) { step.apply(from, to, scratch); },
        [&](const AnyTransformer& last, Block from) { last.nonzeros(from, widths_.back(), scratch, f); });
  }
  void apply_learned(std::size_t first, Block in, MutableBlock out, Scratch& scratch) const {
    const auto apply_step = [&](const AnyTransformer& step, Block from, MutableBlock to) {
      step.apply_learned(first, from, to, scratch);
    };
    chain(in, scratch, apply_step, [&](const AnyTransformer& last, Block from) { apply_step(last, from, out); });
  }

  void invert(Block out, MutableBlock in, Scratch& scratch) const {
    const Scratch::Mark mark(scratch);
    for (std::size_t i = steps_.size(); i-- > 1;) {
      const MutableBlock before = scratch.block(out.rows, widths_[i - 1]);
      steps_[i].transformer.invert(out, before, scratch);
      out = before;
    }
    steps_.front().transformer.invert(out, in, scratch);
  }

  bool fits(std::size_t in, std::size_t out) const {
    if (steps_.empty() || widths_.size() != steps_.size()) return false;
    for (std::size_t i = 0; i < steps_.size(); in = widths_[i++])
      if (!steps_[i].transformer.fits(in, widths_[i])) return false;
    return in == out;
  }

  void fields(auto&& f) {
    f("steps", steps_);
    f("widths", widths_);
  }

 private:
  template <class F, class G>
  void chain(Block in, Scratch& scratch, F apply_step, G apply_last) const {
    const Scratch::Mark mark(scratch);
    for (std::size_t i = 0; i + 1 < steps_.size(); ++i) {
      const MutableBlock next = scratch.block(in.rows, widths_[i]);
      apply_step(steps_[i].transformer, in, next);
      in = next;
    }
    apply_last(steps_.back().transformer, in);
  }

  std::vector<NamedStep> steps_;
  std::vector<std::size_t> widths_;  ///< the columns that come out of each step
};

}  // namespace detail

/// A named transformer of a Pipeline.
template <class T>
using Step = detail::NamedStep;

/// Transformers one after the other: Pipeline<float>{{"impute", SimpleImputer<float>()}, {"scale",
/// StandardScaler<float>()}}. A later step is fitted on what the earlier ones make of the data, block by block.
template <class T = float>
class Pipeline : public Estimator<Pipeline<T>, detail::StepByStep, T> {
 public:
  Pipeline() = default;
  Pipeline(std::initializer_list<Step<T>> steps) : Pipeline(std::vector<Step<T>>(steps)) {}
  explicit Pipeline(std::vector<Step<T>> steps) : Pipeline::Estimator(std::move(steps)) {}
};

/// A pipeline whose steps are named by their types in lower case; of equal types "standardscaler-1",
/// "standardscaler-2".
template <class T = float, class... Transformers>
Pipeline<T> make_pipeline(Transformers... transformers) {
  std::vector<Step<T>> steps;
  (steps.push_back({{}, Transformer<T>(std::move(transformers))}), ...);
  const auto lowered = [](std::string_view type) {
    std::string name(type);
    for (char& c : name) c = detail::lower(c);
    return name;
  };
  for (std::size_t i = 0; i < steps.size(); ++i) {
    std::size_t before = 0, all = 0;
    for (std::size_t j = 0; j < steps.size(); ++j) {
      const bool same = steps[j].transformer.type() == steps[i].transformer.type();
      all += same;
      before += same && j < i;
    }
    steps[i].name = lowered(steps[i].transformer.type()) + (all > 1 ? text("-", before + 1) : std::string());
  }
  return Pipeline<T>(std::move(steps));
}

}  // namespace foretell
