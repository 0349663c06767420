// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "foretell/models/model.hpp"

namespace foretell {

struct TrainerOptions {
  std::size_t batch_size = 32;  ///< rows of a step, at most
  std::uint64_t seed = 0;       ///< of dropout, and of the first weights of a model that is not built
  std::size_t threads = 1;      ///< they end with the trainer; the bits are the same for any number
  Executor executor{};          ///< instead of `threads`: a team that is kept, or the application's pool
  bool signed_weights = false;  ///< weights of rows may be below 0, as advantages are, where the losses take such
  bool row_sparse = true;  ///< false: gradients of tables of ids stand in gradients(), too, and all rows are updated
};

/// Trains a compiled model step by step: for loops of one's own. A step has the bits of one of `fit`, dropout too, and
/// allocates nothing after the first, unless a layer looks at its inputs (ids) or an array is no contiguous one of T.
///
/// The model's own network and optimizer are trained: between steps it can be evaluated, asked and saved. It may be
/// moved; what is compiled, built, frozen or loaded into it meanwhile holds from the next step on. When it has ended, a
/// step is a StateError. Metrics are not tallied (evaluate does that), and with use_ema the weights stay those that are
/// trained, as after partial_fit.
template <class T = float>
class Trainer {
 public:
  explicit Trainer(Model<T>& model, TrainerOptions options = {})
      : options_(std::move(options)),
        executor_(options_.executor.threads() > 1 ? options_.executor : Executor(options_.threads)),
        place_(model.place()),
        data_(std::make_unique<Dataset<T>>()) {
    if (options_.batch_size == 0) throw ConfigError("Trainer: expected a batch_size of at least 1, received 0");
    data_->weights.reserve(options_.batch_size);
    (void)this->model();
  }

  /// One batch: its gradient, then the update. Returns the loss. `weights`: one a row, or none. Throws before anything
  /// is changed for data that does not fit, and NumericError for a loss that is not finite: the weights of the network
  /// stay as they were.
  template <InputLike X, ArrayLike Y>
  double step(const X& x, const Y& y, std::span<const T> weights = {}) {
    const double loss = differentiate(x, y, weights);
    update();
    return loss;
  }
  double step(const Tensors<T>& x, const Tensors<T>& y, std::span<const T> weights = {}) {
    const double loss = differentiate(x, y, weights);
    update();
    return loss;
  }

  /// The loss of a batch and, in gradients(), its gradient; with a reducer those of all processes' rows. Only states,
  /// such as running means, change.
  template <InputLike X, ArrayLike Y>
  double differentiate(const X& x, const Y& y, std::span<const T> weights = {}) {
    Model<T>& model = this->model();
    begin(1, 1);
    data_->inputs[0] = x_[0].show(x);
    data_->targets[0] = y_[0].show(y);
    const auto& graph = model.network().graph();
    if (graph.inputs().size() != 1 || graph.outputs().size() != 1)
      throw ShapeError(text("Trainer: expected ", graph.inputs().size(), " inputs and ", graph.outputs().size(),
                            " targets by name, received one of each without"));
    return run(model, weights);
  }
  double differentiate(const Tensors<T>& x, const Tensors<T>& y, std::span<const T> weights = {}) {
    Model<T>& model = this->model();
    const auto& graph = model.network().graph();
    begin(graph.inputs().size(), graph.outputs().size());
    show(data_->inputs, x_, x, "inputs",
         [&](std::size_t i) -> std::string_view { return graph.entries()[graph.inputs()[i]].name; });
    show(data_->targets, y_, y, "targets", [&](std::size_t i) -> std::string_view { return graph.outputs()[i].name; });
    return run(model, weights);
  }
  /// Moves the weights by what stands in gradients(): what `step` does after `differentiate`, once.
  void update() {
    Model<T>& model = this->model();
    if (!differentiated_ || !fits(model))
      throw StateError(
          "Trainer: expected gradients of this model to update it by, received none that are new; call differentiate "
          "first");
    differentiated_ = false;
    step_->update();
  }

