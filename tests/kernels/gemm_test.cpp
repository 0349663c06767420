// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>

#include <foretell/kernels/gemm.hpp>
#include <foretell/kernels/ref/gemm.hpp>

#include "levels.hpp"
#include "support/clang_asan.hpp"

using namespace kernel_tests;

namespace {

enum class Form { nn, tn, nt, nt_dots };

/// One random product: sizes, strides with gaps, buffers that end with the last element.
template <class T>
struct Problem {
  Form form;
  std::size_t m, n, k, lda, ldb, ldc;
  std::vector<T> a, b, c, bias;
  bool accumulate;

  Problem(Form f, std::size_t m_, std::size_t n_, std::size_t k_, Numbers& numbers, std::size_t gap)
      : form(f), m(m_), n(n_), k(k_), accumulate(numbers.below(2) == 1) {
    const std::size_t a_rows = form == Form::tn ? k : m;
    const std::size_t a_cols = form == Form::tn ? m : k;
    const std::size_t b_rows = turned() ? n : k;
    const std::size_t b_cols = turned() ? k : n;
    lda = a_cols + numbers.below(gap + 1);
    ldb = b_cols + numbers.below(gap + 1);
    ldc = n + numbers.below(gap + 1);
    a = numbers.vector<T>(a_rows && a_cols ? (a_rows - 1) * lda + a_cols : 0);
    b = numbers.vector<T>(b_rows && b_cols ? (b_rows - 1) * ldb + b_cols : 0);
    c = numbers.vector<T>(m && n ? (m - 1) * ldc + n : 0);
    bias = numbers.vector<T>(n);
  }

  /// Whether it is A B^T.
  bool turned() const { return form == Form::nt || form == Form::nt_dots; }

  std::vector<T> run(std::size_t first, std::size_t rows, kernels::Epilogue<T> e) const {
    std::vector<T> out = c;
    const T* from = form == Form::tn ? a.data() + first : a.data() + first * lda;
    T* to = out.data() + first * ldc;
    if (form == Form::nn) kernels::gemm_nn(rows, n, k, from, lda, b.data(), ldb, to, ldc, accumulate, e);
    if (form == Form::tn) kernels::gemm_tn(rows, n, k, from, lda, b.data(), ldb, to, ldc, accumulate);
    if (form == Form::nt) kernels::gemm_nt(rows, n, k, from, lda, b.data(), ldb, to, ldc, accumulate, e);
    if (form == Form::nt_dots) kernels::gemm_nt_dots(rows, n, k, from, lda, b.data(), ldb, to, ldc, accumulate);
    return out;
  }

  std::vector<double> want(const kernels::Epilogue<T>& e) const {
    const std::vector<double> wide_a = doubles(a);
    const std::vector<double> wide_b = doubles(b);
    const std::vector<double> wide_bias = doubles(bias);
    std::vector<double> out = doubles(c);
    kernels::ref::gemm(m, n, k, wide_a.data(), form == Form::tn ? 1 : lda, form == Form::tn ? lda : 1, wide_b.data(),
                       turned() ? 1 : ldb, turned() ? ldb : 1, out.data(), ldc, accumulate,
                       e.bias ? wide_bias.data() : nullptr, e.activation);
    return out;
  }
};

template <class T>
double allowed(std::size_t k) {
  return unit<T> * (10 + 2 * static_cast<double>(k));
}

template <class T>
void check_against_naive(Form form) {
  at_every_level([&](Isa) {
    Numbers numbers(1);
    for (std::size_t m : odd_sizes)
      for (std::size_t n : odd_sizes)
        for (std::size_t k : odd_sizes) {
          if (m * n * k > 300000 && numbers.below(4) != 0) continue;
          const Problem<T> p(form, m, n, k, numbers, 3);
          kernels::Epilogue<T> e;
          const bool plain = form == Form::tn || form == Form::nt_dots;
          if (!plain && numbers.below(2)) e.bias = p.bias.data();
          if (!plain && numbers.below(2)) e.activation = foretell::relu;
          const double error = worst_error(p.run(0, m, e), p.want(e));
          if (!(error <= allowed<T>(k))) {
            CAPTURE(m);
            CAPTURE(n);
            CAPTURE(k);
            CHECK(error <= allowed<T>(k));
          }
        }
  });
}

}  // namespace

TEST_CASE("gemm: A B agrees with the naive product for odd sizes and strides") {
  check_against_naive<float>(Form::nn);
  check_against_naive<double>(Form::nn);
}
TEST_CASE("gemm: A^T B agrees with the naive product for odd sizes and strides") {
  check_against_naive<float>(Form::tn);
  check_against_naive<double>(Form::tn);
}
TEST_CASE("gemm: A B^T agrees with the naive product for odd sizes and strides") {
  check_against_naive<float>(Form::nt);
  check_against_naive<double>(Form::nt);
}
TEST_CASE("gemm: A B^T as dot products agrees with the naive product for odd sizes and strides") {
  check_against_naive<float>(Form::nt_dots);
  check_against_naive<double>(Form::nt_dots);
}

