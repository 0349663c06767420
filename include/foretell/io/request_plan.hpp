// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "foretell/graph/network.hpp"
#include "foretell/io/request.hpp"
#include "foretell/io/served.hpp"

namespace foretell::detail {

/// How one input of a network is made of a request.
template <class T>
struct InputPlan {
  std::string name;
  InputKind kind = InputKind::numbers;
  Shape shape{};
  Transformer<T> transformer{};       ///< makes it of columns, where there is one
  std::vector<std::size_t> places{};  ///< of its columns in the request
  bool all_columns = false;           ///< they are all columns of the request, in order
  std::size_t array = none;           ///< the array of the request that it is, where it is one

  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  /// Numbers or ids that the columns give for a row.
  std::size_t given() const { return transformer ? transformer.output_schema().size() : places.size(); }
};

/// From requests to the inputs of a network, and from its outputs to answers. Never changes.
template <class T>
struct RequestPlan {
  std::shared_ptr<const RequestFields> fields;
  std::vector<InputPlan<T>> inputs;   ///< in the order of the network's
  std::vector<ServedOutput> outputs;  ///< in the order of the network's

  RequestPlan() = default;
  /// Throws ConfigError for what does not fit the network; widths are not looked at.
  RequestPlan(const Network<T>& network, const ServedInputs& served, const std::vector<ServedOutput>& answers) {
    const auto& graph = network.graph();
    std::vector<std::string> names;
    for (const std::size_t node : graph.inputs()) names.push_back(graph.entries()[node].name);
    for (const ServedInput& input : served)
      if (std::find(names.begin(), names.end(), input.name) == names.end() &&
          !(input.name.empty() && names.size() == 1))
        throw ConfigError(
            text("save: expected one of the network's inputs ", quoted_list(names), ", received \"", input.name, "\""));
    Schema columns;
    std::vector<RequestArray> arrays;
    for (std::size_t i = 0; i < names.size(); ++i) {
      InputPlan<T> plan{names[i], network.inputs().kinds[i], network.inputs().shapes[i], {}, {},
                        false,    InputPlan<T>::none};
      const auto found = std::find_if(served.begin(), served.end(), [&](const ServedInput& input) {
        return input.name == names[i] || (input.name.empty() && names.size() == 1);
      });
      if (found == served.end()) {
        plan.array = arrays.size();
        arrays.push_back({names[i], plan.kind, plan.shape});
      } else if (found->transformer) {
        plan.transformer = found->transformer;
        for (const Field& field : plan.transformer.input_schema())
          plan.places.push_back(place_of(columns, field, names[i]));
      } else {
        if (plan.kind == InputKind::sparse)
          throw ConfigError(
              text("save: expected preprocessing for the sparse input \"", names[i], "\", received columns"));
        for (const std::string& column : found->columns)
          plan.places.push_back(
              place_of(columns, {column, plan.kind == InputKind::ids ? Kind::id : Kind::number}, names[i]));
      }
      inputs.push_back(std::move(plan));
    }
    for (InputPlan<T>& plan : inputs) {
      plan.all_columns = plan.places.size() == columns.size();
      for (std::size_t c = 0; c < plan.places.size(); ++c) plan.all_columns = plan.all_columns && plan.places[c] == c;
    }
    fields = std::make_shared<const RequestFields>(std::move(columns), std::move(arrays));
    std::vector<std::string> output_names;
    for (const auto& output : graph.outputs()) {
      output_names.push_back(output.name);
      outputs.push_back({.name = output.name});
    }
    for (const ServedOutput& answer : answers) {
      std::size_t o = 0;
      while (o < outputs.size() && outputs[o].name != answer.name && !(answer.name.empty() && outputs.size() == 1)) ++o;
      if (o == outputs.size())
        throw ConfigError(text("save: expected one of the network's outputs ", quoted_list(output_names),
                               ", received \"", answer.name, "\""));
      outputs[o] = answer;
      outputs[o].name = output_names[o];
    }
  }

  /// Whether any answer is other than the network's numbers.
  bool calibrates() const {
    return std::any_of(outputs.begin(), outputs.end(), [](const auto& output) { return bool(output.calibration); });
  }

 private:
  static std::size_t place_of(Schema& columns, const Field& field, const std::string& input) {
    const std::size_t place = columns.find(field.name);
    if (place == columns.size()) {
      columns.add(field);
    } else if (const Field& other = columns[place];
               other.kind != field.kind || other.categories.values() != field.categories.values()) {
      throw ConfigError(text("save: expected column \"", field.name, "\" to be one thing for all inputs, received a ",
                             name_of(field.kind), " for \"", input, "\" and a ", name_of(other.kind),
                             " before, or other categories; fit both on one table"));
    }
    return place;
  }
};

/// Throws ConfigError for outputs that are served as what they are not. `shapes` of the network's outputs.
inline void check_outputs(const std::vector<ServedOutput>& outputs, const std::vector<Shape>& shapes) {
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    const ServedOutput& output = outputs[o];
    const std::size_t size = shapes[o].size();
    const auto fail = [&](const std::string& problem) {
      throw ConfigError(
          text("save, output \"", output.name, "\" of ", size, size == 1 ? " number: " : " numbers: ", problem));
    };
    if (!output.classes.empty() && output.classes.size() != std::max<std::size_t>(size, 2))
      fail(
          text("expected the names of ", std::max<std::size_t>(size, 2), " classes, received ", output.classes.size()));
    for (std::size_t i = 0; i < output.classes.size(); ++i)
      if (std::find(output.classes.begin(), output.classes.begin() + static_cast<std::ptrdiff_t>(i),
                    output.classes[i]) != output.classes.begin() + static_cast<std::ptrdiff_t>(i))
        fail(text("expected classes of different names, received \"", output.classes[i], "\" twice"));
    if (output.threshold && (size != 1 || output.classes.empty()))
      fail("expected a threshold for one probability and the names of its two classes");
    const Calibration::Way way = output.calibration.way();
    if ((way == Calibration::Way::platt || way == Calibration::Way::isotonic) && size != 1)
      fail("expected a curve for one probability; TemperatureScaling calibrates several");
    if (output.top_k > size) fail(text("expected a top_k of at most ", size, ", received ", output.top_k));
  }
}

}  // namespace foretell::detail