  /// Of the last batch, laid out as network().weights(); they may be changed before update(). Throws StateError before
  /// the first batch, and where gradients of tables are kept by rows.
  std::span<T> gradients() {
    expect_step();
    if (!step_->row_gradients().empty())
      throw StateError(
          "Trainer: expected gradients that all lie side by side, received a model with a table of ids, whose "
          "gradients are kept by rows; ask by name, or set row_sparse = false");
    return step_->gradients();
  }
  /// Of one parameter, such as "dense/kernel".
  std::span<T> gradients(std::string_view parameter) {
    const ParameterInfo& info = find(parameter);
    if (rows_of(info))
      throw StateError(text("Trainer: expected a parameter whose gradients lie side by side, received the table \"",
                            parameter, "\"; ask for row_gradients, or set row_sparse = false"));
    return {step_->gradients().data() + info.offset, info.shape.size()};
  }
  /// Of the touched rows of a table of ids, such as "embedding/embeddings".
  RowGradients<T>& row_gradients(std::string_view parameter) {
    RowGradients<T>* rows = rows_of(find(parameter));
    if (!rows)
      throw StateError(text("Trainer: expected a table whose gradients are kept by rows, received \"", parameter,
                            "\"; ask for its gradients"));
    return *rows;
  }

  /// What adds up over several processes, from the next step on; null for none. Give each rank's trainer a seed of its
  /// own and the same first weights.
  void set_reducer(std::shared_ptr<Reducer<T>> reducer) {
    reducer_ = std::move(reducer);
    if (step_) step_->set_reducer(reducer_.get());
  }

 private:
  Model<T>& model() const {
    auto* const place = *place_;
    if (!place)
      throw StateError(
          "Trainer: expected its model to be there, received none: it has ended before the trainer; keep it as long");
    Model<T>& model = static_cast<Model<T>&>(*place);
    model.expect_compiled("Trainer");
    return model;
  }

  /// What one input or target is given, in memory that is used again.
  struct Shown {
    Array<T> numbers;
    Array<std::int64_t> ids;
    InputArray<T> other;

    template <class X>
    Rows<T> show(const X& x) {
      if constexpr (detail::is_sparse_matrix<X>) {
        return Rows<T>(x.sparse_rows());
      } else if constexpr (detail::holds_whole_numbers<X>) {
        ids.show(x);
        return Rows<T>(ids.data(), ids.rows(), ids.row_shape());
      } else {
        numbers.show(x);
        return Rows<T>(numbers);
      }
    }
    Rows<T> as(const Rows<T>& rows, InputKind kind) {
      if (rows.kind == kind) return rows;
      if (rows.kind == InputKind::ids && kind == InputKind::numbers) {
        numbers.show(ids);
        return Rows<T>(numbers);
      }
      other = InputArray<T>::copy(rows).as(kind, "Trainer");
      return other.rows();
    }
  };