TEST_CASE("gemm: the transpose is the naive one, nothing else is written") {
  at_every_level([](Isa) {
    Numbers numbers(4);
    for (std::size_t rows : odd_sizes)
      for (std::size_t cols : odd_sizes) {
        const std::size_t ld_in = cols + numbers.below(4), ld_out = rows + numbers.below(4);
        const std::vector<float> in = numbers.vector<float>(rows * ld_in);
        std::vector<float> out(cols * ld_out, 7.0f), want = out;
        kernels::transpose(rows, cols, in.data(), ld_in, out.data(), ld_out);
        kernels::ref::transpose(rows, cols, in.data(), ld_in, want.data(), ld_out);
        CHECK(same_bits(out, want));
      }
  });
}
TEST_CASE("gemm: blocks of rows, columns and k join without a seam") {
  at_every_level([](Isa) {
    Numbers numbers(2);
    for (Form form : {Form::nn, Form::tn, Form::nt})
      for (auto [m, n, k] : {std::array<std::size_t, 3>{131, 497, 515},
                             {258, 33, 300},
                             {37, 250, 257},
                             {1, 700, 301},
                             {6, 11, 600},
                             {129, 1600, 40},
                             {50, 75, 515},
                             {40, 1019, 300},  // rows of B 4096 bytes apart
                             {20, 1019, 70}}) {
        const Problem<float> p(form, m, n, k, numbers, 5);
        const kernels::Epilogue<float> e =
            form == Form::tn ? kernels::Epilogue<float>{} : kernels::Epilogue<float>{p.bias.data()};
        CHECK(worst_error(p.run(0, m, e), p.want(e)) <= allowed<float>(k));
      }
  });
}

TEST_CASE("gemm: a row of a batch has the bits it has alone" * doctest::skip(FORETELL_CLANG_ASAN)) {
  at_every_level([](Isa) {
    Numbers numbers(3);
    for (Form form : {Form::nn, Form::nt, Form::tn})
      for (auto [n, k] : {std::array<std::size_t, 2>{1, 64},
                          {1, 5},
                          {3, 33},
                          {10, 128},
                          {24, 7},
                          {31, 63},
                          {64, 5},
                          {64, 64},
                          {9, 70},
                          {77, 200},
                          {100, 300},
                          {256, 130},
                          {1024, 70}}) {
        const std::size_t m = 67;
        const Problem<float> p(form, m, n, k, numbers, 0);
        const kernels::Epilogue<float> e = form == Form::tn || k == 300  // A B^T without a bias may turn A round
                                               ? kernels::Epilogue<float>{}
                                               : kernels::Epilogue<float>{p.bias.data(), foretell::sigmoid};
        const std::vector<float> whole = p.run(0, m, e);
        bool same = true;
        for (std::size_t first = 0, rows = 1; first < m; first += rows, rows = rows % 9 + 1) {
          rows = std::min(rows, m - first);
          const std::vector<float> part = p.run(first, rows, e);
          same = same && std::equal(part.begin() + static_cast<std::ptrdiff_t>(first * n),
                                    part.begin() + static_cast<std::ptrdiff_t>((first + rows) * n),
                                    whole.begin() + static_cast<std::ptrdiff_t>(first * n));
        }
        CAPTURE(p.n);
        CAPTURE(p.k);
        CHECK(same);
      }
  });
}

TEST_CASE("gemm: every elementwise activation in the epilogue, with and without the value before it") {
  at_every_level([](Isa) {
    Numbers numbers(4);
    for (std::size_t f = 0; f < 14; ++f)
      for (bool keep : {false, true})
        for (std::size_t m : {std::size_t{1}, std::size_t{5}, std::size_t{70}}) {
          const std::size_t n = 33;
          const std::size_t k = 20;
          const Problem<float> p(Form::nn, m, n, k, numbers, 3);
          const foretell::ActivationFunction activation{static_cast<foretell::ActivationKind>(f), 0.3};
          std::vector<float> pre(m * (n + 2), -7.0f);
          kernels::Epilogue<float> e{p.bias.data(), activation};
          if (keep) e.pre_activation = pre.data(), e.pre_stride = n + 2;
          CHECK(worst_error(p.run(0, m, e), p.want(e)) <= 4 * allowed<float>(k));
          if (!keep) continue;
          const std::vector<double> before = p.want({p.bias.data()});
          double worst = 0;
          for (std::size_t i = 0; i < m; ++i)
            for (std::size_t j = 0; j < n; ++j)
              worst = std::fmax(worst, std::abs(static_cast<double>(pre[i * (n + 2) + j]) - before[i * p.ldc + j]));
          CHECK(worst <= 10 * allowed<float>(k));
          CHECK(pre[n] == -7.0f);
        }
  });
}

TEST_CASE("gemm: nothing outside C is written, NaN and infinity come through") {
  at_every_level([](Isa) {
    Numbers numbers(5);
    for (Form form : {Form::nn, Form::tn, Form::nt})
      for (std::size_t n : {std::size_t{1}, std::size_t{10}, std::size_t{40}}) {
        Problem<float> p(form, 9, n, 19, numbers, 4);
        p.accumulate = false;
        std::fill(p.c.begin(), p.c.end(), 77.0f);
        p.a[0] = std::numeric_limits<float>::quiet_NaN();
        const kernels::Epilogue<float> e =
            form == Form::tn ? kernels::Epilogue<float>{} : kernels::Epilogue<float>{nullptr, foretell::relu};
        const std::vector<float> c = p.run(0, p.m, e);
        CHECK(std::isnan(c[0]));
        CHECK(std::isnan(c[n - 1]));
        CHECK(std::isfinite(c[p.ldc]));
        for (std::size_t i = 0; i + 1 < p.m; ++i)
          for (std::size_t j = n; j < p.ldc; ++j) CHECK(c[i * p.ldc + j] == 77.0f);
      }
  });
}

TEST_CASE("gemm: the levels differ by rounding only") {
  Numbers numbers(6);
  const Problem<float> p(Form::nn, 50, 70, 90, numbers, 0);
  std::vector<std::vector<float>> results;
  at_every_level([&](Isa) { results.push_back(p.run(0, p.m, {p.bias.data(), foretell::tanh})); });
  for (const auto& r : results) CHECK(worst_error(r, doubles(results.front())) <= 1e-5);
}
