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

#include "foretell/core/parallel.hpp"
#include "foretell/graph/predictions.hpp"
#include "foretell/graph/workspace.hpp"
#include "foretell/io/bundle_file.hpp"
#include "foretell/preprocessing/table_frame.hpp"
#include "foretell/serving/answer.hpp"
#include "foretell/serving/check_cells.hpp"
#include "foretell/serving/row.hpp"
#include "foretell/serving/stream.hpp"

namespace foretell {

template <class T>
class Bundle;

namespace detail {

/// What bundles, predictors and rows share: never changes.
template <class T>
struct Served {
  explicit Served(BundleFile<T> loaded)
      : preprocessing(std::move(loaded.preprocessing)),
        network(std::move(loaded.network)),
        parts(std::move(loaded.parts)),
        program(std::make_shared<const Program>(network.program(PassMode::inference, network.input_shapes()))),
        context(network.context()),
        fingerprint(preprocessing.input_schema().fingerprint()) {}
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  Transformer<T> preprocessing;
  Network<T> network;
  StoredParts parts;
  std::shared_ptr<const Program> program;
  PassContext<T> context;
  std::uint64_t fingerprint;  ///< of the columns of a request
};

}  // namespace detail

struct PredictorOptions {
  std::size_t rows = 1;    ///< that are asked at a time at most
  bool strict = false;     ///< a value of another kind than its column's is an error, not a missing or unknown one
  Executor executor = {};  ///< shares many rows among its threads
};

/// A thread's own memory for asking one bundle. After the first call nothing is allocated. With an executor of several
/// threads, calls of many rows are shared among them.
///
/// Requests of columns throw DataError when a cell is missing or infinite and the preprocessing makes no finite number
/// of it, and, where the predictor is strict, when a value is of another kind than its column's.
template <class T>
class Predictor {
 public:
  Predictor(std::shared_ptr<const detail::Served<T>> served, PredictorOptions options)
      : served_(std::move(served)),
        executor_(std::move(options.executor)),
        strict_(options.strict),
        rows_(std::max<std::size_t>(options.rows, 1)),
        share_(share_of(rows_, executor_.threads())),
        inputs_(served_->network.input_shapes().size()),
        width_(served_->network.input_shapes()[0].size()),
        own_(std::make_unique<Member>(*served_, share_)) {
    for (std::size_t first = share_; first < rows_; first += share_)
      helpers_.push_back(std::make_unique<Member>(*served_, std::min(share_, rows_ - first)));
    if (served_->preprocessing) features_.resize(rows_ * width_);
    if (!helpers_.empty()) answers_.resize(rows_ * answer_size());
  }

  /// An empty request.
  Row row() const {
    return Row(std::shared_ptr<const Schema>(served_, &served_->preprocessing.input_schema()), served_->fingerprint);
  }

  /// The answer to one request: the first output's numbers, valid until the next call. Throws DataError for a row of
  /// another model's columns.
  std::span<const T> operator()(const Row& row) {
    row.answered_ = true;
    if (row.fingerprint_ != served_->fingerprint) [[unlikely]]
      detail::refuse_schema("Predictor", served_->preprocessing.input_schema(), row.schema());
    return ask(Block(row.cells().data(), 1, row.cells().size()), {"Predictor"});
  }
  /// The same, with what it stood on.
  Answer<T> answer(const Row& row) { return Answer<T>((*this)(row), row.schema(), row.cells()); }
  /// The answer to numbers that go to the network as they are: one row or several, one after the other.
  std::span<const T> operator()(std::span<const T> features) {
    const auto ready = [](std::size_t, std::size_t, Scratch&) {};
    if (features.size() == width_ && width_ > 0 && inputs_ == 1) return run(features.data(), 1, ready);
    if (inputs_ != 1 || width_ == 0 || features.size() % width_ != 0 || features.size() / width_ > rows_)
      throw ShapeError(text("Predictor: expected up to ", rows_, " rows of ", width_, " numbers, received ",
                            features.size(), " numbers"));
    return run(features.data(), features.size() / width_, ready);
  }
  /// Rows of cells of the schema, at most as many as the predictor was made for.
  std::span<const T> cells(Block block) { return ask(block, {"Predictor", 0, true}); }
  std::size_t rows() const { return rows_; }

 private:
  friend class Bundle<T>;

  std::span<const T> ask(Block block, const detail::Asked& asked) {
    const Transformer<T>& preprocessing = served_->preprocessing;
    if (features_.empty())
      throw StateError(
          "Predictor: expected a model file with preprocessing, this one has none; give the network its numbers");
    if (block.rows > rows_ || block.columns != preprocessing.input_schema().size())
      throw ShapeError(text("Predictor: expected up to ", rows_, " rows of ", preprocessing.input_schema().size(),
                            " cells, received ", block.rows, " of ", block.columns));
    if (preprocessing.output_schema().size() != width_)
      throw StateError(text("Predictor: expected preprocessing that gives the ", width_,
                            " numbers of a row, that of this model gives ", preprocessing.output_schema().size(),
                            ", a step; use stream(), or give the network its numbers"));
    if (strict_) detail::check_readable(asked, preprocessing.input_schema(), block);
    return run(features_.data(), block.rows, [&](std::size_t first, std::size_t count, Scratch& scratch) {
      const Block part(block.row(first), count, block.columns, block.stride);
      T* const features = features_.data() + first * width_;
      preprocessing.transform_cells(part, features, width_, scratch);
      detail::check_features(asked, first, preprocessing, part, features, width_);
    });
  }

