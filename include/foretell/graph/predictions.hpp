// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "foretell/core/parallel.hpp"
#include "foretell/core/rows.hpp"
#include "foretell/graph/check_inputs.hpp"
#include "foretell/graph/workspace.hpp"

namespace foretell {

/// Every output for every row: one flat array an output, with its row shape. Const and re-entrant: its memory is its
/// own.
template <class T>
struct Predictions {
  std::vector<Shape> shapes;
  std::vector<std::vector<T>> values;

  Predictions(const Network<T>& network, const std::vector<Rows<T>>& inputs, std::size_t batch_size,
              const Executor& executor = {}) {
    const std::size_t rows = inputs.at(0).rows, threads = executor.threads();
    const std::size_t share = threads > 1 ? (rows / threads + 31) / 32 * 32 : rows;  // so that every thread has some
    const std::size_t step = std::max<std::size_t>(1, std::min({batch_size, rows, std::max<std::size_t>(share, 32)}));
    const std::size_t parts = (rows + step - 1) / step;
    const auto program = std::make_shared<const Program>(network.program(PassMode::inference, rows_of(inputs)));
    validate_inputs(*program, inputs, "predict");
    const PassContext<T> context = network.context();
    for (const std::size_t output : program->outputs) {
      shapes.push_back(program->shapes[output]);
      values.emplace_back(rows * shapes.back().size());
    }
    const std::size_t workers = std::min(threads, std::max<std::size_t>(1, parts));
    executor.run(workers, [&](std::size_t w) {
      Workspace<T> workspace(program, step);
      std::vector<const void*> pointers(inputs.size());
      std::vector<RowReader<T>> readers(inputs.size());
      for (std::size_t part = w; part < parts; part += workers) {
        const std::size_t first = part * step, count = std::min(step, rows - first);
        for (std::size_t i = 0; i < inputs.size(); ++i) pointers[i] = readers[i].slice(inputs[i], first, count);
        workspace.forward(context, pointers, count);
        workspace.expect_accepted("predict", first);
        for (std::size_t o = 0; o < shapes.size(); ++o) {
          const In<T> y = workspace.output(o);
          std::copy_n(y.data(), y.size(), values[o].data() + first * y.row_size());
        }
      }
    });
  }

  /// (rows, shape...) of output `o`.
  std::vector<std::size_t> sizes(std::size_t o, std::size_t rows) const {
    std::vector<std::size_t> result{rows};
    result.insert(result.end(), shapes[o].begin(), shapes[o].end());
    return result;
  }
};

}  // namespace foretell
