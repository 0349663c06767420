// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "foretell/graph/workspace.hpp"
#include "foretell/io/bundle_file.hpp"
#include "foretell/io/request_plan.hpp"

namespace foretell::detail {

/// What bundles, predictors and rows share: never changes.
template <class T>
struct Served {
  explicit Served(BundleFile<T> loaded)
      : network(std::move(loaded.network)),
        parts(std::move(loaded.parts)),
        metadata(std::move(loaded.metadata)),
        version(std::move(loaded.version)),
        plan(network, loaded.inputs, loaded.outputs),
        program(std::make_shared<const Program>(network.program(PassMode::inference))),
        context(network.context()) {
    std::vector<Shape> shapes;
    for (const std::size_t output : program->outputs) shapes.push_back(program->shapes[output]);
    check_outputs(plan.outputs, shapes);
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  Network<T> network;
  StoredParts parts;
  std::map<std::string, std::string> metadata;
  std::string version;
  RequestPlan<T> plan;
  std::shared_ptr<const Program> program;
  PassContext<T> context;
};

}  // namespace foretell::detail
