// SPDX-License-Identifier: BSD-3-Clause
// Parts of your own: a layer, a loss, a metric and a callback, with no base class and no macro.
// Prints: reloaded the same: true
#include <foretell/foretell.hpp>
#include <foretell/testing/check_layer.hpp>

#include <cstdio>

namespace ft = foretell;

// y = x * gain + shift, one learned pair a feature. Values live in the model; the layer keeps handles.
template <class T = float>
struct Affine {
  static constexpr std::string_view type = "example.Affine";
  double start = 1;
  ft::Parameter gain{}, shift{};

  ft::Shape build(ft::Build<T>& b) {
    gain = b.parameter("gain", {b.input().back()}, ft::Constant(start));
    shift = b.parameter("shift", {b.input().back()}, ft::Zeros());
    return b.input();
  }
  void forward(const ft::Pass<T>& pass, ft::In<T> x, ft::Out<T> y) const {
    xt::noalias(ft::as_xt(y)) = ft::as_xt(x) * ft::as_xt(pass[gain]) + ft::as_xt(pass[shift]);
  }
  void backward(const ft::Pass<T>& pass, ft::In<T> x, ft::In<T>, ft::Out<T> dy, ft::Out<T> dx) const {
    xt::noalias(ft::as_xt(pass.gradient(gain))) += xt::sum(ft::as_xt(dy) * ft::as_xt(x), {0});
    xt::noalias(ft::as_xt(pass.gradient(shift))) += xt::sum(ft::as_xt(dy), {0});
    if (dx) xt::noalias(ft::as_xt(dx)) = ft::as_xt(dy) * ft::as_xt(pass[gain]);
  }
  void fields(auto&& f) { f("start", start); }
};

// Absolute error that forgives small mistakes.
struct Tolerant {
  static constexpr std::string_view name = "tolerant";
  double margin = 0.1;
  template <class T>
  T operator()(T truth, T prediction, T& gradient) const {
    const T error = prediction - truth, beyond = std::abs(error) - T(margin);
    gradient = beyond > 0 ? (error > 0 ? T(1) : T(-1)) : T(0);
    return beyond > 0 ? beyond : T(0);
  }
};

int main() {
  ft::testing::check_layer(Affine<double>{.start = 0.5}, ft::Shape{7});  // the check that the built-in layers pass

  const ft::Tensor<float> x = ft::random_normal<float>({512, 3}, 1);
  const ft::Tensor<float> y = xt::eval(xt::view(x, xt::all(), xt::range(0, 1)) * 2.0f + 1.0f);
  ft::Sequential<float> model{Affine<float>{.start = 0.5}, ft::Dense(1)};
  model.compile(ft::Adam({.learning_rate = 0.02}), ft::elementwise_loss(Tolerant{}),
                {ft::metric("worst", [](const ft::Tensor<float>& truth, const ft::Tensor<float>& guess) {
                  return xt::amax(xt::abs(truth - guess))();
                })});
  model.fit(x, y,
            {.batch_size = 32,
             .epochs = 100,
             .callbacks = {ft::on_epoch_end(
                 [](const ft::EpochLogs& logs) { return logs["worst"] < 0.2 ? ft::Flow::stop : ft::Flow::go_on; })},
             .seed = 1,
             .verbose = 0});
  std::printf("worst error %.3f\n", model.evaluate(x, y)["worst"]);

  ft::Registry<float> registry = ft::Registry<float>::builtin();
  registry.add<Affine<float>>();
  model.save("affine.safetensors");
  const auto reloaded = ft::Sequential<float>::load("affine.safetensors", registry);
  std::printf("reloaded the same: %s\n", model.predict(x) == reloaded.predict(x) ? "true" : "false");
}
