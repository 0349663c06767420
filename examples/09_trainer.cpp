// SPDX-License-Identifier: BSD-3-Clause
// Training in steps of one's own: a policy that learns from rewards alone which of three offers a visitor takes.
// Prints: taken 0\.[2-4][0-9] at first, 0\.9
#include <foretell/foretell.hpp>

#include <cmath>
#include <cstdio>
#include <vector>

namespace ft = foretell;

namespace {

/// What a visitor of these interests takes: what the policy is to find out.
std::size_t favourite(float games, float books) { return games > books ? 0 : books > 0 ? 1 : 2; }

/// An offer drawn by the probabilities of three.
std::size_t draw(const float* p, double chance) { return chance < p[0] ? 0 : chance < p[0] + p[1] ? 1 : 2; }

}  // namespace

int main() {
  const std::size_t visitors = 64;
  double first = 0, taken = 1.0 / 3;

  // [steps]
  ft::Sequential<float> policy{ft::Dense(16, {.activation = ft::tanh}), ft::Dense(3, {.activation = ft::softmax})};
  policy.compile(ft::Adam({.learning_rate = 1e-2}), ft::SparseCategoricalCrossentropy());
  policy.build({2}, 1);
  ft::Trainer<float> trainer(policy, {.batch_size = visitors, .seed = 1, .signed_weights = true});

  std::vector<float> offers(visitors), advantages(visitors);
  for (std::size_t step = 0; step < 400; ++step) {
    const ft::Tensor<float> x = ft::random_normal<float>({visitors, 2}, step), p = policy.predict(x);
    const ft::Random chance = ft::Random(7).stream(step);
    double rewards = 0;
    for (std::size_t i = 0; i < visitors; ++i) {
      const std::size_t offer = draw(&p(i, 0), chance.uniform(i, 0, 1));
      const double reward = offer == favourite(x(i, 0), x(i, 1)) ? 1 : 0;
      offers[i] = static_cast<float>(offer);
      advantages[i] = static_cast<float>(reward - taken);  // better or worse than of late
      rewards += reward / visitors;
    }
    trainer.step(x, offers, advantages);
    taken += 0.05 * (rewards - taken);
    if (step == 0) first = rewards;
  }
  // [steps]
  std::printf("taken %.2f at first, %.2f in the end\n", first, taken);

  const ft::Tensor<float> x = ft::random_normal<float>({visitors, 2}, 1000);
  for (std::size_t i = 0; i < visitors; ++i) offers[i] = static_cast<float>(favourite(x(i, 0), x(i, 1)));
  // [gradients]
  const double loss = trainer.differentiate(x, offers);  // the weights stay
  double squares = 0;
  for (float& g : trainer.gradients("dense/kernel")) {
    squares += static_cast<double>(g) * static_cast<double>(g);
    g *= 0.1f;  // they may be changed
  }
  trainer.update();
  // [gradients]
  std::printf("loss %.3f, slope of the first layer %.3f\n", loss, std::sqrt(squares));
  return std::isfinite(loss) ? 0 : 1;
}
