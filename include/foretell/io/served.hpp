// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "foretell/io/calibration.hpp"
#include "foretell/io/part.hpp"
#include "foretell/preprocessing/transformer.hpp"

// What a model file says of how requests become the inputs of its network, and its outputs answers.

namespace foretell {

/// One input of a network: what fitted preprocessing makes of columns, or columns as they are, which for a layer of ids
/// are ids. An input that is not listed is an array that each request has.
struct ServedInput {
  std::string name;
  detail::AnyTransformer transformer{};
  std::vector<std::string> columns{};

  ServedInput() = default;
  /// Throws StateError for preprocessing that was not fitted.
  template <class X>
  requires std::convertible_to<const X&, detail::AnyTransformer> ServedInput(std::string input, const X& preprocessing)
      : name(std::move(input)), transformer(preprocessing) {
    if (!transformer.fitted())
      throw StateError(
          "save: expected preprocessing that was fitted, received one that was not; call fit or fit_transform first");
  }
  ServedInput(std::string input, std::vector<std::string> names) : name(std::move(input)), columns(std::move(names)) {}
  ServedInput(std::string input, std::initializer_list<std::string> names)
      : ServedInput(std::move(input), std::vector<std::string>(names)) {}

  void fields(auto&& f) {
    f("name", name);
    f("columns", columns);
    f("transformer", transformer);
  }
};
using ServedInputs = std::vector<ServedInput>;

/// What becomes of one output: calibrated first; the names of its classes; from which probability on the second of two
/// classes is the answer; how many of the greatest numbers an answer lists.
struct ServedOutput {
  std::string name{};  ///< of the network's output; may be left out where there is one
  std::vector<std::string> classes{};
  Calibration calibration{};
  std::optional<double> threshold{};
  std::size_t top_k = 0;

  void fields(auto&& f) {
    f("name", name);
    f("classes", classes);
    f("calibration", calibration);
    double at = threshold.value_or(std::nan(""));
    f("threshold", at);
    threshold = std::isnan(at) ? std::nullopt : std::optional(at);
    f("top_k", top_k);
  }
};

/// What else `save` puts into a file.
struct SaveOptions {
  std::vector<ServedOutput> outputs{};            ///< those whose numbers are not the answer as they are
  Parts parts{};                                  ///< components by name, for Bundle::part
  std::map<std::string, std::string> metadata{};  ///< your own words: who trained it, on what
  std::string version{};                          ///< of the model, as you count them
};

}  // namespace foretell
