// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "foretell/formats/safetensors.hpp"
#include "foretell/graph/check_inputs.hpp"
#include "foretell/graph/workspace.hpp"

// The probes of a model file: rows, and what the network answered to them when it was written.

namespace foretell::detail {

/// Rows of each input and what the network answers to them, output by output.
template <class T>
struct Probes {
  std::vector<InputArray<T>> inputs;
  std::vector<std::vector<T>> answers{};
  std::size_t rows = 0;
};

template <class T>
std::vector<std::vector<T>> probe_answers(const Network<T>& network, const std::vector<InputArray<T>>& inputs,
                                          std::size_t rows) {
  Workspace<T> workspace(std::make_shared<const Program>(network.program(PassMode::inference)), rows);
  std::vector<RowReader<T>> readers(inputs.size());
  std::vector<const void*> places;
  for (std::size_t i = 0; i < inputs.size(); ++i) places.push_back(readers[i].slice(inputs[i].rows(), 0, rows));
  workspace.forward(network.context(), places, rows);
  workspace.expect_accepted("probe rows");
  std::vector<std::vector<T>> answers;
  for (std::size_t o = 0; o < workspace.program().outputs.size(); ++o) {
    const In<T> y = workspace.output(o);
    answers.emplace_back(y.data(), y.data() + y.size());
  }
  return answers;
}

/// Made-up rows of an input: the numbers of `turn` in turn, each place another in each row; of a SparseMatrix, one
/// number in every row but the last.
template <class T>
InputArray<T> made_up_rows(const Shape& shape, InputKind kind, std::size_t rows, const double (&turn)[3]) {
  if (kind == InputKind::sparse) {
    SparseMatrix<T> matrix(shape.size());
    for (std::size_t r = 0; r < rows; ++r) {
      std::vector<std::pair<std::size_t, T>> pairs;
      if (r + 1 < rows) pairs.emplace_back(r * 7 % shape.size(), T(1 + r));
      matrix.add_row(pairs);
    }
    return InputArray<T>::copy(Rows<T>(matrix.sparse_rows()));
  }
  const auto fill = [&](auto& values) {
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] =
          static_cast<std::remove_reference_t<decltype(values[i])>>(turn[(i / shape.size() + i % shape.size()) % 3]);
  };
  std::vector<T> numbers(kind == InputKind::numbers ? rows * shape.size() : 0);
  std::vector<std::int64_t> ids(kind == InputKind::ids ? rows * shape.size() : 0);
  fill(numbers);
  fill(ids);
  return InputArray<T>::copy(kind == InputKind::numbers ? Rows<T>(numbers.data(), rows, shape)
                                                        : Rows<T>(ids.data(), rows, shape));
}

/// The network's own probes, or three made-up rows: numbers 0, 1 and -0.5 in turn; 0, 1 and 2, or the first of them,
/// where a layer reads ids. None for a network that refuses them all.
template <class T>
Probes<T> probes_of(const Network<T>& network) {
  if (const std::size_t rows = network.probe_rows())
    return {network.probes(), probe_answers(network, network.probes(), rows), rows};
  constexpr std::size_t rows = 3;
  constexpr double turns[][3] = {{0, 1, -0.5}, {0, 1, 2}, {0, 1, 0}, {0, 0, 0}};
  const Program program = network.program(PassMode::inference);
  for (const auto& turn : turns) try {
      Probes<T> probes{{}, {}, rows};
      std::vector<Rows<T>> inputs;
      for (std::size_t i = 0; i < program.inputs.size(); ++i) {
        probes.inputs.push_back(made_up_rows<T>(network.inputs().shapes[i], network.inputs().kinds[i], rows, turn));
        inputs.push_back(probes.inputs.back().rows());
      }
      validate_inputs(program, inputs, "save");
      probes.answers = probe_answers(network, probes.inputs, rows);
      return probes;
    } catch (const DataError&) {  // no rows for these layers: others may be
    }
  return {};
}

/// The probes as tensors, which borrow from `probes` and `offsets`.
template <class T>
void add_probes(std::vector<TensorToWrite>& tensors, const Probes<T>& probes,
                std::vector<std::vector<std::int64_t>>& offsets) {
  for (std::size_t i = 0; i < probes.inputs.size(); ++i) {
    const Rows<T>& rows = probes.inputs[i].rows();
    const std::string name = text("foretell.probe/input/", i);
    if (rows.kind == InputKind::numbers) tensors.emplace_back(name, rows.sizes(), rows.data);
    if (rows.kind == InputKind::ids) tensors.emplace_back(name, rows.sizes(), rows.ids);
    if (rows.kind != InputKind::sparse) continue;
    std::vector<std::int64_t>& starts = offsets.emplace_back(1);
    for (std::size_t r = 0; r < rows.rows; ++r) starts.push_back(starts.back() + std::int64_t(rows.sparse.size(r)));
    const auto numbers = static_cast<std::size_t>(starts.back());
    tensors.emplace_back(name + "/offsets", std::vector{rows.rows + 1}, starts.data());
    tensors.emplace_back(name + "/columns", std::vector{numbers}, rows.sparse.all_columns);
    tensors.emplace_back(name + "/values", std::vector{numbers}, rows.sparse.all_values);
  }
  for (std::size_t o = 0; o < probes.answers.size(); ++o)
    tensors.emplace_back(text("foretell.probe/output/", o),
                         std::vector{probes.rows, probes.answers[o].size() / probes.rows}, probes.answers[o].data());
}

