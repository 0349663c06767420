// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/graph/predictions.hpp"
#include "foretell/graph/workspace.hpp"
#include "foretell/io/bundle_file.hpp"
#include "foretell/preprocessing/table_frame.hpp"
#include "foretell/serving/row.hpp"
#include "foretell/serving/stream.hpp"

namespace foretell {

namespace detail {

/// What bundles, predictors and rows share: never changes.
template <class T>
struct Served {
  explicit Served(BundleFile<T> loaded)
      : preprocessing(std::move(loaded.preprocessing)),
        network(std::move(loaded.network)),
        parts(std::move(loaded.parts)),
        program(std::make_shared<const Program<T>>(network.program(PassMode::inference, network.input_shapes()))),
        context(network.context()) {}
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  Transformer<T> preprocessing;
  Network<T> network;
  StoredParts parts;
  std::shared_ptr<const Program<T>> program;
  PassContext<T> context;
};

}  // namespace detail

/// A thread's own memory for asking one bundle. After the first call nothing is allocated.
template <class T>
class Predictor {
 public:
  Predictor(std::shared_ptr<const detail::Served<T>> served, std::size_t rows)
      : served_(std::move(served)),
        workspace_(std::make_unique<Workspace<T>>(served_->program, std::max<std::size_t>(rows, 1))),
        inputs_(served_->network.input_shapes().size()),
        width_(served_->network.input_shapes()[0].size()) {
    workspace_->set_context(served_->context);
    if (served_->preprocessing) features_.resize(workspace_->rows() * width());
  }

  /// An empty request.
  Row row() const { return Row(std::shared_ptr<const Schema>(served_, &served_->preprocessing.input_schema())); }

  /// The answer to one request: the first output's numbers, valid until the next call.
  std::span<const T> operator()(const Row& row) { return cells(Block(row.cells().data(), 1, row.cells().size())); }
  /// The answer to numbers that go to the network as they are: one row or several, one after the other.
  std::span<const T> operator()(std::span<const T> features) {
    const std::size_t n = width();
    if (features.size() == n && n > 0 && inputs_ == 1) return run(features.data(), 1);
    if (inputs_ != 1 || n == 0 || features.size() % n != 0 || features.size() / n > workspace_->rows())
      throw ShapeError(text("Predictor: expected up to ", workspace_->rows(), " rows of ", n, " numbers, received ",
                            features.size(), " numbers"));
    return run(features.data(), features.size() / n);
  }
  /// Rows of cells of the schema, at most as many as the predictor was made for.
  std::span<const T> cells(Block block) {
    if (features_.empty())
      throw StateError(
          "Predictor: expected a model file with preprocessing, this one has none; give the network its numbers");
    if (block.rows > workspace_->rows() || block.columns != served_->preprocessing.input_schema().size())
      throw ShapeError(text("Predictor: expected up to ", workspace_->rows(), " rows of ",
                            served_->preprocessing.input_schema().size(), " cells, received ", block.rows, " of ",
                            block.columns));
    if (served_->preprocessing.output_schema().size() != width())
      throw StateError(text(
          "Predictor: expected preprocessing that gives the ", width(), " numbers of a row, that of this model gives ",
          served_->preprocessing.output_schema().size(), ", a step; use stream(), or give the network its numbers"));
    served_->preprocessing.transform_cells(block, features_.data(), width(), scratch_);
    return run(features_.data(), block.rows);
  }
  std::size_t rows() const { return workspace_->rows(); }

 private:
  std::size_t width() const { return width_; }
  std::span<const T> run(const T* features, std::size_t rows) {
    workspace_->forward(std::span<const T* const>(&features, 1), rows);
    const In<T> y = workspace_->output(0);
    return {y.data(), y.size()};
  }

  std::shared_ptr<const detail::Served<T>> served_;
  std::unique_ptr<Workspace<T>> workspace_;
  std::size_t inputs_, width_;
  std::vector<T> features_;
  Scratch scratch_;
};

/// A loaded model file: preprocessing and network, immutable, cheap to copy, shared by all threads without locks.
template <class T = float>
class Bundle {
 public:
  explicit Bundle(BundleFile<T> loaded) : served_(std::make_shared<const detail::Served<T>>(std::move(loaded))) {}

  /// The columns a request has.
  const Schema& schema() const { return served_->preprocessing.input_schema(); }
  const Transformer<T>& preprocessing() const { return served_->preprocessing; }
  const Network<T>& network() const { return served_->network; }

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

  /// Memory for one thread that asks up to `rows` rows at a time.
  Predictor<T> predictor(std::size_t rows = 1) const { return Predictor<T>(served_, rows); }

  /// One thread's way through sequences, event after event; see Stream.
  Stream<T> stream() const {
    using Preprocessing = std::shared_ptr<const Transformer<T>>;
    return Stream<T>(std::shared_ptr<const Network<T>>(served_, &served_->network),
                     served_->preprocessing ? Preprocessing(served_, &served_->preprocessing) : nullptr);
  }

  /// The first output of every row, one after the other. Const and re-entrant.
  std::vector<T> predict(const Table& table) const {
    if (!served_->preprocessing)
      throw StateError(
          "Bundle: expected a model file with preprocessing to predict from a table, this one has none; use "
          "predictor() with the network's numbers");
    const TableFrame frame(table, schema(), "Bundle::predict");
    const std::size_t most = std::min<std::size_t>(256, std::max<std::size_t>(table.rows(), 1));
    Predictor<T> predictor(served_, most);
    std::vector<double> cells(most * schema().size());
    std::vector<T> answers;
    for (std::size_t first = 0; first < table.rows(); first += most) {
      const MutableBlock block(cells.data(), std::min(most, table.rows() - first), schema().size());
      frame.read(first, block);
      const std::span<const T> part = predictor.cells(block);
      answers.insert(answers.end(), part.begin(), part.end());
    }
    return answers;
  }
  /// The same of a SparseMatrix, for a network that begins with SparseDense.
  std::vector<T> predict(const SparseMatrix<T>& x) const {
    const std::size_t inputs = served_->network.graph().inputs().size();
    if (inputs != 1) throw ShapeError(text("Bundle: expected a network of one input, this one has ", inputs));
    const std::vector<Rows<T>> rows{Rows<T>(x)};
    check_sparse(served_->network.graph(), rows, "Bundle");
    return Predictions<T>(served_->network, rows, 256).values[0];
  }

 private:
  std::shared_ptr<const detail::Served<T>> served_;
};

/// Reads a model file to predict. Custom layers and transformers come from `registry`. Throws FormatError or
/// ConfigError, with the reason.
template <class T = float>
Bundle<T> load(const std::string& path, const Registry<T>& registry = Registry<T>::for_prediction()) {
  return Bundle<T>(load_bundle<T>(path, registry));
}

}  // namespace foretell
