// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "foretell/core/parallel.hpp"
#include "foretell/graph/workspace.hpp"
#include "foretell/serving/answer.hpp"
#include "foretell/serving/check_cells.hpp"
#include "foretell/serving/post_processing.hpp"
#include "foretell/serving/preparation.hpp"
#include "foretell/serving/row.hpp"

namespace foretell {

template <class T>
class Bundle;

struct PredictorOptions {
  std::size_t rows = 1;    ///< that are asked at a time at most
  bool strict = false;     ///< a value of another kind than its column's is an error, not a missing or unknown one
  Executor executor = {};  ///< shares many rows among its threads
};

/// A thread's own memory for asking one bundle. After the first call nothing is allocated. With an executor of several
/// threads, calls of many rows are shared among them.
///
/// Requests throw DataError when a cell is missing or infinite and the preprocessing makes no finite number of it, when
/// an array was not set, and, where the predictor is strict, when a value is of another kind than its column's.
template <class T>
class Predictor {
 public:
  Predictor(std::shared_ptr<const detail::Served<T>> served, PredictorOptions options)
      : served_(std::move(served)),
        executor_(std::move(options.executor)),
        strict_(options.strict),
        rows_(std::max<std::size_t>(options.rows, 1)),
        share_(share_of(rows_, executor_.threads())),
        own_(std::make_unique<Member>(*served_, share_)) {
    for (std::size_t first = share_; first < rows_; first += share_)
      helpers_.push_back(std::make_unique<Member>(*served_, std::min(share_, rows_ - first)));
    if (!helpers_.empty() || served_->plan.calibrates()) answers_.resize(rows_ * answer_size());
    const auto& inputs = served_->plan.inputs;
    if (inputs.size() == 1 && inputs[0].kind == InputKind::numbers && !served_->plan.calibrates())
      width_ = inputs[0].shape.size();
  }

  /// An empty request.
  Row row() const { return Row(served_->plan.fields); }

  /// The answer to one request: the first output's numbers, as Answer::values has them, valid until the next call.
  /// Throws DataError for a row of another model's fields.
  std::span<const T> operator()(const Row& row) {
    ask(row);
    return own_->answers.one(0, own_->workspace);
  }
  /// The same, with the other outputs, and what it stood on.
  Answer<T> answer(const Row& row) {
    ask(row);
    return Answer<T>(own_->answers.answers(own_->workspace), served_->plan.outputs, row.schema(), row.cells());
  }
  /// The answer to numbers that go to the only input of the network as they are: one row or several, one after the
  /// other.
  std::span<const T> operator()(std::span<const T> features) {
    if (features.size() == width_ && width_ > 0) [[likely]] {  // one row, which lies ready
      const void* const place = features.data();
      own_->workspace.forward(std::span<const void* const>(&place, 1), 1);
      own_->workspace.expect_accepted("Predictor");
      const In<T> y = own_->workspace.output(0);
      return {y.data(), y.size()};
    }
    const std::size_t rows = rows_in(features.size()), width = own_->inputs.width(0);
    return run(rows, [&](Member& member, std::size_t first, std::size_t count) {
      member.inputs.numbers("Predictor", features.data() + first * width, count);
    });
  }
  /// The same of ids.
  std::span<const T> operator()(std::span<const std::int64_t> ids) {
    const std::size_t rows = rows_in(ids.size()), width = own_->inputs.width(0);
    return run(rows, [&](Member& member, std::size_t first, std::size_t count) {
      member.inputs.ids(ids.data() + first * width, count);
    });
  }
  /// Rows of cells of the columns, at most as many as the predictor was made for.
  std::span<const T> cells(Block block) { return cells(block, {"Predictor", 0, true}); }
  std::size_t rows() const { return rows_; }

 private:
  friend class Bundle<T>;

  /// What one thread needs for its share of the rows.
  struct Member {
    Member(const detail::Served<T>& served, std::size_t rows)
        : workspace(served.program, rows), inputs(served.plan, rows), answers(served.plan, *served.program) {
      workspace.set_context(served.context);
    }
    Workspace<T> workspace;
    detail::Preparation<T> inputs;
    detail::PostProcessing<T> answers;
  };