/// The tensor of that name as numbers N; nothing when there is none.
template <class N>
std::optional<std::vector<N>> read_numbers(SafetensorsFile& file, const std::string& name) {
  const auto found = file.entries().find(name);
  if (found == file.entries().end()) return std::nullopt;
  std::vector<N> numbers(found->second.size);
  file.read(found->second, numbers.data());
  return numbers;
}

/// The pairs of (column + 1, value) that format 1 had of a sparse row, ended by a 0; a column may come up twice.
template <class T>
SparseMatrix<T> matrix_of_pairs(const SafetensorsFile& file, const std::vector<T>& pairs, std::size_t rows,
                                std::size_t columns) {
  SparseMatrix<T> matrix(columns);
  const std::size_t n = rows ? pairs.size() / rows : 0;
  for (std::size_t r = 0; r < rows; ++r) {
    std::map<std::size_t, T> row;
    for (std::size_t i = r * n; i + 1 < (r + 1) * n && pairs[i] != 0; i += 2) {
      if (!(pairs[i] >= 1 && pairs[i] <= static_cast<T>(columns)))
        file.fail(text("expected probes of columns up to ", columns, ", received ", pairs[i]));
      row[static_cast<std::size_t>(pairs[i]) - 1] += pairs[i + 1];
    }
    matrix.add_row(row);
  }
  return matrix;
}

/// The probe rows of input i; nothing when the file has none, FormatError for some that are none.
template <class T>
std::optional<InputArray<T>> read_probe(SafetensorsFile& file, const InputRows& inputs, std::size_t i) {
  const std::string name = text("foretell.probe/input/", i);
  const Shape& shape = inputs.shapes[i];
  const auto rows = [&](std::size_t numbers) { return shape.size() ? numbers / shape.size() : 0; };
  switch (inputs.kinds[i]) {
    case InputKind::numbers:
      if (const auto x = read_numbers<T>(file, name)) return InputArray<T>::copy({x->data(), rows(x->size()), shape});
      break;
    case InputKind::ids:
      if (const auto x = read_numbers<std::int64_t>(file, name))
        return InputArray<T>::copy({x->data(), rows(x->size()), shape});
      break;
    case InputKind::sparse: {
      const auto pairs = file.entries().find(name);
      if (pairs != file.entries().end()) {  // of format 1
        const std::size_t count = pairs->second.shape.empty() ? 0 : pairs->second.shape[0];
        const SparseMatrix<T> matrix = matrix_of_pairs(file, *read_numbers<T>(file, name), count, shape.size());
        return InputArray<T>::copy(Rows<T>(matrix.sparse_rows()));
      }
      const auto offsets = read_numbers<std::int64_t>(file, name + "/offsets");
      auto columns = read_numbers<std::uint32_t>(file, name + "/columns");
      auto values = read_numbers<T>(file, name + "/values");
      if (!offsets || !columns || !values) break;
      try {
        const SparseMatrix<T> matrix(shape.size(), {offsets->begin(), offsets->end()}, std::move(*columns),
                                     std::move(*values));
        return InputArray<T>::copy(Rows<T>(matrix.sparse_rows()));
      } catch (const DataError& problem) {
        file.fail(problem.what());
      }
    }
  }
  return std::nullopt;
}

/// The probes of a file, for check_probes.
template <class T>
Probes<T> read_probes(SafetensorsFile& file, const Network<T>& network) {
  Probes<T> probes;
  for (std::size_t i = 0; i < network.inputs().shapes.size(); ++i)
    if (auto probe = read_probe<T>(file, network.inputs(), i)) probes.inputs.push_back(std::move(*probe));
  for (std::size_t o = 0; o < network.graph().outputs().size(); ++o)
    if (auto answer = read_numbers<T>(file, text("foretell.probe/output/", o)))
      probes.answers.push_back(std::move(*answer));
  return probes;
}

/// Throws FormatError unless the network answers as it did. It keeps probes that are rows of its user's.
template <class T>
void check_probes(const SafetensorsFile& file, Network<T>& network, Probes<T> probes) {
  if (probes.inputs.empty()) return;
  network.set_probes(std::move(probes.inputs));
  if (network.probes().size() != network.inputs().shapes.size() || network.probe_rows() == 0)
    file.fail("expected probe rows for every input, equally many");
  if (probes.answers.size() != network.graph().outputs().size()) file.fail("expected the answers of its probes");
  const auto now = probe_answers(network, network.probes(), network.probe_rows());
  const auto alike = [](double a, double b) {  // other CPUs round otherwise
    return a == b || (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= 1e-4 * (1 + std::abs(b));
  };
  for (std::size_t o = 0; o < now.size(); ++o) {
    const std::vector<T>& then = probes.answers[o];
    bool same = now[o].size() == then.size();
    for (std::size_t i = 0; same && i < then.size(); ++i) same = alike(double(now[o][i]), double(then[i]));
    if (!same)
      file.fail(text("output \"", network.graph().outputs()[o].name,
                     "\" does not answer the stored probe rows as it did when it was saved"));
  }
  if (!file.metadata().count("foretell.probes")) network.set_probes({});
}

}  // namespace foretell::detail