  void begin(std::size_t inputs, std::size_t targets) {
    x_.resize(inputs);
    y_.resize(targets);
    data_->inputs.resize(inputs);
    data_->targets.resize(targets);
  }
  /// Named ones, in the order of the names that are wanted.
  template <class F>
  static void show(std::vector<Rows<T>>& rows, std::vector<Shown>& shown, const Tensors<T>& given,
                   std::string_view what, const F& wanted) {
    const auto& entries = given.entries();
    const auto find = [&](std::size_t i) {
      return std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.name == wanted(i); });
    };
    bool all = entries.size() == rows.size();
    for (std::size_t i = 0; all && i < rows.size(); ++i) all = find(i) != entries.end();
    if (!all) {
      std::vector<std::string> names, received;
      for (std::size_t i = 0; i < rows.size(); ++i) names.emplace_back(wanted(i));
      for (const auto& entry : entries) received.push_back(entry.name);
      throw ConfigError(
          text("Trainer: expected ", what, " ", quoted_list(names), ", received ", quoted_list(received)));
    }
    for (std::size_t i = 0; i < rows.size(); ++i)
      rows[i] = std::visit([&](const auto& x) { return shown[i].show(x); }, find(i)->value);
  }

  /// What differentiate does when data_ has its inputs and targets.
  double run(Model<T>& model, std::span<const T> weights) {
    Network<T>& network = model.network();
    Dataset<T>& data = *data_;
    for (std::size_t i = 0; i < data.inputs.size(); ++i)
      data.inputs[i] = x_[i].as(data.inputs[i], network.graph().kind_of_input(i, data.inputs[i].kind, "Trainer"));
    for (std::size_t i = 0; i < data.targets.size(); ++i)
      data.targets[i] = y_[i].as(data.targets[i], InputKind::numbers);
    data.weights.assign(weights.begin(), weights.end());
    if (data.rows() > options_.batch_size || (data.rows() == 0 && !reducer_))
      throw DataError(
          text("Trainer: expected 1 to ", options_.batch_size, " rows, its batch_size, received ", data.rows()));
    differentiated_ = false;
    if (!fits(model)) make(model);
    model.optimizer_.attach(network.weights().size());  // it may be another one
    detail::check_data(network.graph(), step_->program(), objective_, data, "Trainer", options_.signed_weights);
    if (!reducer_ && !detail::has_weight(data))
      throw DataError(
          "Trainer: expected a row with a weight other than 0, received rows of weight 0 alone; leave such a batch "
          "out");
    const double loss = step_->differentiate({0, data.rows(), nullptr});
    if (!std::isfinite(loss)) step_->fail_not_finite(loss, "Trainer");
    differentiated_ = true;
    return loss;
  }

  /// Whether step_ is one for the model as it is now and for such data.
  bool fits(const Model<T>& model) const {
    const Network<T>& network = model.network_;
    bool same = step_ && made_for_ == &model && layout_ == network.layout() && compiled_ == model.compiled_ &&
                by_rows_ == model.optimizer_.steps_by_rows() && made_of_.shapes.size() == data_->inputs.size();
    for (std::size_t i = 0; same && i < made_of_.shapes.size(); ++i)
      same = made_of_.shapes[i] == data_->inputs[i].shape && made_of_.kinds[i] == data_->inputs[i].kind;
    return same;
  }
  void make(Model<T>& model) {
    Network<T>& network = model.network_;
    step_.reset();
    made_of_ = foretell::rows_of(data_->inputs);
    if (!network.built()) network.build(made_of_, options_.seed);
    detail::check_trainable(network, "Trainer");
    objective_ = model.objective_;
    for (auto& output : objective_.outputs) output.metrics.clear();
    auto step = std::make_unique<TrainStep<T>>(network, objective_, model.optimizer_, *data_, options_.batch_size,
                                               options_.seed, executor_, options_.row_sparse);
    objective_.check(network.graph(), &step->program().shapes);
    step->set_reducer(reducer_.get());
    step_ = std::move(step);
    made_for_ = &model;
    layout_ = network.layout();
    compiled_ = model.compiled_;
    by_rows_ = model.optimizer_.steps_by_rows();
  }

  void expect_step() const {
    if (!step_ || !fits(model()))
      throw StateError("Trainer: expected a batch of this model, received none; call step or differentiate first");
  }
  const ParameterInfo& find(std::string_view parameter) const {
    expect_step();
    const auto& parameters = model().network().parameters();
    const auto named = [&](const ParameterInfo& info) { return info.name == parameter; };
    const auto found = std::find_if(parameters.begin(), parameters.end(), named);
    if (found != parameters.end()) return *found;
    std::vector<std::string> names;
    for (const ParameterInfo& info : parameters) names.push_back(info.name);
    throw ConfigError(
        text("Trainer: expected one of the parameters ", quoted_list(names), ", received \"", parameter, "\""));
  }
  RowGradients<T>* rows_of(const ParameterInfo& info) const {
    for (const RowSegment<T>& table : step_->row_gradients())
      if (table.offset == info.offset) return table.gradients;
    return nullptr;
  }

  TrainerOptions options_;
  Executor executor_;
  std::shared_ptr<Followed*> place_;
  std::unique_ptr<Dataset<T>> data_;  ///< of the batch in hand; step_ reads it
  std::vector<Shown> x_, y_;
  std::shared_ptr<Reducer<T>> reducer_;
  Objective<T> objective_;  ///< the model's, without metrics
  std::unique_ptr<TrainStep<T>> step_;
  const Model<T>* made_for_ = nullptr;
  Stamp layout_, compiled_;
  bool by_rows_ = true, differentiated_ = false;
  InputRows made_of_;
};

}  // namespace foretell
