// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/graph/graph.hpp"
#include "foretell/losses/output_facts.hpp"

// What a graph says of its outputs before it is built. Layers that are not in the tables below, such as a user's, give
// what cannot be known.

namespace foretell {

namespace detail {

inline bool is_among(std::string_view type, std::initializer_list<std::string_view> types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}
/// Layers that change neither values nor the last axis.
inline bool keeps_values_and_width(std::string_view type) {
  return is_among(type, {"Activation", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout",
                         "AlphaDropout", "Masking", "Cropping1D", "UpSampling1D", "MaxPooling1D", "AveragePooling1D",
                         "MaxPooling2D", "AveragePooling2D", "GlobalMaxPooling1D", "GlobalAveragePooling1D",
                         "GlobalMaxPooling2D", "GlobalAveragePooling2D", "RepeatVector"});
}
/// Layers whose values are some of those before them, or lie between them.
inline bool keeps_values(std::string_view type) {
  return keeps_values_and_width(type) || is_among(type, {"Flatten", "Reshape", "Permute", "Slice", "Gather"});
}
/// Layers that give any number unless an activation bounds it.
inline bool gives_any_number(std::string_view type) {
  return is_among(type, {"Dense",
                         "SparseDense",
                         "Conv1D",
                         "Conv2D",
                         "DepthwiseConv1D",
                         "SeparableConv1D",
                         "ItemScores",
                         "Embedding",
                         "EmbeddingBag",
                         "HashedEmbedding",
                         "FieldEmbedding",
                         "MultiHeadAttention",
                         "TransformerEncoder",
                         "BatchNormalization",
                         "LayerNormalization",
                         "FactorizationMachine",
                         "Cross",
                         "UnitNormalization",
                         "PReLU",
                         "FeatureScale"});
}
/// Layers whose last axis is as long as their `units` or `filters`.
inline bool tells_width(std::string_view type) {
  return is_among(type, {"Dense", "SparseDense", "Conv1D", "Conv2D", "SeparableConv1D", "SimpleRNN", "LSTM", "GRU"});
}
inline bool is_recurrent(std::string_view type) { return is_among(type, {"SimpleRNN", "LSTM", "GRU"}); }

/// Reads of a layer, or of the one in a wrapper, what its fields say of the output.
class OutputFields final : public FieldVisitor {
 public:
  std::string type, activation;
  std::size_t width = 0;

  bool reading() const override { return false; }
  void value(std::string_view, bool&) override {}
  void value(std::string_view name, std::int64_t& number) override {
    if (name == "units" || name == "filters") width = static_cast<std::size_t>(number);
  }
  void value(std::string_view, double&) override {}
  void value(std::string_view name, std::string& word) override {
    if (name == "type") type = word;
    if (name == "activation") activation = word;
  }
  void value(std::string_view, std::vector<double>&) override {}
  void value(std::string_view, std::vector<std::string>&) override {}
  bool open(std::string_view name) override { return name == "layer"; }
  void close() override {}
  std::size_t open_list(std::string_view, std::size_t) override { return 0; }
  void close_list() override {}
  [[noreturn]] void fail(std::string_view, const std::string& problem) const override { throw ConfigError(problem); }
};

}  // namespace detail

/// What is known of the result of a node. `shapes` of all nodes, where they are known already.
inline OutputFacts output_facts(const LayerGraph& graph, std::size_t node, const std::vector<Shape>* shapes = nullptr) {
  const auto& entry = graph.entries()[node];
  OutputFacts facts;
  if (!entry.layer) return facts;
  const std::string_view type = entry.layer.type();
  detail::OutputFields fields;
  LayerSpec(entry.layer).visit(fields);
  const bool wraps = detail::is_among(type, {"TimeDistributed", "Bidirectional"});
  const std::string_view inner = wraps ? std::string_view(fields.type) : type;
  const auto ends_in = [&](ActivationFunction f) {
    facts.activation = f;
    facts.last = true;
    facts.origin = graph.describe(node);
  };
  const bool joins = detail::is_among(type, {"Concatenate", "Average", "Maximum", "Minimum"}),
             mixes = detail::is_among(type, {"Dot", "Subtract"}),  // of probabilities perhaps one again
      sums = detail::is_among(type, {"Add", "SumPooling1D", "SumPooling2D", "GlobalSumPooling1D", "GlobalSumPooling2D",
                                     "PositionalEmbedding", "ZeroPadding1D"});
  std::vector<OutputFacts> before;
  if (joins || sums || mixes || detail::keeps_values(type))
    for (const std::size_t input : entry.inputs) before.push_back(output_facts(graph, input, shapes));
  const auto all_same = [&] {
    return std::all_of(before.begin(), before.end(),
                       [&](const OutputFacts& f) { return f.activation && f.activation == before[0].activation; });
  };
  const auto take_over = [&] {
    facts = before[0];
    facts.last = false;
  };

  const ActivationFunction own = entry.layer.output_activation();
  if (own != linear) {
    ends_in(own);
  } else if (detail::keeps_values(type)) {
    take_over();
  } else if (joins) {
    if (all_same()) take_over();
  } else if (sums) {
    const auto any = std::find_if(before.begin(), before.end(), [](const OutputFacts& f) {
      return f.activation && detail::range_of(f.activation->kind) == detail::Range::any;
    });
    if (any != before.end()) facts.activation = any->activation, facts.origin = any->origin;
  } else if (mixes) {
    if (std::any_of(before.begin(), before.end(), [](const OutputFacts& f) {
          if (!f.activation) return false;
          const detail::Range range = detail::range_of(f.activation->kind);
          return range != detail::Range::unit && range != detail::Range::shares;
        }))
      ends_in(linear);
  } else if (detail::is_recurrent(inner)) {
    const auto f = activation_by_name(fields.activation);
    const bool below_zero = f && (detail::range_of(f->kind) == detail::Range::around_zero ||
                                  detail::range_of(f->kind) == detail::Range::any);
    if (f && (type != "Bidirectional" || below_zero)) ends_in(*f);  // whatever way its two answers are joined
  } else if (detail::gives_any_number(inner)) {
    ends_in(linear);
  }
  facts.width = 0;
  if (shapes)
    facts.width = (*shapes)[node].rank() ? (*shapes)[node].back() : 1;
  else if (detail::keeps_values_and_width(type))
    facts.width = before[0].width;
  else if (detail::tells_width(inner) && type != "Bidirectional")
    facts.width = fields.width;
  if (own != linear && is_rowwise(own.kind)) facts.one = facts.width == 1;
  return facts;
}

}  // namespace foretell
