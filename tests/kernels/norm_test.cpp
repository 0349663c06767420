// SPDX-License-Identifier: BSD-3-Clause
#include <foretell/kernels/norm.hpp>
#include <foretell/kernels/ref/norm.hpp>

#include "levels.hpp"

using namespace kernel_tests;

namespace {

const double epsilon = 1e-3;

template <class T>
const T* maybe(bool there, const std::vector<T>& x) {
  return there ? x.data() : nullptr;
}
template <class T>
T* maybe(bool there, std::vector<T>& x) {
  return there ? x.data() : nullptr;
}

template <class T>
void check_layer_norm() {
  at_every_level([](Isa) {
    Numbers numbers(1);
    for (std::size_t cols : std::initializer_list<std::size_t>{1, 2, 3, 7, 8, 16, 33, 65, 300})
      for (std::size_t rows : std::initializer_list<std::size_t>{0, 1, 5}) {
        const bool with_gamma = numbers.below(2) == 1;
        const bool with_beta = numbers.below(2) == 1;
        const std::vector<T> x = numbers.vector<T>(rows * cols, 5, 9);
        const std::vector<T> gamma = numbers.vector<T>(cols), beta = numbers.vector<T>(cols),
                             dy = numbers.vector<T>(rows * cols);
        std::vector<T> y(rows * cols), mean(rows), rstd(rows), dgamma(cols, T(1)), dbeta(cols, T(2)), dx(dy);
        const auto X = doubles(x), G = doubles(gamma), B = doubles(beta), DY = doubles(dy);
        std::vector<double> Y(rows * cols), M(rows), R(rows), DG(cols, 1.0), DB(cols, 2.0), DX(rows * cols);
        kernels::layer_norm(rows, cols, x.data(), maybe(with_gamma, gamma), maybe(with_beta, beta), epsilon, y.data(),
                            mean.data(), rstd.data());
        kernels::ref::layer_norm(rows, cols, X.data(), maybe(with_gamma, G), maybe(with_beta, B), epsilon, Y.data(),
                                 M.data(), R.data());
        const double bound = 200 * unit<T>;
        CHECK(worst_error(y, Y) <= bound);
        CHECK(worst_error(mean, M) <= bound);
        CHECK(worst_error(rstd, R) <= bound);
        kernels::layer_norm_backward(rows, cols, x.data(), maybe(with_gamma, gamma), mean.data(), rstd.data(),
                                     dx.data(), dx.data(), maybe(with_gamma, dgamma), maybe(with_beta, dbeta));
        kernels::ref::layer_norm_backward(rows, cols, X.data(), maybe(with_gamma, G), M.data(), R.data(), DY.data(),
                                          DX.data(), maybe(with_gamma, DG), maybe(with_beta, DB));
        CHECK(worst_error(dx, DX) <= bound * 10);
        CHECK(worst_error(dgamma, DG) <= bound);
        CHECK(worst_error(dbeta, DB) <= bound);
      }
  });
}

template <class T>
void check_batch_norm() {
  at_every_level([](Isa) {
    Numbers numbers(2);
    for (std::size_t channels : std::initializer_list<std::size_t>{1, 2, 5, 8, 33, 64, 65, 130})
      for (std::size_t rows : std::initializer_list<std::size_t>{1, 2, 17, 64}) {
        const bool with_gamma = numbers.below(2) == 1;
        const bool with_beta = numbers.below(2) == 1;
        const std::size_t n = rows * channels;
        const std::vector<T> x = numbers.vector<T>(n, -1, 7);
        const std::vector<T> gamma = numbers.vector<T>(channels), beta = numbers.vector<T>(channels),
                             dy = numbers.vector<T>(n);
        std::vector<T> y(n), mean(channels), variance(channels), rstd(channels), dgamma(channels, T(1)),
            dbeta(channels, T(2)), dx(dy);
        const auto X = doubles(x), G = doubles(gamma), B = doubles(beta), DY = doubles(dy);
        std::vector<double> Y(n), M(channels), V(channels), R(channels), DG(channels, 1.0), DB(channels, 2.0), DX(n);
        kernels::batch_norm(rows, channels, x.data(), maybe(with_gamma, gamma), maybe(with_beta, beta), epsilon,
                            y.data(), mean.data(), variance.data(), rstd.data());
        kernels::ref::batch_norm(rows, channels, X.data(), maybe(with_gamma, G), maybe(with_beta, B), epsilon, Y.data(),
                                 M.data(), V.data(), R.data());
        const double bound = 200 * unit<T>;
        CHECK(worst_error(y, Y) <= bound);
        CHECK(worst_error(mean, M) <= bound);
        CHECK(worst_error(variance, V) <= bound);
        CHECK(worst_error(rstd, R) <= bound);
        kernels::batch_norm_backward(rows, channels, x.data(), maybe(with_gamma, gamma), mean.data(), rstd.data(),
                                     dx.data(), dx.data(), maybe(with_gamma, dgamma), maybe(with_beta, dbeta));
        kernels::ref::batch_norm_backward(rows, channels, X.data(), maybe(with_gamma, G), M.data(), R.data(), DY.data(),
                                          DX.data(), maybe(with_gamma, DG), maybe(with_beta, DB));
        CHECK(worst_error(dx, DX) <= bound * 50);
        CHECK(worst_error(dgamma, DG) <= bound * 10);
        CHECK(worst_error(dbeta, DB) <= bound);
        std::vector<T> shifted(x);
        kernels::scale_shift(rows, channels, shifted.data(), gamma.data(), beta.data(), shifted.data());
        std::vector<double> want(n);
        kernels::ref::scale_shift(rows, channels, X.data(), G.data(), B.data(), want.data());
        CHECK(worst_error(shifted, want) <= bound);
      }
  });
}

}  // namespace

TEST_CASE("layer norm: forward and backward agree with the naive ones") {
  check_layer_norm<float>();
  check_layer_norm<double>();
}

TEST_CASE("batch norm: training, backward and inference forms agree with the naive ones") {
  check_batch_norm<float>();
  check_batch_norm<double>();
}

TEST_CASE("norm: a large mean does not spoil the variance") {
  at_every_level([](Isa) {
    std::vector<float> x = {10000.0f, 10001.0f, 10002.0f, 10003.0f};
    std::vector<float> y(4), mean(4), variance(4), rstd(4);
    kernels::layer_norm<float>(1, 4, x.data(), nullptr, nullptr, 0.0, y.data(), mean.data(), rstd.data());
    CHECK(rstd[0] == doctest::Approx(1 / std::sqrt(1.25)).epsilon(1e-6));
    kernels::batch_norm<float>(4, 1, x.data(), nullptr, nullptr, 0.0, y.data(), mean.data(), variance.data(),
                               rstd.data());
    CHECK(variance[0] == doctest::Approx(1.25).epsilon(1e-6));
  });
}
