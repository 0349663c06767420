// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "foretell/io/model_file_definitions.hpp"
#include "foretell/training/checkpoint.hpp"

// How checkpoints are written and read.

namespace foretell {

namespace detail {

/// The state of one callback as a component with fields.
template <class T>
struct CallbackState {
  Callback<T>& callback;
  void visit(FieldVisitor& visitor) { callback.visit_state(visitor); }
};

/// The numbers of a checkpoint.
struct CheckpointNumbers {
  TrainingPlace place;
  std::string seed, optimizer;  ///< the seed as text: JSON's numbers are too short for some
  std::uint64_t iterations = 0;
  double learning_rate = 0;

  void fields(auto&& f) {
    f("epoch", place.epoch);
    f("batch", place.batch);
    f("stopped", place.stopped);
    f("averaged", place.averaged);
    f("shard_rows", place.shard_rows);
    f("seed", seed);
    f("optimizer", optimizer);
    f("iterations", iterations);
    f("learning_rate", learning_rate);
  }
};

inline std::string slot_name(std::size_t slot) { return text("foretell.optimizer/slot/", slot); }
inline std::string callback_array_name(std::size_t callback, std::size_t array) {
  return text("foretell.callback/", callback, "/", array);
}

}  // namespace detail

template <class T>
void save_checkpoint(const std::string& path, const Network<T>& network, Optimizer<T>& optimizer,
                     std::vector<Callback<T>>& callbacks, const TrainingPlace& place) {
  const OptimizerState<T>& state = optimizer.state();
  std::vector<TensorToWrite> tensors;
  for (std::size_t k = 0; k < state.slots.size(); ++k)
    tensors.push_back({detail::slot_name(k), {state.slots[k].size()}, state.slots[k].data()});
  Json states = Json::array();
  for (std::size_t i = 0; i < callbacks.size(); ++i) {
    detail::CallbackState<T> component{callbacks[i]};
    states.push_back(write_json(component));
    const std::vector<Arena<T>*> arrays = callbacks[i].arrays();
    for (std::size_t k = 0; k < arrays.size(); ++k)
      tensors.push_back({detail::callback_array_name(i, k), {arrays[k]->size()}, arrays[k]->data()});
  }
  Json training = write_json(detail::CheckpointNumbers{place, text(place.seed), std::string(optimizer.name()),
                                                       state.iterations, state.learning_rate});
  training.add("callbacks", std::move(states));
  save_model(path, network, {{"training", json_text(training, "save_checkpoint")}}, std::move(tensors));
}

template <class T>
TrainingPlace load_checkpoint(const std::string& path, Network<T>& network, Optimizer<T>& optimizer,
                              std::vector<Callback<T>>& callbacks) {
  SafetensorsFile file(path);
  const auto found = file.metadata().find("training");
  if (found == file.metadata().end())
    throw FormatError(text("\"", path,
                           "\": expected a checkpoint, received a model file without the state of its "
                           "training; write checkpoints with ModelCheckpoint"));
  Json training = parse_json(found->second, text("\"", path, "\", training"));
  const Json states = training.contains("callbacks") ? training["callbacks"] : Json::array();
  training.erase("callbacks");
  detail::CheckpointNumbers numbers;
  read_json(training, "$.training", numbers);
  if (numbers.optimizer != optimizer.name())
    throw StateError(text("\"", path, "\": expected a checkpoint of optimizer ", optimizer.name(), ", received one of ",
                          numbers.optimizer, "; compile the model as it was when it was saved"));
  const char* end = numbers.seed.data() + numbers.seed.size();
  if (std::from_chars(numbers.seed.data(), end, numbers.place.seed).ptr != end)
    file.fail(text("expected a seed, received \"", numbers.seed, "\""));
  OptimizerState<T> state{numbers.iterations, numbers.learning_rate, {}};
  const auto read = [&](const std::string& tensor) {
    const auto entry = file.entries().find(tensor);
    if (entry == file.entries().end()) file.fail(text("expected a tensor \"", tensor, "\""));
    Arena<T> values(entry->second.size);
    file.read(entry->second, values.data());
    return values;
  };
  while (file.entries().count(detail::slot_name(state.slots.size())))
    state.slots.push_back(read(detail::slot_name(state.slots.size())));

  if (!states.is_array() || states.size() != callbacks.size())
    throw StateError(text("\"", path, "\": expected a checkpoint of ", callbacks.size(), " callbacks, received one of ",
                          states.size(), "; give fit the callbacks it had, in their order"));
  const std::vector<Callback<T>> before = callbacks;
  const Network<T> kept = network;
  try {
    for (std::size_t i = 0; i < callbacks.size(); ++i) {
      detail::CallbackState<T> component{callbacks[i]};
      read_json(states[i], text("$.training.callbacks[", i, "]"), component);
      const std::vector<Arena<T>*> arrays = callbacks[i].arrays();
      for (std::size_t k = 0; k < arrays.size(); ++k) *arrays[k] = read(detail::callback_array_name(i, k));
    }
    detail::read_tensors(file, network.parameters(), network.weights());
    detail::read_tensors(file, network.states(), network.state());
    file.check_rest();
    optimizer.set_state(std::move(state), network.weights().size());
  } catch (...) {
    callbacks = before;
    network = kept;
    throw;
  }
  return numbers.place;
}

}  // namespace foretell
