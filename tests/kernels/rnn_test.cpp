// SPDX-License-Identifier: BSD-3-Clause
#include "levels.hpp"

#include <foretell/kernels/ref/rnn.hpp>
#include <foretell/kernels/rnn.hpp>

using namespace kernel_tests;

namespace {

constexpr std::size_t sizes[] = {1, 3, 4, 7, 8, 9, 16, 31, 64, 65}, steps = 3;

/// Masked at every level, and not: each row's mask `steps` apart, as in a batch of sequences.
template <class T, class Test>
void each_case(Test test) {
  at_every_level([&](Isa) {
    Numbers numbers(3);
    for (const std::size_t u : sizes)
      for (const std::size_t rows : {0u, 1u, 5u})
        for (const bool masked : {false, true}) {
          std::vector<std::uint8_t> mask(rows * steps + 1);
          for (std::size_t r = 0; r < rows; ++r) mask[r * steps] = r % 3 != 1;
          CAPTURE(u);
          CAPTURE(rows);
          CAPTURE(masked);
          test(numbers, rows, u, masked ? mask.data() : nullptr);
        }
  });
}

template <class T>
void check_lstm() {
  each_case<T>([](Numbers& numbers, std::size_t rows, std::size_t u, const std::uint8_t* mask) {
    std::vector<T> z = numbers.vector<T>(rows * 4 * u, -5, 5), c = numbers.vector<T>(rows * u),
                   h(numbers.vector<T>(rows * u)), c_next(rows * u), h_next(rows * u), dh = numbers.vector<T>(rows * u),
                   dc = numbers.vector<T>(rows * u);
    std::vector<double> Z = doubles(z), C = doubles(c), H = doubles(h), C_next(rows * u), H_next(rows * u),
                        DH = doubles(dh), DC = doubles(dc);
    kernels::lstm_step(rows, u, mask, steps, z.data(), c.data(), c_next.data(), h.data(), h_next.data());
    kernels::ref::lstm_step(rows, u, mask, steps, Z.data(), C.data(), C_next.data(), H.data(), H_next.data());
    const double bound = 50 * unit<T>;
    CHECK(worst_error(z, Z) <= bound);
    CHECK(worst_error(c_next, C_next) <= bound);
    CHECK(worst_error(h_next, H_next) <= bound);
    kernels::lstm_step_backward(rows, u, mask, steps, z.data(), c.data(), c_next.data(), dh.data(), dc.data());
    kernels::ref::lstm_step_backward(rows, u, mask, steps, Z.data(), C.data(), C_next.data(), DH.data(), DC.data());
    CHECK(worst_error(z, Z) <= bound);
    CHECK(worst_error(dh, DH) <= bound);
    CHECK(worst_error(dc, DC) <= bound);
    std::vector<T> in_place = c, hidden = h, gates = numbers.vector<T>(rows * 4 * u), same = gates;
    kernels::lstm_step(rows, u, mask, steps, gates.data(), c.data(), c_next.data(), h.data(), h_next.data());
    kernels::lstm_step(rows, u, mask, steps, same.data(), in_place.data(), in_place.data(), hidden.data(),
                       hidden.data());
    CHECK(same_bits(in_place, c_next));
    CHECK(same_bits(hidden, h_next));
  });
}

template <class T>
void check_gru() {
  each_case<T>([](Numbers& numbers, std::size_t rows, std::size_t u, const std::uint8_t* mask) {
    std::vector<T> z = numbers.vector<T>(rows * 4 * u, -5, 5), h = numbers.vector<T>(rows * u), h_next(rows * u),
                   dh = numbers.vector<T>(rows * u);
    std::vector<double> Z = doubles(z), H = doubles(h), H_next(rows * u), DH = doubles(dh);
    kernels::gru_step(rows, u, mask, steps, z.data(), h.data(), h_next.data());
    kernels::ref::gru_step(rows, u, mask, steps, Z.data(), H.data(), H_next.data());
    const double bound = 50 * unit<T>;
    CHECK(worst_error(z, Z) <= bound);
    CHECK(worst_error(h_next, H_next) <= bound);
    kernels::gru_step_backward(rows, u, mask, steps, z.data(), h.data(), dh.data());
    kernels::ref::gru_step_backward(rows, u, mask, steps, Z.data(), H.data(), DH.data());
    CHECK(worst_error(z, Z) <= bound);
    CHECK(worst_error(dh, DH) <= bound);
  });
}

}  // namespace

TEST_CASE("rnn: steps of LSTM and GRU, forward and backward, agree with the naive ones, masked or not") {
  check_lstm<float>();
  check_lstm<double>();
  check_gru<float>();
  check_gru<double>();
}

TEST_CASE("rnn: gates far from zero saturate, NaN stays") {
  at_every_level([](Isa) {
    std::vector<float> z = {500, 500, 500, 500, -500, -500, -500, -500}, c(2, 0.5f), h(2);
    kernels::lstm_step<float>(2, 1, nullptr, 0, z.data(), c.data(), c.data(), h.data(), h.data());
    CHECK(c[0] == doctest::Approx(1.5));
    CHECK(c[1] == 0);
    CHECK(h[1] == 0);
    std::vector<float> q(8, std::numeric_limits<float>::quiet_NaN()), state(2, 0.25f);
    const std::uint8_t mask[] = {1, 0};
    kernels::gru_step<float>(2, 1, mask, 1, q.data(), state.data(), state.data());
    CHECK(std::isnan(state[0]));
    CHECK(state[1] == 0.25f);
  });
}
