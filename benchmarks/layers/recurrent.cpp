// SPDX-License-Identifier: BSD-3-Clause
// Recurrent layers: a training step (forward, loss, backward, Adam), the answer to one whole sequence, and that to one
// more event from a kept state; beside each the products of the layer alone, as cblas_sgemm and cblas_sgemv do them.
#include <foretell/foretell.hpp>
#include <foretell/kernels/blas.hpp>

#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

namespace ft = foretell;

namespace {

constexpr std::size_t steps = 50, batch = 64;

ft::Sequential<float> network(const ft::Layer<float>& layer) {
  ft::Sequential<float> model({layer, ft::Dense<float>(1, {.activation = ft::sigmoid})});
  model.compile(ft::Adam(), ft::BinaryCrossentropy());
  return model;
}

void train(benchmark::State& state, const ft::Layer<float>& layer, std::size_t width) {
  ft::Sequential<float> model = network(layer);
  const ft::Tensor<float> x = ft::random_normal<float>({4 * batch, steps, width}, 1);
  ft::Tensor<float> y = ft::zeros<float>({4 * batch, 1});
  for (std::size_t i = 0; i < y.size(); ++i) y(i, 0) = x(i, steps - 1, 0) > 0;
  model.build({steps, width}, 1);
  const ft::Dataset<float> data{
      {ft::Rows<float>(ft::as_array<float>(x))}, {ft::Rows<float>(ft::as_array<float>(y))}, {}};
  ft::TrainStep<float> step(model.network(), model.model().objective(), model.optimizer(), data, batch, 1);
  const std::vector<std::size_t> order = ft::Random(1).permutation(y.size());
  std::size_t next = 0;
  const auto run = [&] {
    const double loss = step.run({next, batch, order.data()});
    next = (next + batch) % order.size();
    return loss;
  };
  const double first = run();
  for (int i = 0; i < 30; ++i) (void)run();
  if (!(run() < first)) return state.SkipWithError("the loss does not fall");
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(run());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}

void sequence(benchmark::State& state, const ft::Layer<float>& layer, std::size_t width) {
  ft::Sequential<float> model = network(layer);
  model.build({steps, width}, 1);
  const ft::Network<float>& built = model.network();
  ft::Workspace<float> workspace(
      std::make_shared<const ft::Program>(built.program(ft::PassMode::inference, built.input_shapes())), 1);
  const ft::Tensor<float> x = ft::random_normal<float>({1, steps, width}, 1);
  const auto context = built.context();
  const float* inputs[] = {x.data()};
  for ([[maybe_unused]] auto _ : state) {
    workspace.forward(context, inputs, 1);
    benchmark::DoNotOptimize(workspace.output(0).data()[0]);
  }
}

void event(benchmark::State& state, const ft::Layer<float>& layer, std::size_t width) {
  ft::Sequential<float> model = network(layer);
  model.build({steps, width}, 1);
  ft::Stream<float> stream(model.network());
  const ft::Tensor<float> x = ft::random_normal<float>({1, steps, width}, 1);
  std::size_t t = 0;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(stream(std::span<const float>(x.data() + t * width, width))[0]);
    if (++t == steps) stream.reset(), t = 0;
  }
}

#if defined(FORETELL_HAVE_CBLAS)

/// The products of a layer with `columns` gate columns, n inputs and u units, on numbers that stay finite.
class Products {
 public:
  Products(std::size_t n, std::size_t u, std::size_t columns)
      : n_(static_cast<int>(n)),
        u_(static_cast<int>(u)),
        wide_(static_cast<int>(columns)),
        x_(steps * batch * n, 0.01f),
        w_(columns * (n + u), 0.01f),
        z_(steps * batch * columns, 0.01f),
        h_(steps * batch * u, 0.01f),
        d_(columns * (n + u)) {}