  /// What one thread needs for its share of the rows.
  struct Member {
    Member(const detail::Served<T>& served, std::size_t rows) : workspace(served.program, rows) {
      workspace.set_context(served.context);
    }
    Workspace<T> workspace;
    Scratch scratch;
  };

  /// Rows of a part: all, where there is one thread or too little to share.
  static std::size_t share_of(std::size_t rows, std::size_t threads) {
    constexpr std::size_t least = 64;
    if (threads < 2 || rows < 2 * least) return rows;
    return ((rows + threads - 1) / threads + least - 1) / least * least;
  }
  std::size_t answer_size() const { return served_->program->shapes[served_->program->outputs[0]].size(); }

  /// `prepare(first, count, scratch)` before the network reads those rows of `features`.
  template <class Prepare>
  std::span<const T> run(const T* features, std::size_t rows, const Prepare& prepare) {
    const auto part = [&](Member& member, std::size_t first, std::size_t count) {
      prepare(first, count, member.scratch);
      const T* const x = features + first * width_;
      member.workspace.forward(std::span<const T* const>(&x, 1), count);
      const In<T> y = member.workspace.output(0);
      return std::span<const T>(y.data(), y.size());
    };
    if (rows <= share_) {
      const std::span<const T> y = part(*own_, 0, rows);
      own_->workspace.expect_accepted("Predictor");
      return y;
    }
    executor_.run((rows + share_ - 1) / share_, [&](std::size_t i) {
      Member& member = i == 0 ? *own_ : *helpers_[i - 1];
      const std::span<const T> y = part(member, i * share_, std::min(share_, rows - i * share_));
      std::copy(y.begin(), y.end(), answers_.data() + i * share_ * answer_size());
    });
    for (std::size_t i = 0; i * share_ < rows; ++i)
      (i == 0 ? *own_ : *helpers_[i - 1]).workspace.expect_accepted("Predictor", i * share_);
    return {answers_.data(), rows * answer_size()};
  }

  std::shared_ptr<const detail::Served<T>> served_;
  Executor executor_;
  bool strict_;
  std::size_t rows_, share_, inputs_, width_;
  std::unique_ptr<Member> own_;
  std::vector<std::unique_ptr<Member>> helpers_;
  std::vector<T> features_, answers_;
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

  /// Memory for one thread that asks up to `rows` rows at a time, which `executor` may share among its threads.
  Predictor<T> predictor(std::size_t rows = 1, Executor executor = {}) const {
    return Predictor<T>(served_, {.rows = rows, .executor = std::move(executor)});
  }
  /// The same by name: predictor({.strict = true}).
  Predictor<T> predictor(PredictorOptions options) const { return Predictor<T>(served_, std::move(options)); }

  /// One thread's way through sequences, event after event; see Stream.
  Stream<T> stream(ServingOptions options = {}) const {
    using Preprocessing = std::shared_ptr<const Transformer<T>>;
    return Stream<T>(std::shared_ptr<const Network<T>>(served_, &served_->network),
                     served_->preprocessing ? Preprocessing(served_, &served_->preprocessing) : nullptr, options);
  }

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

  /// The first output of every row, one after the other. Const and re-entrant. Throws DataError when the table lacks a
  /// column, when a cell is missing and the preprocessing makes no number of it, and, where it is strict, when a value
  /// is of another kind than its column's.
  std::vector<T> predict(const Table& table, ServingOptions options = {}) const {
    if (!served_->preprocessing)
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
      const std::span<const T> part = predictor.ask(block, {"Bundle::predict", first, true});
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
  void refuse_unreadable(const Table& table, std::size_t first, Block cells) const {
    const std::size_t place = detail::find_unreadable(schema(), cells),
                      row = place / std::max<std::size_t>(cells.columns, 1);
    if (row >= cells.rows) return;
    const Field& field = schema()[place % cells.columns];
    NumberText room;
    detail::refuse_value({"Bundle::predict", first, true}, row, field,
                         text('"', table.column(field.name).text(first + row, room), '"'));
  }

  std::shared_ptr<const detail::Served<T>> served_;
};

/// Reads a model file to predict. Custom layers and transformers come from `registry`. Throws FormatError or
/// ConfigError, with the reason.
template <class T = float>
Bundle<T> load(const std::string& path, const Registry<T>& registry = Registry<T>::for_prediction()) {
  return Bundle<T>(load_bundle<T>(path, registry));
}

}  // namespace foretell