  void ask(const Row& row) {
    row.answered_ = true;
    const RequestFields& fields = *served_->plan.fields;
    if (row.fields().fingerprint != fields.fingerprint) [[unlikely]]
      detail::refuse_schema("Predictor", fields, row.fields());
    const Block cells(row.cells().data(), 1, row.cells().size());
    const detail::Asked asked{"Predictor"};
    if (strict_) detail::check_readable(asked, fields.columns, cells);
    if (fields.columns.size() > 0) own_->inputs.columns(asked, 0, cells);
    if (!fields.arrays.empty()) own_->inputs.arrays(asked, row.arrays());
    own_->workspace.forward(own_->inputs.places(), 1);
    own_->workspace.expect_accepted("Predictor");
  }
  std::span<const T> cells(Block block, const detail::Asked& asked) {
    const RequestFields& fields = *served_->plan.fields;
    if (fields.columns.empty() || !fields.arrays.empty())
      throw StateError(text("Predictor: expected a model of columns alone, this one ",
                            fields.columns.empty() ? "has no preprocessing; give the network its numbers"
                                                   : "takes arrays too; ask it row by row"));
    if (block.rows > rows_ || block.columns != fields.columns.size())
      throw ShapeError(text("Predictor: expected up to ", rows_, " rows of ", fields.columns.size(),
                            " cells, received ", block.rows, " of ", block.columns));
    if (strict_) detail::check_readable(asked, fields.columns, block);
    return run(block.rows, [&](Member& member, std::size_t first, std::size_t count) {
      detail::Asked part = asked;
      part.first += first;
      member.inputs.columns(part, 0, Block(block.row(first), count, block.columns, block.stride));
    });
  }
  /// How many rows so many numbers of the only input are.
  std::size_t rows_in(std::size_t numbers) const {
    const std::size_t width = own_->inputs.width(0);
    if (numbers == width && width > 0 && served_->plan.inputs.size() == 1) return 1;
    if (served_->plan.inputs.size() != 1)
      throw ShapeError(text("Predictor: expected a model of one input, this one has ", served_->plan.inputs.size(),
                            "; ask it with a Row"));
    if (width == 0 || numbers % width != 0 || numbers / width > rows_)
      throw ShapeError(
          text("Predictor: expected up to ", rows_, " rows of ", width, " numbers, received ", numbers, " numbers"));
    return numbers / width;
  }

  /// Rows of a part: all, where there is one thread or too little to share.
  static std::size_t share_of(std::size_t rows, std::size_t threads) {
    constexpr std::size_t least = 64;
    if (threads < 2 || rows < 2 * least) return rows;
    return ((rows + threads - 1) / threads + least - 1) / least * least;
  }
  std::size_t answer_size() const { return served_->program->shapes[served_->program->outputs[0]].size(); }

  /// The first output of rows that `prepare(member, first, count)` makes the inputs of.
  template <class Prepare>
  std::span<const T> run(std::size_t rows, const Prepare& prepare) {
    const auto part = [&](Member& member, std::size_t first, std::size_t count) {
      prepare(member, first, count);
      member.workspace.forward(member.inputs.places(), count);
      const In<T> y = member.workspace.output(0);
      if (answers_.empty()) return;
      std::copy_n(y.data(), y.size(), answers_.data() + first * answer_size());
      member.answers.calibrate(0, std::span<T>(answers_).subspan(first * answer_size(), y.size()));
    };
    if (rows <= share_) {
      part(*own_, 0, rows);
      own_->workspace.expect_accepted("Predictor");
      const In<T> y = own_->workspace.output(0);
      return answers_.empty() ? std::span<const T>(y.data(), y.size()) : std::span<const T>(answers_).first(y.size());
    }
    executor_.run((rows + share_ - 1) / share_, [&](std::size_t i) {
      part(i == 0 ? *own_ : *helpers_[i - 1], i * share_, std::min(share_, rows - i * share_));
    });
    for (std::size_t i = 0; i * share_ < rows; ++i)
      (i == 0 ? *own_ : *helpers_[i - 1]).workspace.expect_accepted("Predictor", i * share_);
    return {answers_.data(), rows * answer_size()};
  }

  std::shared_ptr<const detail::Served<T>> served_;
  Executor executor_;
  bool strict_;
  std::size_t rows_, share_;
  std::size_t width_ =
      0;  ///< of the only input, where its numbers reach the network, and its answers leave it, as they are
  std::unique_ptr<Member> own_;
  std::vector<std::unique_ptr<Member>> helpers_;
  std::vector<T> answers_;  ///< where they are not where the network left them
};

}  // namespace foretell