  void train() {
    constexpr int rows = static_cast<int>(batch), all = static_cast<int>(steps * batch);
    for (std::size_t t = 0; t < steps; ++t) {
      float* z = z_.data() + t * batch * at(wide_);
      gemm(T::no, T::no, rows, wide_, n_, x_.data() + t * batch * at(n_), n_, w_.data(), wide_, 0, z, wide_);
      gemm(T::no, T::no, rows, wide_, u_, h_.data() + t * batch * at(u_), u_, u(), wide_, 1, z, wide_);
    }
    for (std::size_t t = steps; t-- > 0;)
      gemm(T::no, T::yes, rows, u_, wide_, z_.data() + t * batch * at(wide_), wide_, u(), wide_, 0,
           h_.data() + t * batch * at(u_), u_);
    gemm(T::yes, T::no, n_, wide_, all, x_.data(), n_, z_.data(), wide_, 0, d_.data(), wide_);
    gemm(T::yes, T::no, u_, wide_, all, h_.data(), u_, z_.data(), wide_, 0, d_.data() + at(n_) * at(wide_), wide_);
    benchmark::DoNotOptimize(d_.data());
  }
  void sequence(std::size_t count) {
    for (std::size_t t = 0; t < count; ++t) {
      foretell_cblas_sgemv(101, 112, n_, wide_, 1, w_.data(), wide_, x_.data() + t * at(n_), 1, 0, z_.data(), 1);
      foretell_cblas_sgemv(101, 112, u_, wide_, 1, u(), wide_, h_.data(), 1, 1, z_.data(), 1);
    }
    benchmark::DoNotOptimize(z_.data());
  }

 private:
  using T = ft::kernels::blas::Transpose;
  static void gemm(T a_form, T b_form, int m, int n, int k, const float* a, int lda, const float* b, int ldb,
                   float beta, float* c, int ldc) {
    ft::kernels::blas::gemm(a_form, b_form, m, n, k, a, lda, b, ldb, beta, c, ldc);
  }
  static std::size_t at(int n) { return static_cast<std::size_t>(n); }
  const float* u() const { return w_.data() + at(n_) * at(wide_); }

  int n_, u_, wide_;
  std::vector<float> x_, w_, z_, h_, d_;
};

void train_floor(benchmark::State& state, std::size_t n, std::size_t u, std::size_t gates) {
  const ft::kernels::blas::SingleThread one;
  Products products(n, u, gates * u);
  for ([[maybe_unused]] auto _ : state) products.train();
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}
void sequence_floor(benchmark::State& state, std::size_t n, std::size_t u, std::size_t gates, std::size_t count) {
  const ft::kernels::blas::SingleThread one;
  Products products(n, u, gates * u);
  for ([[maybe_unused]] auto _ : state) products.sequence(count);
}
BENCHMARK_CAPTURE(train_floor, lstm_50x32_64, 32, 64, 4);
BENCHMARK_CAPTURE(train_floor, gru_50x64_128, 64, 128, 3);
BENCHMARK_CAPTURE(sequence_floor, lstm_50x32_64, 32, 64, 4, steps);
BENCHMARK_CAPTURE(sequence_floor, gru_50x64_128, 64, 128, 3, steps);
BENCHMARK_CAPTURE(sequence_floor, lstm_event_32_64, 32, 64, 4, 1);

#endif  // FORETELL_HAVE_CBLAS

}  // namespace

BENCHMARK_CAPTURE(train, lstm_50x32_64, ft::LSTM<float>(64), 32);
BENCHMARK_CAPTURE(train, gru_50x64_128, ft::GRU<float>(128), 64);
BENCHMARK_CAPTURE(train, gru_reset_before_50x64_128, ft::GRU<float>(128, {.reset_after = false}), 64);
BENCHMARK_CAPTURE(train, simple_rnn_50x32_64, ft::SimpleRNN<float>(64), 32);
BENCHMARK_CAPTURE(sequence, lstm_50x32_64, ft::LSTM<float>(64), 32);
BENCHMARK_CAPTURE(sequence, gru_50x64_128, ft::GRU<float>(128), 64);
BENCHMARK_CAPTURE(event, lstm_32_64, ft::LSTM<float>(64), 32);
BENCHMARK_CAPTURE(event, gru_64_128, ft::GRU<float>(128), 64);
