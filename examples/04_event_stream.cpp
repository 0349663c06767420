// SPDX-License-Identifier: BSD-3-Clause
// Events of visitors as sequences of unequal length: will this session end in a purchase? A recurrent model is trained
// on whole sessions, saved, loaded and then served event after event, with a state for each visitor.
//   04_event_stream [model.safetensors]
#include <foretell/foretell.hpp>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace ft = foretell;

namespace {

constexpr std::size_t kinds = 9;  // events 1 .. 9; 0 is padding

struct Sessions {
  std::vector<std::vector<float>> events;
  ft::Tensor<float> bought;
};

/// A visitor buys with much higher odds once a product page (3) was followed by the cart (7).
Sessions sessions(std::size_t count, std::uint64_t seed) {
  Sessions made{std::vector<std::vector<float>>(count), ft::zeros<float>({count, 1})};
  for (std::size_t i = 0; i < count; ++i) {
    const ft::Random random = ft::Random(seed).stream(i);
    const std::size_t length = 4 + random.below(0, 17);
    bool looked = false, carted = false;
    for (std::size_t t = 0; t < length; ++t) {
      const std::size_t event = 1 + random.below(t + 1, kinds);
      carted = carted || (looked && event == 7);
      looked = looked || event == 3;
      made.events[i].push_back(static_cast<float>(event));
    }
    made.bought(i, 0) = random.uniform(1000) < (carted ? 0.9 : 0.05) ? 1.f : 0.f;
  }
  return made;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string path = argc > 1 ? argv[1] : "event_stream.safetensors";
  const Sessions train = sessions(6000, 1), test = sessions(2000, 2);
  const ft::PadOptions padding{.max_length = 20, .padding = ft::Side::post};

  ft::Sequential<float> model{
      ft::Embedding(kinds + 1, 16, {.mask_zero = true}),
      ft::GRU(32),
      ft::Dense(1, {.activation = ft::sigmoid}),
  };
  model.compile(ft::Adam({.learning_rate = 3e-3, .clip_norm = 1}), ft::BinaryCrossentropy(), {ft::AUC()});
  model.fit(ft::pad_sequences(train.events, padding), train.bought,
            {.batch_size = 64,
             .epochs = 12,
             .validation_split = 0.1,
             .callbacks = {ft::EarlyStopping({.monitor = "val_auc", .patience = 3})},
             .seed = 1,
             .verbose = 0});
  const ft::Scores scores = model.evaluate(ft::pad_sequences(test.events, padding), test.bought);
  std::printf("held-out AUC %.3f\n", scores["auc"]);
  model.save(path);

  // In the backend: one stream for a thread, one state for each visitor.
  const ft::Bundle<float> bundle = ft::load<float>(path);
  ft::Stream<float> stream = bundle.stream();
  const std::vector<float> fresh(stream.state().begin(), stream.state().end());
  std::map<std::string, std::vector<float>> visitors;
  const auto event = [&](const std::string& visitor, float kind) {
    std::vector<float>& state = visitors.try_emplace(visitor, fresh).first->second;
    stream.set_state(state);
    const float purchase = stream(std::span<const float>(&kind, 1))[0];
    state.assign(stream.state().begin(), stream.state().end());
    std::printf("%s: event %.0f, purchase %.2f\n", visitor.c_str(), static_cast<double>(kind),
                static_cast<double>(purchase));
    return purchase;
  };
  event("ada", 1);
  event("ben", 7);
  event("ada", 3);
  event("ben", 3);
  const float carted = event("ada", 7), looking = event("ben", 5);
  return scores["auc"] > 0.88 && carted > looking ? 0 : 1;
}
