// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/tensors.hpp"
#include "foretell/graph/predictions.hpp"
#include "foretell/io/bundle_file.hpp"
#include "foretell/preprocessing/table_frame.hpp"
#include "foretell/serving/predictor.hpp"
#include "foretell/serving/stream.hpp"

namespace foretell {

/// A loaded model file: preprocessing, network and what its outputs become, immutable, cheap to copy, shared by all
/// threads without locks.
template <class T = float>
class Bundle {
 public:
  explicit Bundle(BundleFile<T> loaded) : served_(std::make_shared<const detail::Served<T>>(std::move(loaded))) {}

  /// The columns a request has.
  const Schema& schema() const { return served_->plan.fields->columns; }
  /// Those and its arrays.
  const RequestFields& request() const { return *served_->plan.fields; }
  /// What makes an input of columns; of the only one by default. Throws ConfigError for a name that is no input; empty
  /// for an input that is an array, or columns as they are.
  const Transformer<T>& preprocessing(std::string_view input = {}) const {
    const auto& inputs = served_->plan.inputs;
    std::vector<std::string> names;
    for (const auto& plan : inputs) {
      if (plan.name == input || (input.empty() && inputs.size() == 1)) return plan.transformer;
      names.push_back(plan.name);
    }
    throw ConfigError(text("Bundle: expected one of the inputs ", quoted_list(names), ", received \"", input, "\""));
  }
  const Network<T>& network() const { return served_->network; }
  /// What becomes of each output of the network, in its order.
  const std::vector<ServedOutput>& outputs() const { return served_->plan.outputs; }
  /// Your own words, see SaveOptions.
  const std::map<std::string, std::string>& metadata() const { return served_->metadata; }
  const std::string& version() const { return served_->version; }

  /// What `save` put beside the model under that name, such as part<TfidfVectorizer<float>>("words"). Throws
  /// ConfigError when there is none, or one of another type.
  template <Storable C>
  C part(const std::string& name) const {
    C component;
    detail::read_part<T>(served_->parts, name, C::type,
                         [&](FieldVisitor& visitor) { visit_fields(visitor, component); });
    return component;
  }
  bool has_part(const std::string& name) const { return served_->parts.count(name) > 0; }

  /// Memory for one thread that asks up to `rows` rows at a time, which `executor` may share among its threads.
  Predictor<T> predictor(std::size_t rows = 1, Executor executor = {}) const {
    return Predictor<T>(served_, {.rows = rows, .executor = std::move(executor)});
  }
  /// The same by name: predictor({.strict = true}).
  Predictor<T> predictor(PredictorOptions options) const { return Predictor<T>(served_, std::move(options)); }

  /// One thread's way through sequences, event after event; see Stream.
  Stream<T> stream(ServingOptions options = {}) const { return Stream<T>(served_, options); }

  /// How often each column of a table is missing, unknown (see Answer) or unreadable to the model: what predict(table)
  /// stands on. Throws DataError when the table lacks a column.
  std::vector<ColumnHits> hits(const Table& table) const {
    const TableFrame frame(table, schema(), "Bundle::hits");
    std::vector<ColumnHits> hits;
    for (const Field& field : schema()) {
      hits.push_back({field.name});
      for (const double cell : frame.column(hits.size() - 1)) detail::count_cell(hits.back(), field.kind, cell);
    }
    return hits;
  }

  /// The first output of every row, as Answer::values has it, one after the other. Const and re-entrant. Throws
  /// DataError when the table lacks a column, when a cell is missing and the preprocessing makes no number of it, and,
  /// where it is strict, when a value is of another kind than its column's; StateError for a model that takes arrays.
  std::vector<T> predict(const Table& table, ServingOptions options = {}) const {
    if (schema().empty())
      throw StateError(
          "Bundle: expected a model file with preprocessing to predict from a table, this one has none; use "
          "predictor() with the network's numbers");
    const TableFrame frame(table, schema(), "Bundle::predict");
    const std::size_t most = std::min<std::size_t>(256, std::max<std::size_t>(table.rows(), 1));
    Predictor<T> predictor(served_, {.rows = most});
    std::vector<double> cells(most * schema().size());
    std::vector<T> answers;
    for (std::size_t first = 0; first < table.rows(); first += most) {
      const MutableBlock block(cells.data(), std::min(most, table.rows() - first), schema().size());
      frame.read(first, block);
      if (options.strict) refuse_unreadable(table, first, block);
      const std::span<const T> part = predictor.cells(block, {"Bundle::predict", first, true});
      answers.insert(answers.end(), part.begin(), part.end());
    }
    return answers;
  }
  /// The same of arrays that go to the only input of the network as they are: numbers, ids, a SparseMatrix.
  template <InputLike X>
  std::vector<T> predict(const X& x) const {
    return answers_to(named_inputs<T>(x)).values[0];
  }
  /// All outputs, of all inputs of the network as they are, by name.
  template <std::same_as<Tensors<T>> X>
  X predict(const X& x) const {
    Predictions<T> result = answers_to(named_inputs(x));
    X answers;
    for (std::size_t o = 0; o < result.values.size(); ++o) {
      const std::size_t size = result.shapes[o].size();
      answers.set(outputs()[o].name,
                  make_tensor<T>(result.sizes(o, size ? result.values[o].size() / size : 0), result.values[o].data()));
    }
    return answers;
  }

 private:
  void refuse_unreadable(const Table& table, std::size_t first, Block cells) const {
    const std::size_t place = detail::find_unreadable(schema(), cells),
                      row = place / std::max<std::size_t>(cells.columns, 1);
    if (row >= cells.rows) return;
    const Field& field = schema()[place % cells.columns];
    NumberText room;
    detail::refuse_value({"Bundle::predict", first, true}, row, field,
                         text('"', table.column(field.name).text(first + row, room), '"'));
  }

  Predictions<T> answers_to(const std::vector<NamedInput<T>>& given) const {
    std::vector<std::string> names;
    for (const auto& plan : served_->plan.inputs) names.push_back(plan.name);
    std::vector<InputArray<T>> arrays = in_order(given, names, "Bundle", "inputs");
    convert_inputs(served_->network.graph(), arrays, "Bundle");
    std::vector<Rows<T>> rows;
    for (const auto& array : arrays) rows.push_back(array.rows());
    Predictions<T> result(served_->network, rows, 256);
    const detail::PostProcessing<T> answers(served_->plan, *served_->program);
    for (std::size_t o = 0; o < result.values.size(); ++o) answers.calibrate(o, result.values[o]);
    return result;
  }

  std::shared_ptr<const detail::Served<T>> served_;
};

/// Reads a model file to predict. Custom layers and transformers come from `registry`. Throws FormatError or
/// ConfigError, with the reason.
template <class T = float>
Bundle<T> load(const std::string& path, const Registry<T>& registry = Registry<T>::for_prediction()) {
  return Bundle<T>(load_bundle<T>(InputFile(path), registry));
}
/// The same of a file whose bytes are in memory, which are not needed afterwards.
template <class T = float>
Bundle<T> load(std::span<const std::byte> bytes, const Registry<T>& registry = Registry<T>::for_prediction()) {
  return Bundle<T>(load_bundle<T>(InputFile(bytes), registry));
}

}  // namespace foretell
